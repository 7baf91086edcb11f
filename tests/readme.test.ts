/** What the READMEs show works: each of their TypeScript blocks runs, as a program of its own, with one epoch instead of several. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeBlocks, type CodeBlock } from './support/markdown.ts';

const root = resolve(import.meta.dirname, '..');
const documents = ['README.md', 'packages/frontend/README.md'];

const programsOf = (document: string): CodeBlock[] =>
  codeBlocks(readFileSync(join(root, document), 'utf8')).filter(({ language }) => language === 'ts');

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

for (const document of documents) {
  describe(document, { timeout: 300_000 }, () => {
    const programs = programsOf(document);

    it('shows code', () => expect(programs.length).toBeGreaterThan(0));

    for (const { code, line } of programs) {
      it(`line ${line} runs`, () => {
        const output = run(`${document.replaceAll(/\W/g, '-')}-${line}`, code.replace(/epochs: \d+/, 'epochs: 1'));
        if (code.includes('evaluate')) expect(Number(/accuracy: ([\d.]+)/.exec(output)?.[1])).toBeGreaterThan(0.8);
      });
    }
  });
}
