/**
 * Steps in a better order, and kernels that do not depend on each other as one. What only makes outputs waits for the end, where all of it is one
 * kernel: the update of all parameters by an optimizer, the sums of losses and metrics. Any other kernel joins an earlier group that comes after all
 * it needs, best one that reads what it reads: the two gradients of a layer's product, the projections of attention. So gradients of weights are
 * made while what they read is at hand, and do not keep it alive.
 */
import type { Storage } from '../kernel/expression.ts';
import { bitsAs, load } from '../kernel/expression.ts';
import { makeStage, type Nest } from '../kernel/nest.ts';
import { along, makeAxis } from '../kernel/position.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import { canWait, type Surroundings } from './merge/update.ts';
import { accessesOf, runStep, type RunStep, type Step } from './program.ts';

/** How many groups back a place is looked for. */
const WINDOW = 24;

export function groupKernels(steps: readonly Step[], around: Surroundings): Step[] {
  const before = dependenciesOf(steps);
  const needed = new Set([...before.values()].flat());
  const groups: Step[][] = [];
  const last: RunStep[] = [];
  const place = new Map<Step, number>();
  for (const step of steps) {
    const single = step.kind === 'copy' && around.kept.has(step.to) ? runStep(copyNest(step.from, step.to)) : step;
    if (single.kind === 'run' && single.kernel.kind === 'nest' && !needed.has(step) && canWait(single.written, single.read, around)) {
      last.push(single);
      continue;
    }
    let at = groups.length;
    if (step.kind === 'run') {
      const earliest = Math.max(0, groups.length - WINDOW, ...(before.get(step) ?? []).map((other) => (place.get(other) ?? -1) + 1));
      at = placeFor(step, groups, earliest);
    }
    place.set(step, at);
    (groups[at] ??= []).push(step);
  }
  if (last.length > 0) groups.push(last);
  return groups.flatMap((group) => (group.length > 1 ? [asOne(group as RunStep[])] : group));
}

/** The group that a step joins, no earlier than `earliest`: the first that reads the same, else the last; a new one where there is none. */
function placeFor(step: RunStep, groups: readonly Step[][], earliest: number): number {
  const { read } = accessesOf(step);
  const readsAlike = (other: Step): boolean => [...accessesOf(other).read].some((storage) => storage.size > 1 && read.has(storage));
  let found = groups.length;
  for (let at = groups.length - 1; at >= earliest; at--) {
    const group = groups[at] as Step[];
    if (group[0]?.kind === 'run' && (found === groups.length || group.some(readsAlike))) found = at;
  }
  return found;
}

/** For each step, those that must come before it. */
function dependenciesOf(steps: readonly Step[]): Map<Step, readonly Step[]> {
  const writers = new Map<Storage, Step>();
  const readers = new Map<Storage, Step[]>();
  return new Map(steps.map((step) => {
    const { written, read } = accessesOf(step);
    const before = [...[...read, ...written].flatMap((storage) => writers.get(storage) ?? []), ...[...written].flatMap((storage) => readers.get(storage) ?? [])];
    for (const storage of written) {
      writers.set(storage, step);
      readers.delete(storage);
    }
    for (const storage of read) readers.set(storage, [...(readers.get(storage) ?? []), step]);
    return [step, before];
  }));
}

/** One step for kernels that do not depend on each other. */
export function asOne(steps: readonly RunStep[]): Step {
  const parts = steps.map(({ kernel }) => kernel as Nest | TemplateKernel);
  const names = [...new Set(parts.map(({ name }) => name))];
  return runStep({ kind: 'group', name: names.slice(0, 4).join(' | '), ops: [...new Set(parts.flatMap(({ ops }) => ops))], parts });
}

/** A copy as a kernel. */
export function copyNest(from: Storage, to: Storage): Nest {
  const axis = makeAxis(to.size);
  const position = along(axis);
  const store = { storage: to, position, value: bitsAs(load(from, position), to.type) };
  return { kind: 'nest', name: 'copy', ops: [], grid: [axis], stages: [makeStage({ stores: [store] })] };
}
