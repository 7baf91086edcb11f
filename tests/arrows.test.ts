/**
 * The import arrows are a gate (`node scripts/gates.mjs arrows`); this test shows that the gate bites: a small copy of the
 * house with one forbidden import of each kind must be refused, by the rule that is meant for it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
let house: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'weft-arrows-'));
  cpSync(join(root, '.dependency-cruiser.mjs'), join(house, '.dependency-cruiser.mjs'));
  write('package.json', '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules/typescript'), link('typescript'));
  for (const folder of readdirSync(join(root, 'packages'))) {
    const manifest = readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8');
    write(`packages/${folder}/package.json`, manifest);
    write(`packages/${folder}/src/index.ts`, 'export const here = 1;\n');
    symlinkSync(join(house, 'packages', folder), link((JSON.parse(manifest) as { name: string }).name));
  }
});

/** The place of a module in the copy's node_modules. */
function link(name: string): string {
  const path = join(house, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

afterAll(() => rmSync(house, { recursive: true, force: true }));

/** The rules that the given files break, as `rule: file`. */
function violations(files: Record<string, string>): string[] {
  for (const [path, text] of Object.entries(files)) write(path, text);
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = spawnSync(
    process.execPath,
    [cruiser, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages'],
    { cwd: house, encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  for (const path of Object.keys(files)) rmSync(join(house, path));
  const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string }; from: string }[] } };
  return report.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
}

describe('the import arrows', () => {
  it('allow what the design allows', () => {
    const allowed = violations({
      'packages/frontend/src/a.ts': "import { here } from '@weftjs/graph';\nexport const lazy = () => import('@weftjs/backend-native').then((n) => n.here + here);\n",
      'packages/backend-tfjs/src/a.ts': "export { here } from '@weftjs/graph';\n",
      'packages/backend-tfjs/src/a.test.ts': "export { here } from '@weftjs/conformance';\n",
      'packages/conformance/src/a.ts': "export { here } from '@weftjs/graph';\n",
    });
    expect(allowed).toEqual([]);
  });

  it('refuse every arrow that must not exist', () => {
    const found = violations({
      'packages/graph/src/a.ts': "import type { Layer } from 'weftjs';\nexport type L = Layer;\n",
      'packages/conformance/src/a.ts': "export const engine = () => import('@weftjs/backend-native');\n",
      'packages/backend-onnx/src/a.ts': "export { here } from '../../backend-tfjs/src/index.ts';\n",
      'packages/backend-native/src/a.ts': "export { here } from 'weftjs';\n",
      'packages/backend-tfjs/src/a.test.ts': "export { here } from 'weftjs';\n",
      'packages/frontend/src/a.ts': "export { here } from '@weftjs/backend-tfjs';\n",
      'packages/frontend/src/b.ts': "export { here } from '@weftjs/backend-native';\n",
      'packages/frontend/src/c.ts': "export { here } from './index.ts';\n",
      'packages/frontend/src/d.ts': "import { e } from './e.ts';\nexport const d = () => e;\n",
      'packages/frontend/src/e.ts': "import { d } from './d.ts';\nexport const e = () => d;\n",
      'packages/frontend/src/f.ts': "export { nothing } from 'not-installed';\n",
    });
    expect(found).toEqual([
      'backend-knows-only-graph: packages/backend-native/src/a.ts',
      'backend-knows-only-graph: packages/backend-onnx/src/a.ts',
      'backend-tests-know-graph-and-conformance: packages/backend-tfjs/src/a.test.ts',
      'conformance-knows-only-graph: packages/conformance/src/a.ts',
      'everything-resolves: packages/frontend/src/f.ts',
      'frontend-knows-only-graph-and-native: packages/frontend/src/a.ts',
      'frontend-loads-native-lazily: packages/frontend/src/b.ts',
      'graph-knows-nobody: packages/graph/src/a.ts',
      'no-circular-values: packages/frontend/src/d.ts',
      'not-through-the-own-index: packages/frontend/src/c.ts',
    ]);
  });
});
