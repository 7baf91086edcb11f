/**
 * The gates: checks of the repository as a whole, run by `npm test` before the tests, or singly by name
 * (`node scripts/gates.mjs arrows`). Each is one command, and passes when that exits with 0.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = (name) => (...args) => () => spawnSync(`node_modules/.bin/${name}`, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;
const script = (name) => () => spawnSync(process.execPath, [`scripts/${name}.mjs`], { stdio: 'inherit' }).status ?? 1;

const folders = ['packages', 'examples', 'bench'].filter((folder) => existsSync(folder));

/** The lockfile must name no host: it works with any registry. */
function lockfile() {
  const bad = readFileSync('pnpm-lock.yaml', 'utf8').split('\n').filter((line) => /tarball:|https?:\/\//.test(line));
  for (const line of bad) console.error(`pnpm-lock.yaml: ${line.trim()}`);
  return bad.length === 0 ? 0 : 1;
}

const checks = {
  lockfile,
  lint: bin('oxlint')('.'),
  arrows: bin('depcruise')('--config', '.dependency-cruiser.mjs', '--output-type', 'err', ...folders),
  typecheck: bin('tsc')('-p', 'tsconfig.json'),
  size: script('size'),
  packages: script('check-packages'),
};

export const gates = Object.keys(checks);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : gates;
  for (const name of names) {
    const check = checks[name];
    if (!check) throw new Error(`gates.mjs: the gates are ${gates.join(', ')}. Received: ${name}.`);
    const started = performance.now();
    const failed = check() !== 0;
    console.log(`gate ${name}: ${failed ? 'FAILED' : 'passed'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    if (failed) process.exitCode = 1;
  }
}
