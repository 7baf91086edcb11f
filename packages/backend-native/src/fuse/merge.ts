/**
 * Kernels with several outputs: an elementwise kernel joins an earlier kernel over the same grid when nothing between the two stands in the
 * way. What the earlier one stores is then used from its registers. So the moments of an optimizer and the weights that they move are one kernel.
 */
import { mapExpression } from '../kernel/rewrite.ts';
import { makeStage, type Store } from '../kernel/nest.ts';
import { along, positionKey, substitute, type Axis } from '../kernel/position.ts';
import type { Expression, Storage } from '../kernel/expression.ts';
import { baseOf, runStep, type Step } from './program.ts';

/** How far back a partner is looked for. */
const WINDOW = 96;
/** Kernels that share no memory are joined only where they are small: to save a call, not traffic. */
const SMALL = 4096;

type Run = Step & { kind: 'run' };

/** @param mostStorages so many storages a kernel may use */
export function mergeKernels(steps: readonly Step[], mostStorages: number): Step[] {
  const result: Step[] = [];
  for (const step of steps) {
    if (step.kind !== 'run' || !isMap(step)) {
      result.push(step);
      continue;
    }
    const at = partnerOf(step, result, mostStorages);
    if (at === null) result.push(step);
    else result[at.index] = at.merged;
  }
  return result;
}

/** A nest of one stage that only stores. */
const isMap = ({ kernel }: Run): boolean => kernel.kind === 'nest' && kernel.stages.length === 1 && kernel.stages[0]?.loop.length === 0 && kernel.stages[0].accumulators.length === 0;

function partnerOf(step: Run, before: readonly Step[], mostStorages: number): { index: number; merged: Run } | null {
  for (let index = before.length - 1; index >= Math.max(0, before.length - WINDOW); index--) {
    const other = before[index] as Step;
    if (other.kind !== 'run') return null;
    const merged = merge(other, step, mostStorages);
    if (merged) return { index, merged };
    const written = new Set(other.written.map(baseOf));
    if (step.read.some((storage) => written.has(baseOf(storage)))) return null;
  }
  return null;
}

/** One kernel for two, or null where that is not possible or not worth while. */
function merge(first: Run, second: Run, mostStorages: number): Run | null {
  const [a, b] = [first.kernel, second.kernel];
  if (a.kind !== 'nest' || b.kind !== 'nest' || a.grid.length !== b.grid.length) return null;
  if (!a.grid.every((axis, i) => axis.extent === b.grid[i]?.extent)) return null;
  const tail = a.stages[a.stages.length - 1];
  if (!tail || tail.loop.length > 0 || tail.accumulators.length > 0) return null;
  const storages = new Set([...first.written, ...first.read, ...second.written, ...second.read]);
  if (storages.size > mostStorages) return null;
  const shared = new Set<Storage>([...first.written, ...first.read].filter(({ size }) => size > 1));
  const size = a.grid.reduce((product, axis) => product * axis.extent, 1);
  if (size > SMALL && !second.read.some((storage) => shared.has(storage))) return null;

  const stored = new Map<Storage, Store>(tail.stores.map((store) => [store.storage, store]));
  let isPossible = true;
  const images = new Map<Axis, Axis>(b.grid.map((axis, i) => [axis, a.grid[i] as Axis]));
  const { expression } = mapExpression((axis) => along(images.get(axis) ?? axis), {
    loads: (storage, position): Expression | null => {
      const store = stored.get(storage);
      if (!store) {
        // memory that the first kernel writes in another way is not ready at this point of the grid
        if (first.written.some((other) => baseOf(other) === baseOf(storage))) isPossible = false;
        return null;
      }
      if (positionKey(position) === positionKey(store.position)) return store.value;
      isPossible = false;
      return null;
    },
  });
  const stores = (b.stages[0]?.stores ?? []).map(({ storage, position, value }) => ({
    storage,
    position: substitute(position, (axis) => along(images.get(axis) ?? axis), expression),
    value: expression(value),
  }));
  if (!isPossible) return null;
  const stages = [...a.stages.slice(0, -1), makeStage({ stores: [...tail.stores, ...stores] })];
  return runStep({ kind: 'nest', name: a.name === b.name ? a.name : `${a.name}, ${b.name}`, ops: [...new Set([...a.ops, ...b.ops])], grid: a.grid, stages }) as Run;
}
