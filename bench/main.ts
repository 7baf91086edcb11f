/**
 * Side by side: every contestant does the same work in a process of its own, rounds interleaved, medians reported.
 *
 *   pnpm bench                      all workloads
 *   pnpm bench mlp-128 dot-512      some
 *   pnpm bench --json --rounds=9
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CONTESTANTS } from './contestants/index.ts';
import { requireAgreement } from './report/agreement.ts';
import { WORKLOADS } from './workloads/index.ts';
import { NETS } from './workloads/nets/index.ts';
import type { Workload } from './workloads/workload.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' }, only: { type: 'string' } },
});
const rounds = Number(options.rounds);
const unknown = positionals.filter((name) => !WORKLOADS.some((workload) => workload.name === name || workload.name.startsWith(`${name}-`)));
if (unknown.length > 0) throw new Error(`The workloads are ${WORKLOADS.map(({ name }) => name).join(', ')}. Received: ${unknown.join(', ')}.`);
const chosen = WORKLOADS.filter(({ name }) => positionals.length === 0 || positionals.some((given) => name === given || name.startsWith(`${given}-`)));
const names = Object.keys(CONTESTANTS).filter((name) => !options.only || options.only.split(',').includes(name));

interface Answer {
  readonly ready?: boolean;
  readonly unable?: string;
  readonly blocks?: readonly number[];
  readonly gives?: readonly number[];
  readonly versions?: Record<string, string>;
  readonly loadMs?: number;
  readonly firstMs?: number;
}

/** The process of a contestant, and its answers one by one. */
class Runner {
  readonly name: string;
  readonly times: number[] = [];
  ready: Answer = {};
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(name: string, workload: Workload) {
    this.name = name;
    const child = fileURLToPath(new URL('child.ts', import.meta.url));
    this.child = spawn(process.execPath, [...process.execArgv, child, name, workload.name], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** The next answer; other lines that libraries print are passed over. */
  async answer(): Promise<Answer> {
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) return { unable: `failed: ${this.errors.trim().split('\n').slice(-3).join(' ').slice(0, 300) || 'no output'}` };
      if (value.startsWith('{')) return JSON.parse(value) as Answer;
    }
  }

  async round(): Promise<void> {
    this.child.stdin?.write('round\n');
    const { blocks } = await this.answer();
    if (blocks) this.times.push(...blocks);
  }

  end(): void {
    this.child.stdin?.end();
  }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
if (!options.json) console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}; one thread; medians of ${rounds} interleaved rounds`);

for (const workload of chosen) {
  const runners: Runner[] = [];
  const unable: [string, string][] = [];
  for (const name of names) {
    const runner = new Runner(name, workload);
    runner.ready = await runner.answer();
    if (runner.ready.unable === undefined) runners.push(runner);
    else unable.push([name, runner.ready.unable]);
  }
  requireAgreement(workload.name, runners.map(({ name, ready }) => ({ name, gives: ready.gives ?? [] })));
  for (let round = 0; round < rounds; round++) for (const runner of runners) await runner.round();
  for (const runner of runners) runner.end();

  const gflops = workload.kind === 'dot' ? (ms: number): number => (2 * workload.m * workload.k * workload.n) / ms / 1e6 : null;
  const ours = runners.find(({ name }) => name === 'weft-native-wasm');
  const results = runners
    .map(({ name, times, ready }) => {
      const medianMs = median(times);
      const spread = (Math.max(...times) - Math.min(...times)) / medianMs;
      return {
        workload: workload.name, contestant: name, medianMs, spread, rounds: times.length,
        ...(gflops && { gflops: gflops(medianMs) }),
        ...(ours && { ratioToNative: medianMs / median(ours.times) }),
        loadMs: ready.loadMs, firstMs: ready.firstMs, versions: ready.versions, machine,
      };
    })
    .sort((a, b) => a.medianMs - b.medianMs);

  if (options.json) {
    for (const result of results) console.log(JSON.stringify(result));
    for (const [contestant, reason] of unable) console.log(JSON.stringify({ workload: workload.name, contestant, unable: reason, machine }));
    continue;
  }
  console.log(`\n${workload.name}: ${workload.kind === 'train' ? `one training step: ${NETS[workload.net].description}` : 'one product'}`);
  for (const { contestant, medianMs, spread, gflops: rate, ratioToNative, firstMs } of results) {
    const columns = [
      contestant.padEnd(18), `${medianMs.toFixed(3).padStart(10)} ms`, `±${(50 * spread).toFixed(0)} %`.padStart(7),
      ratioToNative === undefined ? '' : `${ratioToNative.toFixed(2)}×`.padStart(8), rate === undefined ? '' : `${rate.toFixed(1)} GFLOP/s`.padStart(14),
      `first ${(firstMs ?? 0).toFixed(0)} ms`,
    ];
    console.log(`  ${columns.join('  ')}`);
  }
  for (const [contestant, reason] of unable) console.log(`  ${contestant.padEnd(18)}  –  ${reason}`);
}
