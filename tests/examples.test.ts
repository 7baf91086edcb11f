/** Every example runs, on a small slice of its data, and says what its README promises. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const texts = mkdtempSync(join(tmpdir(), 'weft-examples-'));

beforeAll(() => {
  writeFileSync(join(texts, 'tinyshakespeare.txt'), 'To write is to choose, and to choose is to leave out.\n'.repeat(40));
});
afterAll(() => rmSync(texts, { recursive: true, force: true }));

/** What an example prints. */
async function run(name: string, options: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const args = ['--conditions=weft-source', '--import', './scripts/ts.mjs', `examples/${name}/main.ts`, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 120_000, env: { ...process.env, NO_COLOR: '1', ...env } });
  return stdout;
}

const examples: Record<string, { options: readonly string[]; expected: RegExp; env?: Record<string, string> }> = {
  'mnist-cnn': { options: ['--samples=320', '--epochs=1'], expected: /^Test accuracy: 0\.\d{4}$/m },
  penguins: { options: ['--epochs=20'], expected: /^Test accuracy: (0\.[89]|1)\d*$/m },
  'auto-mpg': { options: ['--epochs=10'], expected: /^Mean absolute error: \d\.\d\d miles per gallon$/m },
  'custom-training-loop': { options: ['--epochs=3', '--samples=64'], expected: /^Largest difference between their weights: (0\.0e\+0|\d\.\de-(0?[6-9]|1\d))$/m },
  'custom-layer': { options: ['--epochs=3', '--samples=64'], expected: /sharpness: 2[^]*Within two miles per gallon: \d+\.\d %/ },
  'char-rnn': { options: ['--epochs=1', '--samples=32', '--length=20'], expected: /^Loss: \d\.\d+ → \d\.\d+/m, env: { WEFT_DATA: texts } },
  'swap-backends': {
    options: ['--epochs=1', '--samples=128', '--backend=native', '--target=wasm'],
    expected: /^native \(wasm\) +identical +0\.0e\+0 +\d\.\d{4} +0\.0e\+0/m,
  },
};

describe('the examples', { timeout: 120_000 }, () => {
  for (const [name, { options, expected, env }] of Object.entries(examples)) {
    it(`${name} runs`, async () => {
      expect(await run(name, options, env)).toMatch(expected);
    });
  }

  it('penguins runs on another engine', async () => {
    expect(await run('penguins', ['--epochs=1', '--backend=tfjs', '--target=cpu'])).toMatch(/^Test accuracy: /m);
  });

  it('each has a README, and is tested here or as a page', () => {
    const folders = readdirSync(join(root, 'examples'), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
    for (const folder of folders) expect(existsSync(join(root, 'examples', folder, 'README.md')), folder).toBe(true);
    expect(folders.filter((folder) => existsSync(join(root, 'examples', folder, 'main.ts'))).sort()).toEqual(Object.keys(examples).sort());
  });
});
