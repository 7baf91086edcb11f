/**
 * Which values of a forward turn are kept for the backward turn. Keeping costs memory for every turn; computing again costs time.
 * Cheap values (elementwise, movement) are computed again whenever what they need is kept anyway, or is no larger than they are.
 */
import type { Value } from '../../core/graph.ts';
import { bytesPerElement, sizeOf } from '../../core/types.ts';

const MOVEMENT: ReadonlySet<string> = new Set(['reshape', 'broadcastTo', 'transpose', 'slice', 'constant', 'iota']);
const isCheap = (value: Value): boolean => value.node !== null && (value.node.def.elementwise || MOVEMENT.has(value.node.op));
const bytesOf = (values: Iterable<Value>): number => {
  let bytes = 0;
  for (const { type } of values) bytes += sizeOf(type.shape) * bytesPerElement(type.dtype);
  return bytes;
};

/**
 * Chooses residuals among the forward values that the backward turn uses.
 * @param used the values that it uses
 * @param given what the backward turn has for nothing: loop-invariant operands and slices
 * @param everything recompute all from the carries (`remat`)
 */
export function chooseResiduals(used: readonly Value[], given: ReadonlySet<Value>, everything: boolean): Value[] {
  const kept = new Set<Value>();
  const keepAlways = (value: Value): boolean => value.node === null || (!everything && !isCheap(value));
  const order = [...used].sort((a, b) => (a.node?.id ?? -1) - (b.node?.id ?? -1));
  for (const value of order) if (!given.has(value) && keepAlways(value)) kept.add(value);
  for (const value of order) {
    if (given.has(value) || kept.has(value)) continue;
    const missing = leavesOf(value, given, kept, everything);
    if (everything || bytesOf(missing) <= bytesOf([value])) missing.forEach((leaf) => kept.add(leaf));
    else kept.add(value);
  }
  return [...kept];
}

/** What must be kept besides to compute `value` again. */
function leavesOf(value: Value, given: ReadonlySet<Value>, kept: ReadonlySet<Value>, everything: boolean): Set<Value> {
  const leaves = new Set<Value>();
  const seen = new Set<Value>();
  const visit = (at: Value): void => {
    if (seen.has(at) || given.has(at) || kept.has(at)) return;
    seen.add(at);
    if (at.node && (everything || isCheap(at))) at.node.inputs.forEach(visit);
    else leaves.add(at);
  };
  visit(value);
  return leaves;
}
