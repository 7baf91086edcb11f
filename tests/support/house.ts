/**
 * A temporary copy of the repository's sources, wired so that `@weftjs/*` and `weftjs` mean the copy. Tests scaffold what
 * CONTRIBUTING.md says into it, then type-check it and run its tests, without touching the real tree.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const rootFiles = ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'vitest.config.ts', '.dependency-cruiser.mjs', '.oxlintrc.json'];

export class House {
  readonly root: string;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'weft-house-')));
    for (const file of rootFiles) cpSync(join(root, file), join(this.root, file));
    cpSync(join(root, 'scripts'), join(this.root, 'scripts'), { recursive: true });
    this.#link('node_modules');
    for (const name of readdirSync(join(root, 'packages'))) this.#copyPackage(`packages/${name}`);
  }

  #copyPackage(folder: string): void {
    mkdirSync(join(this.root, folder), { recursive: true });
    for (const file of readdirSync(join(root, folder))) {
      if (file !== 'src' && !file.endsWith('.json')) continue;
      cpSync(join(root, folder, file), join(this.root, folder, file), { recursive: true });
    }
    if (existsSync(join(root, folder, 'node_modules'))) this.#link(`${folder}/node_modules`);
  }

  /** Re-makes a node_modules folder link by link; links to our packages point into the copy. */
  #link(folder: string): void {
    mkdirSync(join(this.root, folder), { recursive: true });
    for (const name of readdirSync(join(root, folder))) {
      if (name.startsWith('.') && name !== '.bin') continue;
      if (name.startsWith('@')) {
        this.#link(`${folder}/${name}`);
        continue;
      }
      const target = realpathSync(join(root, folder, name));
      const inPackages = target.startsWith(join(root, 'packages'));
      symlinkSync(inPackages ? join(this.root, target.slice(root.length)) : target, join(this.root, folder, name), 'junction');
    }
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Runs Node in the copy; `output` holds both streams. */
  node(...args: string[]): { status: number; output: string } {
    const env = { ...process.env, NO_COLOR: '1', WEFT_TEST_REQUIRE: '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: this.root, encoding: 'utf8', env, timeout: 300_000 });
    return { status: status ?? 1, output: stdout + stderr };
  }

  typecheck(project: string): { status: number; output: string } {
    return this.node(join(root, 'node_modules/typescript/bin/tsc'), '-p', project);
  }

  /** `vitest run` with these arguments. */
  vitest(...args: string[]): { status: number; output: string } {
    return this.node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
