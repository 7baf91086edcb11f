/**
 * The code of the guides runs, as it stands there: all `ts` blocks of a page, in order, are one program. The digits are a few hundred, in
 * a folder that `WEFT_DATA` names, so that the lesson takes seconds.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasets, type NDArray } from 'weftjs';
import { codeBlocks } from './support/markdown.ts';

const root = resolve(import.meta.dirname, '..');
const data = mkdtempSync(join(tmpdir(), 'weft-docs-'));
// inside the repository, where the packages are found
const programs = join(root, 'docs/build');

/** An IDX file: big-endian shape, then bytes. */
function idx(array: NDArray): Uint8Array {
  const { shape } = array;
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  shape.forEach((extent, i) => header.setUint32(4 + 4 * i, extent));
  return Buffer.concat([new Uint8Array(header.buffer), Uint8Array.from(array.data)]);
}

beforeAll(async () => {
  const { train, test } = await datasets.mnist.load({ raw: true, verbose: false });
  const files = {
    'train-images-idx3-ubyte': train.x.slice(0, 600),
    'train-labels-idx1-ubyte': train.y.slice(0, 600),
    't10k-images-idx3-ubyte': test.x.slice(0, 100),
    't10k-labels-idx1-ubyte': test.y.slice(0, 100),
  };
  mkdirSync(join(data, 'mnist'));
  for (const [name, array] of Object.entries(files)) writeFileSync(join(data, 'mnist', name), idx(array as NDArray));
  mkdirSync(programs, { recursive: true });
});

afterAll(() => {
  rmSync(data, { recursive: true, force: true });
  rmSync(programs, { recursive: true, force: true });
});

const pages: Record<string, readonly RegExp[]> = {
  'first-ten-minutes': [/█/, /Total params: 50,890/, /val_accuracy/, /\d+ of 100 are wrong/, /^6$/m, /The largest difference: (0|\d\.?\d*e-|0\.00000)/, /^native \(\w+\): \d+ kernels?$/m],
  'from-keras': [/accuracy: (0\.[89]|1)/, /\[ \[ 1, 2, 3 \] \]/],
  explain: [/kernel +extents +computes/, /\d+ kernels, \d+ dispatches in a step/, /Most time goes to \w+/, /^graph\(/m, /\(p0: i32/],
  'lost-devices': [/^\[ 0, 1 \]$/m, /^1$/m],
  'from-tfjs': [/^18\.9\d*|^19/m, /^14$/m, /\[ 2, 3 \]/, /^6$/m],
};

describe.each(Object.entries(pages))('docs/%s.md', (page, expected) => {
  it('runs as it is written', { timeout: 120_000 }, async () => {
    const blocks = codeBlocks(readFileSync(join(root, `docs/${page}.md`), 'utf8')).filter(({ language }) => language === 'ts');
    expect(blocks.length).toBeGreaterThan(2);
    const program = join(programs, `${page}.ts`);
    writeFileSync(program, blocks.map(({ code }) => code).join('\n'));
    const args = ['--conditions=weft-source', '--import', './scripts/ts.mjs', program];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 100_000, env: { ...process.env, WEFT_DATA: data, NO_COLOR: '1' } });
    for (const pattern of expected) expect(stdout).toMatch(pattern);
    expect(stderr.split('\n').filter((line) => /error/i.test(line))).toEqual([]);
  });
});
