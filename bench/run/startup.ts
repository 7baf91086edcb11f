/** Starts of every contestant, one after the other, each in a new process. */
import { leftOutOf, meantFor } from '../contestants/index.ts';
import type { Missing, StartupResult } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import type { Startup } from '../workloads/workload.ts';
import type { Started } from './message.ts';
import { nodeProgram, Runner } from './runner.ts';
import type { Settings } from './settings.ts';

/** Starts of each: the first may find cold disks. */
const MOST_STARTS = 3;

const TIMES = ['loadMs', 'buildMs', 'firstMs', 'secondMs', 'compileMs', 'againMs'] as const;

export async function startup(
  workload: Startup,
  { rounds, entries, patienceMs }: Settings,
): Promise<{ startups: StartupResult[]; missing: Missing[] }> {
  const missing: Missing[] = [];
  const starts = new Map<string, Started[]>();
  for (let round = 0; round < Math.min(rounds, MOST_STARTS); round++) {
    for (const entry of meantFor(workload.task, entries)) {
      const { name } = entry;
      if (missing.some(({ contestant }) => contestant === name)) continue;
      const leftOut = entry.load ? leftOutOf(entry, workload.task) : 'it compiles nothing';
      const runner = leftOut ? null : new Runner(name, nodeProgram('startChild.ts', name, workload.name));
      const { started, unable = 'no answer' } = (await runner?.answer(patienceMs)) ?? { unable: leftOut ?? undefined };
      runner?.end();
      if (started) starts.set(name, [...(starts.get(name) ?? []), started]);
      else missing.push({ workload: workload.name, contestant: name, reason: unable });
    }
  }
  const startups = [...starts].map(([contestant, all]): StartupResult => {
    const last = all.at(-1) as Started;
    const medians = TIMES.map((time) => [time, median(all.flatMap((each) => each[time] ?? []))] as const);
    const known = medians.filter(([, value]) => Number.isFinite(value));
    return { ...last, ...Object.fromEntries(known), workload: workload.name, contestant };
  });
  return { startups, missing };
}
