/** What the README shows works: each of its TypeScript blocks runs, as a program of its own, with one epoch instead of several. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from './support/markdown.ts';

const root = resolve(import.meta.dirname, '..');
const blocks = codeBlocks(readFileSync(join(root, 'README.md'), 'utf8')).filter(({ language }) => language === 'ts');

/** Runs a program inside the repository, so that `weftjs` means ours; gives its output. */
function run(name: string, code: string): string {
  const folder = join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, code);
  const flags = ['--conditions=weft-source', '--import', './scripts/ts.mjs'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, file], { cwd: root, encoding: 'utf8', timeout: 300_000 });
  rmSync(file);
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

describe('README.md', { timeout: 300_000 }, () => {
  it('shows code', () => expect(blocks.length).toBeGreaterThan(0));

  for (const { code, line } of blocks) {
    it(`line ${line} runs`, () => {
      const output = run(`readme-${line}`, code.replace(/epochs: \d+/, 'epochs: 1'));
      if (code.includes('evaluate')) expect(Number(/accuracy: ([\d.]+)/.exec(output)?.[1])).toBeGreaterThan(0.8);
    });
  }
});
