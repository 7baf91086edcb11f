/**
 * Two threads beside two copies. In each round: one copy alone, two copies at the same time, one with two threads.
 * What two copies do together is all that the machine has to give at that moment.
 */
import { CONTESTANTS } from '../contestants/index.ts';
import type { Missing, ScalingResult } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import type { Scaling } from '../workloads/workload.ts';
import { programOf } from './programs.ts';
import { Runner } from './runner.ts';
import type { Settings } from './settings.ts';

const ONE = 'weft-native-wasm';
const TWO = 'weft-native-wasm-2';

export async function scaling(
  { name, task }: Scaling,
  { rounds, patienceMs }: Settings,
): Promise<ScalingResult | Missing> {
  const start = (contestant: string): Runner => {
    const entry = CONTESTANTS.find((candidate) => candidate.name === contestant);
    if (!entry) throw new Error(`unknown contestant: ${contestant}`);
    return new Runner(contestant, programOf(entry, task));
  };
  const runners = [ONE, ONE, TWO].map(start) as [Runner, Runner, Runner];
  const [first, second, threaded] = runners;
  try {
    for (const runner of runners) {
      const { ready, unable = 'not ready' } = await runner.answer(patienceMs);
      if (!ready) return { workload: name, contestant: runner.name, reason: unable };
    }
    const [alone, together, threads]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      alone.push(...(await first.round(patienceMs)));
      together.push(...(await Promise.all([first.round(patienceMs), second.round(patienceMs)])).flat());
      threads.push(...(await threaded.round(patienceMs)));
    }
    const [oneMs, copiesMs, threadsMs] = [median(alone), median(together), median(threads)];
    const [copiesGain, threadsGain] = [(2 * oneMs) / copiesMs, oneMs / threadsMs];
    return { workload: name, oneMs, copiesMs, threadsMs, copiesGain, threadsGain, ratio: threadsGain / copiesGain };
  } finally {
    for (const runner of runners) runner.end();
  }
}
