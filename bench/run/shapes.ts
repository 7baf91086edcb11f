/** One contestant at several shapes, in interleaved rounds: the rate at each beside that at the first. */
import { CONTESTANTS } from '../contestants/index.ts';
import type { Missing, ShapeResult } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import type { Shapes } from '../workloads/workload.ts';
import { programOf } from './programs.ts';
import { Runner } from './runner.ts';
import type { Settings } from './settings.ts';

const WHO = 'weft-native-wasm';

export async function shapes(
  { name, tasks }: Shapes,
  { rounds, patienceMs }: Settings,
): Promise<ShapeResult[] | Missing> {
  const entry = CONTESTANTS.find((candidate) => candidate.name === WHO);
  if (!entry) throw new Error(`unknown contestant: ${WHO}`);
  const running = tasks.map((task) => ({
    task,
    runner: new Runner(WHO, programOf(entry, task)),
    blocks: [] as number[],
  }));
  try {
    for (const { runner } of running) {
      const { ready, unable = 'not ready' } = await runner.answer(patienceMs);
      if (!ready) return { workload: name, contestant: WHO, reason: unable };
    }
    for (let round = 0; round < rounds; round++) {
      for (const { runner, blocks } of running) blocks.push(...(await runner.round(patienceMs)));
    }
  } finally {
    for (const { runner } of running) runner.end();
  }
  const rates = running.map(({ task: { m, k, n }, blocks }) => (2 * m * k * n) / median(blocks) / 1e6);
  return running.map(({ task }, i): ShapeResult => {
    const gflops = rates[i] as number;
    return { workload: name, task: task.name, gflops, share: gflops / (rates[0] as number) };
  });
}
