/** Which axis of a nest lies across the lanes of vectors, how many vectors are done at once, and where walks along an axis are cut. */
import { expressionsOf, rootsOf, type Nest, type Stage } from '../kernel/nest.ts';
import type { Expression } from '../kernel/expression.ts';
import { along, plus, type Axis, type Position } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';

/** So many fours are done at once where stages loop, unless the expressions are large. */
const UNROLL = 4;
const UNROLL_LIMIT = 60;
/** The elements of so many fours. */
export const WIDE = UNROLL * 4;

export type Vectorized = 'grid' | 'loop' | 'none';

export const coefficientOf = (position: Position, axis: Axis | undefined): number =>
  position.terms.find(({ atom }) => atom.kind === 'axis' && atom.axis === axis)?.coefficient ?? 0;

/** Whether an axis occurs inside a quotient, a remainder or a computed value. */
const isHidden = (position: Position, axis: Axis): boolean =>
  position.terms.some(({ atom }) => {
    if (atom.kind === 'axis') return false;
    const inside = atom.kind === 'value' ? expressionsOf([atom.value]).flatMap((e) => ('position' in e ? [e.position] : [])) : [atom.of];
    return inside.some((p) => coefficientOf(p, axis) !== 0 || isHidden(p, axis));
  });

/** How badly memory is read when an axis lies across the lanes: 0 where every access is contiguous or the same. */
function disorder(nest: Nest, axisOf: (stage: Stage) => Axis | undefined): number {
  let sum = 0;
  for (const stage of nest.stages) {
    const axis = axisOf(stage);
    if (!axis) continue;
    const weight = stage.loop.length > 0 ? 4 : 1;
    const roots = [...stage.accumulators.map(({ next }) => next), ...stage.stores.map(({ value }) => value)];
    for (const expression of expressionsOf(roots)) {
      if (expression.kind !== 'load') continue;
      const stride = coefficientOf(expression.position, axis);
      if (isHidden(expression.position, axis)) sum += 3 * weight;
      else if (stride !== 0 && stride !== 1) sum += 2 * weight;
    }
    for (const { position } of stage.stores) if (coefficientOf(position, axis) !== 1) sum += 2 * weight;
  }
  return sum;
}

export function chooseVector(nest: Nest): Vectorized {
  const last = nest.grid[nest.grid.length - 1];
  const loops = nest.stages.filter((stage) => stage.loop.length > 0);
  const gridFits = last !== undefined && last.extent >= 4;
  const inner = (stage: Stage): Axis | undefined => stage.loop[stage.loop.length - 1];
  const loopFits = loops.length > 0 && loops.every((stage) => !stage.ordered && (inner(stage) as Axis).extent >= 4);
  if (!gridFits) return loopFits ? 'loop' : 'none';
  if (!loopFits) return 'grid';
  return disorder(nest, inner) <= disorder(nest, () => last) ? 'loop' : 'grid';
}

export const rootsOfStage = (stage: Stage): Expression[] => rootsOf({ stages: [stage] });

/** How much of an axis is walked several fours at a time. */
export const wideExtent = ({ extent }: Axis, roots: readonly Expression[]): number => (expressionsOf(roots).length <= UNROLL_LIMIT ? extent - (extent % WIDE) : 0);

/** Stages that do several fours of an axis at once: copies of everything, each moved on by four. */
export function unroll(stages: readonly Stage[], axis: Axis): Stage[] {
  const own = new Set(stages.flatMap((stage) => stage.accumulators));
  const copies = Array.from({ length: UNROLL }, (_, i) => {
    const moved = (a: Axis): Position => (a === axis ? plus(along(a), 4 * i) : along(a));
    return stages.map(mapExpression(moved, { keepAccumulators: (a) => !own.has(a) }).stage);
  });
  return stages.map((stage, s) => ({
    ...stage,
    accumulators: copies.flatMap((copy) => (copy[s] as Stage).accumulators),
    stores: copies.flatMap((copy) => (copy[s] as Stage).stores),
  }));
}

/** The coefficient of an axis where a position depends on nothing else; else 0. */
const onlyCoefficient = (position: Position, axis: Axis): number => (position.terms.length === 1 ? coefficientOf(position, axis) : 0);

/** The least and the greatest value of a position from one value of an axis to another, where it depends on nothing else. */
export function rangeBetween(position: Position, axis: Axis, first: number, last: number): readonly [number, number] {
  const coefficient = onlyCoefficient(position, axis);
  if (coefficient === 0) return [-Infinity, Infinity];
  const [a, b] = [position.offset + coefficient * first, position.offset + coefficient * last];
  return [Math.min(a, b), Math.max(a, b)];
}

/** Where along an axis guards change, with both ends: [start, …, extent]. No cuts where they would be too many. */
export function cutsAlong(axis: Axis, roots: readonly Expression[], start: number): number[] {
  const cuts = new Set<number>();
  for (const expression of expressionsOf(roots)) {
    if (expression.kind !== 'guard') continue;
    for (const { position, low, high } of expression.bounds) {
      const coefficient = onlyCoefficient(position, axis);
      if (coefficient === 0) continue;
      for (const edge of [low, high]) {
        // the first value of the axis at or past the edge: a position that falls passes it at the element below
        const at = Math.ceil(((coefficient > 0 ? edge : edge - 1) - position.offset) / coefficient);
        if (at > start && at < axis.extent) cuts.add(at);
      }
    }
  }
  const inner = cuts.size > 12 ? [] : [...cuts].sort((a, b) => a - b);
  return [start, ...inner, axis.extent];
}
