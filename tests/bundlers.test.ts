/**
 * A stranger's application: only `weftjs` is installed, from the tarballs that would be published. It must build with the four
 * common bundlers without a warning, type-check with library checks on, and train when it runs. Needs `npm run build`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLERS, bundle } from '../scripts/bundle.mjs';
import { packAll } from '../scripts/pack.mjs';

const root = resolve(import.meta.dirname, '..');
let app: string;

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  scripts?: Record<string, string>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Unpacks a package of ours, and what it depends on, into the application's node_modules. */
function install(name: string, tarballs: Record<string, string>): void {
  const target = join(app, 'node_modules', name);
  if (existsSync(target)) return;
  mkdirSync(target, { recursive: true });
  const tarball = tarballs[name];
  if (tarball === undefined) throw new Error(`weftjs depends on ${name}, which is not one of our packages: build it in.`);
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
  for (const dependency of Object.keys(manifestOf(target).dependencies ?? {})) install(dependency, tarballs);
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

beforeAll(() => {
  // The real path: on some systems the temporary folder is a link, which bundlers would see through.
  app = realpathSync(mkdtempSync(join(tmpdir(), 'weft-app-')));
  install('weftjs', packAll(join(app, 'packed')));
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module", "sideEffects": true }');
  cpSync(join(root, 'tests/apps'), join(app, 'src'), { recursive: true });
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

/** Trains the bundled model on two blobs in a fresh process, and returns the losses. */
function train(file: string): number[] {
  const script = `
    const { train } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const x = Array.from({ length: 32 }, (_, i) => [i % 2, 1 - (i % 2), 0.5, i / 32]);
    console.log(JSON.stringify(await train(x, x.map(([a]) => a))));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: dirname(file), encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as number[];
}

describe('an application with only weftjs installed', () => {
  it('brings at most 3 MB, no native code and no install scripts', () => {
    const modules = join(app, 'node_modules');
    expect(bytesIn(modules)).toBeLessThan(3e6);
    const files = readdirSync(modules, { recursive: true }).map(String);
    expect(files.filter((file) => /\.(node|so|dll|dylib)$/.test(file))).toEqual([]);
    for (const name of ['weftjs', '@weftjs/graph', '@weftjs/backend-native']) {
      expect(Object.keys(manifestOf(join(modules, name)).scripts ?? {})).toEqual([]);
    }
  });

  for (const tool of BUNDLERS) {
    for (const source of ['mlp.js', 'first-lines.js']) {
      it(`builds src/${source} with ${tool} without warnings, and trains`, async () => {
        const out = join(app, 'out', tool, source);
        const { warnings } = await bundle(tool, join(app, 'src', source), { out });
        expect(warnings).toEqual([]);
        writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
        const losses = train(join(out, source));
        expect(losses).toHaveLength(5);
        expect(losses.every(Number.isFinite)).toBe(true);
        expect(losses[4]).toBeLessThan(losses[0] ?? 0);
      });
    }
  }

  it('type-checks, the shipped declarations included', () => {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2022'];
    const { stdout } = spawnSync(process.execPath, [compiler, ...options, 'src/typed.ts'], { cwd: app, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it('runs the standalone file without any other module', () => {
    const standalone = join(app, 'alone', 'weft.mjs');
    mkdirSync(dirname(standalone));
    cpSync(join(app, 'node_modules/weftjs/dist/standalone.js'), standalone);
    const source = readFileSync(join(app, 'src/first-lines.js'), 'utf8').replace("'weftjs'", "'./weft.mjs'");
    writeFileSync(join(app, 'alone/app.mjs'), source);
    expect(train(join(app, 'alone/app.mjs'))).toHaveLength(5);
  });
});
