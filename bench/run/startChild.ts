/**
 * One start: a new process loads a contestant, makes a model and takes its first step, and tells how long each took.
 */
import { CONTESTANTS } from '../contestants/index.ts';
import { STARTUP } from '../workloads/startup.ts';
import { say } from './message.ts';

const [name = '', workloadName = ''] = process.argv.slice(2);
const workload = STARTUP.find((candidate) => candidate.name === workloadName);
const entry = CONTESTANTS.find((candidate) => candidate.name === name);
if (!workload || !entry?.load) throw new Error(`unknown contestant or workload: ${name} ${workloadName}`);

let last = performance.now();
const lap = (): number => {
  const begin = last;
  last = performance.now();
  return last - begin;
};

const contestant = await entry.load();
const loadMs = lap();
const prepared = await contestant.prepare(workload.task);
if (typeof prepared === 'string') {
  say({ unable: prepared });
  process.exit(0);
}
const buildMs = lap();
const compiled = (): number => contestant.compileMs?.() ?? 0;
const before = compiled();
await prepared.run(1);
const firstMs = lap();
const compileMs = compiled() - before;
await prepared.run(1);
const secondMs = lap();
const report = contestant.report?.() ?? undefined;

// the same once more, by a compiler that has run before
let againMs: number | undefined;
if (contestant.compileMs) {
  const again = await contestant.prepare(workload.task);
  const start = compiled();
  if (typeof again !== 'string') await again.run(1);
  againMs = compiled() - start;
}
say({
  started: {
    versions: contestant.versions,
    loadMs,
    buildMs,
    firstMs,
    secondMs,
    ...(contestant.compileMs && { compileMs, againMs }),
    ...(report && { report }),
  },
});
process.exit(0);
