import { describe, expect, it } from 'vitest';
import { parseCifar } from './cifar.ts';
import { parseIdx } from './idx.ts';
import { readTar } from './tar.ts';

/** A tar archive with one entry a file. */
function tarOf(files: Record<string, string>, kind = '0'): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of Object.entries(files)) {
    const header = new Uint8Array(512);
    const put = (text: string, at: number): void => header.set(new TextEncoder().encode(text), at);
    put(name, 0);
    put(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    put(kind, 156);
    const body = new Uint8Array(Math.ceil(content.length / 512) * 512);
    body.set(new TextEncoder().encode(content));
    blocks.push(header, body);
  }
  return new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
}

describe('IDX', () => {
  it('is read', () => {
    const array = parseIdx(new Uint8Array([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]), 'x');
    expect(array.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it.each([
    ['empty', []],
    ['of another format', [1, 2, 3, 4]],
    ['of floats', [0, 0, 0x0d, 1, 0, 0, 0, 1, 0, 0, 0, 0]],
    ['cut in the header', [0, 0, 8, 2, 0, 0, 0, 2]],
    ['cut in the data', [0, 0, 8, 1, 0, 0, 0, 3, 1, 2]],
    ['enormous on paper', [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255]],
  ])('is refused when %s', (_, bytes) => {
    expect(() => parseIdx(new Uint8Array(bytes), 'x')).toThrow('An IDX file must hold bytes');
  });
});

describe('CIFAR-10', () => {
  it('turns planes into pixels', () => {
    const record = new Uint8Array(3073);
    record[0] = 7;
    record[1] = 10; // red of the first pixel
    record[1 + 1024] = 20;
    record[1 + 2048] = 30;
    const { x, y } = parseCifar(record);
    expect([y.at(0), x.shape, Array.from(x.data.subarray(0, 4))]).toEqual([7, [1, 32, 32, 3], [10, 20, 30, 0]]);
  });

  it('refuses half a record', () => {
    expect(() => parseCifar(new Uint8Array(3000))).toThrow('records of 3073 bytes');
  });
});

describe('tar', () => {
  it('gives plain files, and nothing else', () => {
    expect(
      [...readTar(tarOf({ 'a/b.bin': 'hello', '../../c': 'x'.repeat(600) }))].map(([name, bytes]) => [
        name,
        bytes.length,
      ]),
    ).toEqual([
      ['a/b.bin', 5],
      ['../../c', 600],
    ]);
    expect(readTar(tarOf({ link: '' }, '2')).size).toBe(0);
  });

  it('refuses files that reach past the end', () => {
    const archive = tarOf({ a: 'hello' });
    archive.set(new TextEncoder().encode('77777777777'), 124);
    expect(() => readTar(archive)).toThrow('reaches past the end');
  });
});
