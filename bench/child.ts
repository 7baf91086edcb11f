/**
 * The process of one contestant and one workload. It prepares, warms up, tells what the work gave, and then times one round for each line that
 * it gets: rounds of all contestants are interleaved by the parent, so that a slow spell of the machine meets everyone.
 */
import { createInterface } from 'node:readline';
import { CONTESTANTS } from './contestants/index.ts';
import { measureBlock, warmUp } from './measure.ts';
import { sampled } from './report/agreement.ts';
import { WORKLOADS } from './workloads/index.ts';

/** Blocks of runs in one round. */
const BLOCKS = 3;

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
const { times, ms: each } = await warmUp(prepared.run);
const peakMiB = process.resourceUsage().maxRSS / 1024;
const gives = sampled(await prepared.check());
say({ ready: true, versions: contestant.versions, loadMs, firstMs, peakMiB, times, each, gives });

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'round') break;
  const blocks: number[] = [];
  // what takes seconds is done once a round
  for (let i = 0; i < (each > 1000 ? 1 : BLOCKS); i++) blocks.push(await measureBlock(prepared.run, times));
  say({ blocks });
}
process.exit(0);
