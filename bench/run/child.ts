/**
 * The process of one contestant and one task. It prepares, warms up, tells what the work gave, and then times one
 * round for each line that it gets: rounds of all contestants are interleaved by the parent, so that a slow spell of
 * the machine meets everyone.
 */
import { createInterface } from 'node:readline';
import { CONTESTANTS } from '../contestants/index.ts';
import { sampled } from '../report/agreement.ts';
import { TASKS } from '../workloads/index.ts';
import { measureBlock, warmUp } from './measure.ts';
import { say } from './message.ts';

/** Blocks of runs in one round; what takes a second is done once. */
const BLOCKS = 3;
const LONG_MS = 1000;

const [name = '', taskName = ''] = process.argv.slice(2);
const task = TASKS.find((candidate) => candidate.name === taskName);
const entry = CONTESTANTS.find((candidate) => candidate.name === name);
if (!task || !entry?.load) throw new Error(`unknown contestant or task: ${name} ${taskName}`);

const contestant = await entry.load();
const loaded = process.memoryUsage.rss();
const prepared = await contestant.prepare(task);
if (typeof prepared === 'string') {
  say({ unable: prepared });
  process.exit(0);
}
let most = process.memoryUsage.rss();
const { times, ms } = await warmUp(prepared.run, () => (most = Math.max(most, process.memoryUsage.rss())));
const memoryMiB = Math.max(0, most - loaded) / 2 ** 20;
const gives = sampled(await prepared.check());
// a step on a GPU is measured against what the GPU can do at most
const work = task.onGpu && task.kind === 'train' ? contestant.work?.() : undefined;
say({ ready: { versions: contestant.versions, gpu: contestant.gpu, memoryMiB, ms, work, gives } });

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'round') break;
  const blocks: number[] = [];
  for (let i = 0; i < (ms > LONG_MS ? 1 : BLOCKS); i++) blocks.push(await measureBlock(prepared.run, times));
  say({ blocks });
}
process.exit(0);
