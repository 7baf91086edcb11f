/** The memory plan, in terms of the kernels that people see. */
import type { MemoryPlan } from '@weftjs/graph';
import type { Program } from '../fuse/program.ts';
import { bytesOf } from '../kernel/expression.ts';
import { timelineOf, type Lifetime } from '../plan/lifetimes.ts';
import type { Plan } from '../plan/plan.ts';
import { bytesOf as sumOfBytes } from './work.ts';

/** @param scratchBytes all that a run needs besides inputs and outputs */
export function describeMemory({ steps, prologue }: Program, { offsets, lowerBoundBytes, roomBytes }: Plan, scratchBytes: number): MemoryPlan & { readonly lowerBoundBytes: number } {
  const { lifetimes, moments } = timelineOf(steps);
  // steps of control flow are no kernels
  const times = moments.flatMap(({ time, step }) => (step.kind === 'run' || step.kind === 'copy' ? [time] : []));
  const values = [...offsets].map(([storage, offset]) => {
    const { first, last } = lifetimes.get(storage) as Lifetime;
    return { bytes: bytesOf(storage), offset, first: times.findIndex((time) => time >= first), last: times.filter((time) => time <= last).length - 1 };
  });
  return { peakBytes: scratchBytes, lowerBoundBytes, kernelBytes: roomBytes, values, ...(prologue && { preparedBytes: sumOfBytes(prologue.results) }) };
}
