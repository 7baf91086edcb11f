/**
 * Carries written in place. A turn of a loop makes the next value of each carry; where nothing reads the old one afterwards, the kernel that makes
 * the next writes it into the memory of the old, and there is nothing to copy at the end of the turn.
 */
import type { Storage } from '../kernel/expression.ts';
import { isInPlace } from './inPlace.ts';
import { accessesOf, isSlice, runStep, type Step } from './program.ts';
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
  if (isSlice(next) || isSlice(carried) || steps.some((step) => accessesOf(step).written.has(carried))) return false;
  const [writer, ...others] = steps.filter((step) => accessesOf(step).written.has(next));
  if (others.length > 0 || writer?.kind !== 'run') return false;
  const at = steps.indexOf(writer);
  return steps.every((step, i) => !accessesOf(step).read.has(carried) || i < at || (i === at && isInPlace(writer.kernel, next, carried)));
}

/** The steps with one storage in the place of another; null where a step is more than a kernel, or one that cannot be renamed. */
function renameSteps(steps: readonly Step[], from: Storage, to: Storage): Step[] | null {
  const renamed = steps.map((step): Step | null => {
    const { written, read } = accessesOf(step);
    if (!written.has(from) && !read.has(from)) return step;
    if (step.kind === 'copy' && step.from === from) return { ...step, from: to };
    const kernel = step.kind === 'run' ? renameKernel(step.kernel, new Map([[from, to]])) : null;
    return kernel && runStep(kernel);
  });
  return renamed.every((step) => step !== null) ? renamed : null;
}
