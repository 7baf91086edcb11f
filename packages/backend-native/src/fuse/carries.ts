/**
 * Carries written in place. A turn of a loop makes the next value of each carry; where nothing reads the old one afterwards, the kernel that makes
 * the next writes it into the memory of the old, and there is nothing to copy at the end of the turn.
 */
import type { Storage } from '../kernel/expression.ts';
import { isInPlace } from './inPlace.ts';
import { accessesOf, isSlice, runStep, type Kernel, type Step } from './program.ts';
import { renameKernel } from './rename.ts';

/** @param next where a turn writes the next values @param carried where it reads those of the last turn */
export function carryInPlace(turn: readonly Step[], next: readonly Storage[], carried: readonly Storage[]): Step[] {
  let steps = [...turn];
  const copies: Step[] = [];
  next.forEach((from, i) => {
    const to = carried[i] as Storage;
    const renamed = canTakePlace(steps, from, to) ? renameSteps(steps, from, to) : null;
    if (renamed) steps = renamed;
    else copies.push({ kind: 'copy', from, to });
  });
  return [...steps, ...copies];
}

function canTakePlace(steps: readonly Step[], next: Storage, carried: Storage): boolean {
  if (isSlice(next) || isSlice(carried)) return false;
  const indicesOf = (holds: (step: Step) => boolean): number[] => steps.flatMap((step, i) => (holds(step) ? [i] : []));
  const [at, ...others] = indicesOf((step) => accessesOf(step).written.has(next));
  const writer = steps[at ?? -1];
  if (others.length > 0 || writer?.kind !== 'run' || steps.some((step) => accessesOf(step).written.has(carried))) return false;
  return indicesOf((step) => accessesOf(step).read.has(carried)).every((i) => i < (at as number) || (i === at && isInPlace(writer.kernel, next, carried)));
}

/** The steps with one storage in the place of another; null where a step is more than a kernel, or one that cannot be renamed. */
function renameSteps(steps: readonly Step[], from: Storage, to: Storage): Step[] | null {
  const result: Step[] = [];
  for (const step of steps) {
    const { written, read } = accessesOf(step);
    if (!written.has(from) && !read.has(from)) {
      result.push(step);
      continue;
    }
    const kernel: Kernel | null = step.kind === 'run' ? renameKernel(step.kernel, new Map([[from, to]])) : null;
    if (kernel) result.push(runStep(kernel));
    else if (step.kind === 'copy' && step.from === from) result.push({ ...step, from: to });
    else return null;
  }
  return result;
}
