/** What the GPU can do at most: medians over rounds. */
import type { CeilingsResult, Missing } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import type { Ceilings } from '../workloads/workload.ts';
import type { Rates } from './message.ts';
import { nodeProgram, Runner } from './runner.ts';
import type { Settings } from './settings.ts';

const WHO = 'webgpu';

export async function ceilings({ name }: Ceilings, { rounds, patienceMs }: Settings): Promise<CeilingsResult | Missing> {
  const runner = new Runner(WHO, nodeProgram('ceilingsChild.ts'));
  try {
    const { ready, unable = 'not ready' } = await runner.answer(patienceMs);
    if (!ready) return { workload: name, contestant: WHO, reason: unable };
    const found: Rates[] = [];
    for (let round = 0; round < rounds; round++) {
      const { rates, unable: reason = 'failed: it stopped while it was measured' } = await runner.ask(patienceMs);
      if (!rates) return { workload: name, contestant: WHO, reason };
      found.push(rates);
    }
    const middle = (rate: keyof Rates): number => median(found.map((rates) => rates[rate]));
    return { workload: name, gpu: ready.gpu ?? 'unknown', copyGBs: middle('copyGBs'), multiplyAddGflops: middle('multiplyAddGflops') };
  } finally {
    runner.end();
  }
}
