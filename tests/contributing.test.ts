/**
 * CONTRIBUTING.md is true: for each of its checklists, the files it shows are written into a copy of the repository and the
 * edits it shows are made; then the copy must type-check, keep the import arrows, and pass the tests that the checklist wrote.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
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

/** Does what a section shows; returns the test files that it wrote. */
function follow(house: House, heading: string): string[] {
  const tests: string[] = [];
  for (const { language, info, code } of codeBlocks(section(heading))) {
    if (info === '') continue;
    if (language === 'diff') house.write(info, applyDiff(house.read(info), code));
    else house.write(info, code);
    if (info.endsWith('.test.ts')) tests.push(info);
  }
  expect(tests.length, `"${heading}" shows at least one test`).toBeGreaterThan(0);
  return tests;
}

describe('the checklists of CONTRIBUTING.md', () => {
  let house: House | undefined;

  afterEach(() => {
    house?.remove();
    house = undefined;
  });

  for (const heading of ['Add a layer', 'Add an op', 'Add a backend']) {
    it(`"${heading}" leads to code that type-checks, keeps the arrows and works`, { timeout: 600_000 }, () => {
      house = new House();
      const tests = follow(house, heading);
      expect(house.typecheck('tsconfig.json')).toEqual({ status: 0, output: '' });
      expect(house.node('scripts/gates.mjs', 'arrows')).toMatchObject({ status: 0 });
      const run = house.test(...tests);
      expect(run.status, run.output).toBe(0);
    });
  }
});
