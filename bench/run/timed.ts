/** A task done by everyone: prepared two at a time, compared, then timed in interleaved rounds. */
import { leftOutOf, meantFor, type Entry } from '../contestants/index.ts';
import { requireAgreement } from '../report/agreement.ts';
import type { Missing, Timing } from '../report/results.ts';
import { quartiles } from '../report/statistics.ts';
import type { Task } from '../workloads/workload.ts';
import type { Ready } from './message.ts';
import { Runner } from './runner.ts';
import type { Settings } from './settings.ts';
import { programOf } from './programs.ts';

/** What takes longer than this is measured in two rounds. */
const VERY_LONG_MS = 5000;
const FEW_ROUNDS = 2;
/** Children that prepare at one time: no more than there are cores on small machines. */
const AT_ONCE = 2;

interface Participant {
  readonly runner: Runner;
  readonly ready: Ready;
  readonly blocks: number[];
}

export async function timed(
  task: Task,
  { rounds, entries, patienceMs }: Settings,
): Promise<{ timings: Timing[]; missing: Missing[] }> {
  const missing: Missing[] = [];
  const absent = (contestant: string, reason: string): void =>
    void missing.push({ workload: task.name, contestant, reason });

  const invited = meantFor(task, entries).filter((entry) => {
    const reason = leftOutOf(entry, task);
    if (reason) absent(entry.name, reason);
    return !reason;
  });
  const participants: Participant[] = [];
  const prepare = async (entry: Entry): Promise<void> => {
    const runner = new Runner(entry.name, programOf(entry, task));
    const { ready, unable = 'not ready' } = await runner.answer(patienceMs);
    if (ready) participants.push({ runner, ready, blocks: [] });
    else {
      runner.end();
      absent(entry.name, unable);
    }
  };
  try {
    for (let i = 0; i < invited.length; i += AT_ONCE) await Promise.all(invited.slice(i, i + AT_ONCE).map(prepare));
    requireAgreement(
      task.name,
      participants.map(({ runner: { name }, ready: { gives } }) => ({ name, gives })),
    );
    for (let round = 0; round < rounds; round++) {
      for (const { runner, ready, blocks } of participants) {
        if (ready.ms > VERY_LONG_MS && round >= FEW_ROUNDS) continue;
        blocks.push(...(await runner.round(patienceMs)));
      }
    }
  } finally {
    for (const { runner } of participants) runner.end();
  }
  for (const { runner, blocks } of participants) {
    if (blocks.length === 0) absent(runner.name, 'failed: it stopped while it was measured');
  }
  const gflops = task.kind === 'dot' ? (ms: number): number => (2 * task.m * task.k * task.n) / ms / 1e6 : null;
  const timings = participants
    .filter(({ blocks }) => blocks.length > 0)
    .map(({ runner, ready, blocks }): Timing => {
      const [q1, medianMs, q3] = quartiles(blocks);
      return {
        workload: task.name,
        contestant: runner.name,
        medianMs,
        q1,
        q3,
        blocks: blocks.length,
        memoryMiB: ready.memoryMiB,
        ...(gflops && { gflops: gflops(medianMs) }),
        versions: ready.versions,
        ...(ready.gpu && { gpu: ready.gpu }),
        ...(ready.work && { work: ready.work }),
      };
    });
  return { timings: timings.sort((a, b) => a.medianMs - b.medianMs), missing };
}
