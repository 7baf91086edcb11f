/** Packs every public package as `npm publish` would, into a folder; returns `{ name: tarball path }`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * @param {string} folder
 * @returns {Record<string, string>}
 */
export function packAll(folder) {
  const target = resolve(folder);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const tarballs = {};
  for (const name of readdirSync('packages')) {
    const manifest = JSON.parse(readFileSync(join('packages', name, 'package.json'), 'utf8'));
    execFileSync('npx', ['--yes', 'pnpm@10.34.8', 'pack', '--pack-destination', target], {
      cwd: join('packages', name),
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
    tarballs[manifest.name] = join(target, file);
  }
  return tarballs;
}
