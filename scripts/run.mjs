/**
 * `npm start` and `npm test` from a fresh clone, with nothing but Node and npm: brings pnpm, installs exactly what the
 * lockfile says, builds, then runs the main example or the tests. Remaining arguments are passed on.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gates } from './gates.mjs';

const PNPM = 'pnpm@10.34.8';
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs a command with our output and without our input; returns its exit status. */
function run(command, args) {
  const windows = process.platform === 'win32';
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], shell: windows });
  if (error) console.error(`${command}: ${error.message}`);
  return status ?? 1;
}

/** Runs a step that everything after it needs. */
function must(command, args) {
  const status = run(command, args);
  if (status !== 0) process.exit(status);
}

const pnpm = (...args) => ['npx', ['--yes', PNPM, ...args]];

function prepare() {
  must(...pnpm('install', '--frozen-lockfile', '--reporter=append-only'));
  must(...pnpm('run', 'build'));
}

function start(args) {
  prepare();
  return run(process.execPath, ['--import', './scripts/ts.mjs', 'examples/mnist-cnn/main.ts', ...args]);
}

/** Everything: the gates, then all tests; the last line is `N passed, N failed, N skipped`. Arguments go to vitest instead. */
function test(args) {
  prepare();
  rmSync('.reports/tally.json', { force: true });
  const failedGates = args.length > 0 ? [] : gates.filter((gate) => run(process.execPath, ['scripts/gates.mjs', gate]) !== 0);
  const passedGates = args.length > 0 ? 0 : gates.length - failedGates.length;
  const status = run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args]);
  const tally = readTally();
  tally.passed += passedGates;
  tally.failed += failedGates.length;
  if (status !== 0 && tally.failed === 0) tally.failed = 1;
  for (const gate of failedGates) console.error(`gate failed: ${gate} (node scripts/gates.mjs ${gate})`);
  const line = `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
  writeFileSync('.reports/tally.txt', `${line}\n`);
  console.log(line);
  return tally.failed > 0 ? 1 : 0;
}

function readTally() {
  try {
    return JSON.parse(readFileSync('.reports/tally.json', 'utf8'));
  } catch {
    console.error('vitest left no tally: it did not finish.');
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const [command, ...args] = process.argv.slice(2);
if (command === 'start') process.exitCode = start(args);
else if (command === 'test') process.exitCode = test(args);
else {
  console.error(`run.mjs: the command must be "start" or "test". Received: ${command}.`);
  process.exitCode = 1;
}
