/**
 * CONTRIBUTING.md is true: for each of its checklists, the files it shows are written into a copy of the repository and the
 * edits it shows are made and the commands it shows are run; then the copy must type-check and keep the import arrows.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './support/house.ts';
import { applyDiff, codeBlocks } from './support/markdown.ts';

const root = resolve(import.meta.dirname, '..');
const guide = readFileSync(resolve(root, 'CONTRIBUTING.md'), 'utf8');

/** The part of the guide under a heading. */
function section(heading: string): string {
  const parts = guide.split(/^## /m).filter((part) => part.startsWith(`${heading}\n`));
  expect(parts, `CONTRIBUTING.md has one section "${heading}"`).toHaveLength(1);
  return parts[0] ?? '';
}

/** Does what a section shows, in order: writes files, makes edits, runs commands. Its last act must be a test that passes. */
function follow(house: House, heading: string): void {
  let tested = 0;
  for (const { language, info, code } of codeBlocks(section(heading))) {
    if (language === 'diff') house.write(info, applyDiff(house.read(info), code));
    else if (info !== '') house.write(info, code);
    else for (const line of language === 'sh' ? code.trim().split('\n') : []) tested += command(house, line);
  }
  expect(tested, `"${heading}" runs a test`).toBeGreaterThan(0);
}

/** Runs one line of a shell block; returns how many test runs it was. */
function command(house: House, line: string): number {
  const [program, ...args] = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^"|"$/g, ''));
  if (program === 'mkdir') return 0; // files bring their folders
  if (program === 'cp' && args.length === 2) {
    house.write(args[1] ?? '', house.read(args[0] ?? ''));
    return 0;
  }
  if (program === 'npx' && args[0] === 'vitest' && args[1] === 'run') {
    const { status, output } = house.vitest(...args.slice(2));
    expect(status, output).toBe(0);
    expect(output, output).toMatch(/Tests .*[1-9]\d* passed/);
    return 1;
  }
  throw new Error(`The test of CONTRIBUTING.md does not know this command: ${line}`);
}

describe('the checklists of CONTRIBUTING.md', { timeout: 600_000 }, () => {
  let house: House;

  beforeAll(() => {
    house = new House();
  });
  afterAll(() => house.remove());

  for (const heading of ['Add a layer', 'Add an op', 'Add a backend']) {
    it(`"${heading}" leads to code that works`, () => follow(house, heading));
  }

  it('lead to code that type-checks and keeps the arrows', () => {
    for (const name of ['graph', 'frontend', 'backend-mirror']) {
      expect(house.typecheck(`packages/${name}/tsconfig.json`)).toEqual({ status: 0, output: '' });
    }
    const arrows = house.node('scripts/gates.mjs', 'arrows');
    expect(arrows.status, arrows.output).toBe(0);
  });
});
