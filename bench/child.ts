/**
 * The process of one contestant and one workload. It prepares, warms up, says `ready`, and then times one round for each line that it
 * gets: rounds of all contestants are interleaved by the parent, so that a slow spell of the machine meets everyone.
 */
import { createInterface } from 'node:readline';
import { CONTESTANTS } from './contestants/index.ts';
import { WORKLOADS } from './workloads.ts';

/** Milliseconds that a round should take. */
const ROUND_MS = 300;

const [name = '', workloadName = ''] = process.argv.slice(2);
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const workload = WORKLOADS.find((candidate) => candidate.name === workloadName);
const make = CONTESTANTS[name];
if (!workload || !make) throw new Error(`unknown contestant or workload: ${name} ${workloadName}`);

const started = performance.now();
const contestant = await make();
const loadMs = performance.now() - started;
const preparing = performance.now();
const prepared = await contestant.prepare(workload);
if (typeof prepared === 'string') {
  say({ unable: prepared });
  process.exit(0);
}
await prepared.run(1);
const firstMs = performance.now() - preparing;

// warm up until the time of one run settles, then choose how many make a round
let times = 1;
for (let spent = 0; spent < 2 * ROUND_MS; ) {
  const begin = performance.now();
  await prepared.run(times);
  const took = performance.now() - begin;
  spent += took;
  if (took < ROUND_MS / 2) times *= 2;
}
const probe = performance.now();
await prepared.run(times);
const each = (performance.now() - probe) / times;
times = Math.max(1, Math.round(ROUND_MS / each));
say({ ready: true, versions: contestant.versions, loadMs, firstMs, times });

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'round') break;
  const begin = performance.now();
  await prepared.run(times);
  say({ ms: (performance.now() - begin) / times });
}
process.exit(0);
