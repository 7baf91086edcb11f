import { describe, expect, it } from 'vitest';
import { isWeftError } from '@weftjs/graph';
import type { NDArray } from '../core/ndarray.ts';
import { ndarray } from '../core/ndarray/convert.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** A file from its header text and data, with the length that the text has. */
function fileOf(header: string, data: Uint8Array | number = 0, length?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + json.length + body.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  file.set(body, 8 + json.length);
  return file;
}

const tensor = (dtype: string, shape: string, begin: number, end: number): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

describe('safetensors', () => {
  it('gives back what was written', () => {
    const tensors: Record<string, NDArray> = {
      'dense/kernel': ndarray([
        [1.5, -2],
        [3, NaN],
      ]),
      scalar: ndarray(7, { dtype: 'int32' }) as NDArray,
      half: ndarray([0.5, 65504], { dtype: 'float16' }) as NDArray,
      mask: ndarray([true, false, true]),
      bytes: ndarray(new Uint8Array([1, 2, 255])),
      empty: ndarray([], { shape: [0, 3] }),
      seeds: ndarray(new Uint32Array([0xffffffff])),
      __proto__x: ndarray([1]),
    };
    const file = encodeSafetensors(tensors, { format: 'weft' });
    expect(String.fromCharCode(file[8] as number)).toBe('{');
    const decoded = decodeSafetensors(file);
    expect(decoded.metadata.get('format')).toBe('weft');
    expect([...decoded.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, array] of decoded.tensors) {
      expect([array.dtype, array.shape, [...array.data]]).toEqual([
        tensors[name]?.dtype,
        tensors[name]?.shape,
        [...(tensors[name]?.data ?? [])],
      ]);
    }
  });

  it('writes the same bytes for the same tensors, aligned', () => {
    const a = encodeSafetensors([
      ['a', ndarray([1])],
      ['b', ndarray(new Uint8Array(1))],
    ]);
    const b = encodeSafetensors([
      ['b', ndarray(new Uint8Array(1))],
      ['a', ndarray([1])],
    ]);
    expect(a).toEqual(b);
    expect(new DataView(a.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it('reads the types that exist only in files', () => {
    const file = (dtype: string, data: ArrayBufferView): Uint8Array =>
      fileOf(`{"x":${tensor(dtype, '[2]', 0, data.byteLength)}}`, new Uint8Array(data.buffer));
    const read = (bytes: Uint8Array): NDArray | undefined => decodeSafetensors(bytes).tensors.get('x');
    expect(read(file('F64', new Float64Array([0.1, 2])))?.toArray()).toEqual([Math.fround(0.1), 2]);
    expect(read(file('BF16', new Uint16Array([0x3f80, 0xc000])))?.toArray()).toEqual([1, -2]);
    expect(read(file('I64', new BigInt64Array([-3n, 9n])))?.toArray()).toEqual([-3, 9]);
    expect(read(file('I8', new Int8Array([-3, 9])))?.dtype).toBe('int32');
    expect(() => read(file('I64', new BigInt64Array([1n << 40n, 0n])))).toThrow('must fit into int32');
  });

  it('accepts white space around the header', () => {
    expect(
      decodeSafetensors(fileOf(`\n {"test":${tensor('I32', '[2,2]', 0, 16)}}   `, 16)).tensors.get('test')?.shape,
    ).toEqual([2, 2]);
    expect(decodeSafetensors(fileOf('{}')).tensors.size).toBe(0);
  });

  it.each<[string, Uint8Array]>([
    ['no length', new Uint8Array(7)],
    ['a header of 2^56 bytes', fileOf('{}', 0, 0xffffff000000003cn)],
    ['a header longer than the file', fileOf('{}', 0, 3n)],
    ['text that is not UTF-8', fileOf('', new Uint8Array([0xff, 0xff]), 2n)],
    ['half an object', fileOf('{')],
    ['an array for a header', fileOf('[]')],
    ['two tensors of one name', fileOf(`{"a":${tensor('U8', '[1]', 0, 1)},"a":${tensor('U8', '[1]', 0, 1)}}`, 1)],
    ['two shapes of one tensor', fileOf('{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,1]}}', 1)],
    ['bytes behind the last tensor', fileOf(`{"test":${tensor('I32', '[2,2]', 0, 16)}}`, 20)],
    ['two bytes too few', fileOf(`{"test":${tensor('I32', '[2,2]', 0, 16)}}`, 14)],
    ['a hole', fileOf(`{"a":${tensor('U8', '[1]', 0, 1)},"b":${tensor('U8', '[1]', 2, 3)}}`, 3)],
    ['overlap', fileOf(`{"a":${tensor('U8', '[2]', 0, 2)},"b":${tensor('U8', '[2]', 1, 3)}}`, 3)],
    ['data that do not start at 0', fileOf(`{"a":${tensor('U8', '[1]', 1, 2)}}`, 2)],
    ['offsets the wrong way round', fileOf(`{"a":${tensor('U8', '[1]', 1, 0)}}`, 1)],
    ['three offsets', fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}', 1)],
    ['a shape that overflows 64 bits', fileOf(`{"a":${tensor('I32', '[2,18446744073709551614]', 0, 16)}}`, 16)],
    ['a shape whose bytes overflow', fileOf(`{"a":${tensor('I32', '[2,9223372036854775807]', 0, 16)}}`, 16)],
    ['a product that wraps to 0', fileOf(`{"a":${tensor('U8', '[65536,65536,65536,65536]', 0, 0)}}`)],
    ['a negative extent', fileOf(`{"a":${tensor('U8', '[-1]', 0, 1)}}`, 1)],
    ['half an extent', fileOf(`{"a":${tensor('U8', '[0.5]', 0, 1)}}`, 1)],
    ['nine axes', fileOf(`{"a":${tensor('U8', '[1,1,1,1,1,1,1,1,1]', 0, 1)}}`, 1)],
    ['a size that differs from the shape', fileOf(`{"a":${tensor('F32', '[2]', 0, 4)}}`, 4)],
    ['an unknown dtype', fileOf(`{"a":${tensor('X9', '[1]', 0, 1)}}`, 1)],
    ['a dtype from the prototype', fileOf(`{"a":${tensor('constructor', '[1]', 0, 1)}}`, 1)],
    ['a bool of 2', fileOf(`{"a":${tensor('BOOL', '[1]', 0, 1)}}`, new Uint8Array([2]))],
    ['metadata that are not text', fileOf('{"__metadata__":{"a":1}}')],
    ['deep nesting', fileOf(`{"a":${'['.repeat(5000)}`)],
    ['a name of 300 characters', fileOf(`{"${'a'.repeat(300)}":${tensor('U8', '[0]', 0, 0)}}`)],
  ])('refuses %s', (_, file) => {
    const start = performance.now();
    let error: unknown;
    try {
      decodeSafetensors(file);
    } catch (caught) {
      error = caught;
    }
    expect(isWeftError(error, 'WEFT_E_FILE')).toBe(true);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('fails with nothing but its own errors on damaged files', () => {
    const good = encodeSafetensors({ a: ndarray([[1, 2]]), b: ndarray([true]) }, { k: 'v' });
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state % below;
    };
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const file = good.slice(0, random(4) === 0 ? random(good.length) : good.length);
      for (let flips = 1 + random(3); flips > 0 && file.length > 0; flips--) file[random(file.length)] = random(256);
      try {
        decodeSafetensors(file);
      } catch (error) {
        if (!isWeftError(error)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it('keeps hostile names away from prototypes', () => {
    const decoded = decodeSafetensors(fileOf(`{"__proto__":${tensor('U8', '[1]', 0, 1)}}`, 1));
    expect([...decoded.tensors.keys()]).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('teaches', () => {
    expect(() => decodeSafetensors(new Uint8Array(3))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A safetensors file must be at least 8 bytes long. Received: 3 bytes. The file is damaged, incomplete, or not safetensors; get it again from its source.]`,
    );
    expect(() => encodeSafetensors({ t: ndarray(['x']) as unknown as NDArray })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: safetensors holds numbers and bools. Received: string[1] for "t". Keep text in the metadata.]`,
    );
    expect(() => encodeSafetensors({ __metadata__: ndarray([1]) })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: The name of a tensor must have 1 to 256 characters, none of them a control character, and not be \`__metadata__\`. Received: "__metadata__". Rename the tensor.]`,
    );
  });
});
