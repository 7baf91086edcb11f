/**
 * Loop nests: the kernels that both targets print from one description.
 *
 * A nest has a *grid* of independent points (a GPU thread or workgroup each; plain loops on a processor) and, at each point, a list of
 * *stages* done in order. A stage loops over its own axes; at each turn it first updates its accumulators, then stores.
 *
 * - elementwise: the grid is the whole shape, one stage without loop, one store or several (several outputs);
 * - reduction: the grid is what is kept; a stage whose loop is what is summed, then a stage without loop that stores the result (and
 *   whatever elementwise tail was fused onto it);
 * - row kernel (softmax): the grid is the rows; a stage for the maximum, one for the sum, one that stores along the row;
 * - running sum: a stage that accumulates and stores in the same turn; it is `ordered`.
 *
 * Stores of a nest never read what another point writes; a load of a storage that the nest also stores is at the same element (in place).
 */
import { childrenOf, positionsOf, type Expression, type ScalarType, type Storage } from './expression.ts';
import { along, at, extentOf, makeAxis, type Axis, type Position } from './position.ts';
import { mapExpression } from './rewrite.ts';

/** How partial results join: a printer may then split the loop and use any tree. */
export type Join = 'add' | 'mul' | 'min' | 'max' | 'and' | 'or';

/** A value carried through a loop: starts as `start`, and each turn becomes `next`, which may read accumulators of the stage as they were before. */
export interface Accumulator {
  readonly id: number;
  readonly type: ScalarType;
  readonly start: Expression;
  /** With a join, `next` is one turn's contribution only; without, the new value. */
  next: Expression;
  readonly join?: Join;
}

export interface Store {
  readonly storage: Storage;
  readonly position: Position;
  readonly value: Expression;
}

export interface Stage {
  /** Outermost first; empty: one turn. */
  readonly loop: readonly Axis[];
  readonly accumulators: readonly Accumulator[];
  readonly stores: readonly Store[];
  /** Turns must run in order: stores read running accumulators, or accumulators have no join. */
  readonly ordered: boolean;
}

export interface Nest {
  readonly kind: 'nest';
  /** For people. */
  readonly name: string;
  /** The ops it computes, for people. */
  readonly ops: readonly string[];
  /** Outermost first; the last is contiguous where there is a choice. */
  readonly grid: readonly Axis[];
  readonly stages: readonly Stage[];
}

let nextAccumulator = 0;

export function makeAccumulator(type: ScalarType, start: Expression, next: Expression, join?: Join): Accumulator {
  return { id: nextAccumulator++, type, start, next, ...(join && { join }) };
}

export function makeStage(stage: Partial<Stage>): Stage {
  const { loop = [], accumulators = [], stores = [] } = stage;
  return {
    loop,
    accumulators,
    stores,
    ordered: stage.ordered ?? (accumulators.some(({ join }) => !join) || (accumulators.length > 0 && stores.length > 0)),
  };
}

/** All expressions at which evaluation of a nest begins. */
export function rootsOf(nest: Pick<Nest, 'stages'>): Expression[] {
  return nest.stages.flatMap((stage) => [
    ...stage.accumulators.flatMap(({ start, next }) => [start, next]),
    ...stage.stores.map(({ value }) => value),
  ]);
}

/** Every expression of a nest, once; what a node uses comes before it. */
export function expressionsOf(roots: readonly Expression[]): Expression[] {
  const seen = new Set<Expression>();
  const visit = (expression: Expression): void => {
    if (seen.has(expression)) return;
    childrenOf(expression).forEach(visit);
    seen.add(expression);
  };
  roots.forEach(visit);
  return [...seen];
}

/** Stages do not change, and are asked for their expressions by every pass. */
const knownExpressions = /* @__PURE__ */ new WeakMap<Stage, readonly Expression[]>();

/** Every expression of a stage, once; what a node uses comes before it. */
export function expressionsOfStage(stage: Stage): readonly Expression[] {
  let known = knownExpressions.get(stage);
  if (!known) knownExpressions.set(stage, (known = expressionsOf(rootsOf({ stages: [stage] }))));
  return known;
}

/** The storages that a nest reads and writes, each once: what is written first, both in order of appearance. */
export function storagesOf({ stages }: Pick<Nest, 'stages'>): { written: Storage[]; read: Storage[] } {
  const written = new Set(stages.flatMap((stage) => stage.stores.map(({ storage }) => storage)));
  const read = new Set<Storage>();
  for (const stage of stages) for (const expression of expressionsOfStage(stage)) if (expression.kind === 'load') read.add(expression.storage);
  return { written: [...written], read: [...read] };
}

/**
 * Joins neighbouring axes that all positions walk as one, so that loops are few and long: axes a, b with a's coefficient everywhere b's times
 * b's extent. Grid axes of extent 1 vanish.
 */
export function collapse(nest: Nest): Nest {
  // the positions inside quotients and remainders count too
  const flat: Position[] = [];
  const gather = (position: Position): void => {
    flat.push(position);
    for (const { atom } of position.terms) if ('of' in atom) gather(atom.of);
  };
  expressionsOf(rootsOf(nest)).flatMap(positionsOf).forEach(gather);
  for (const { stores } of nest.stages) for (const { position } of stores) gather(position);
  const coefficient = ({ terms }: Position, axis: Axis): number => terms.find(({ atom }) => atom.kind === 'axis' && atom.axis === axis)?.coefficient ?? 0;
  const walkAsOne = (outer: Axis, inner: Axis): boolean => flat.every((p) => coefficient(p, outer) === coefficient(p, inner) * inner.extent);

  const images = new Map<Axis, Position>();
  const joinAxes = (axes: readonly Axis[]): Axis[] => {
    const groups: Axis[][] = [];
    let last: Axis | null = null;
    for (const axis of axes) {
      images.set(axis, at(0));
      if (axis.extent === 1) continue;
      if (last && walkAsOne(last, axis)) groups[groups.length - 1]?.push(axis);
      else groups.push([axis]);
      last = axis;
    }
    return groups.map((group) => {
      const joined = group.length > 1 ? makeAxis(extentOf(group)) : (group[0] as Axis);
      // only the last axis of a group keeps a coefficient: its own, which is the joined axis's
      images.set(group[group.length - 1] as Axis, along(joined));
      return joined;
    });
  };
  const grid = joinAxes(nest.grid);
  const loops = nest.stages.map((stage) => joinAxes(stage.loop));
  if (grid.length === nest.grid.length && loops.every((loop, i) => loop.length === nest.stages[i]?.loop.length)) return nest;
  const rewrite = mapExpression((axis) => images.get(axis) ?? along(axis));
  return {
    ...nest,
    grid,
    stages: nest.stages.map((stage, i) => ({
      ...stage,
      loop: loops[i] as Axis[],
      accumulators: stage.accumulators.map(rewrite.accumulator),
      stores: stage.stores.map(rewrite.store),
    })),
  };
}
