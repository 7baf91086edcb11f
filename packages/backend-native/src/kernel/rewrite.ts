/** Rewriting of expressions when axes are replaced: shared nodes stay shared, accumulators are mapped once. */
import type { Bound, Expression, Storage } from './expression.ts';
import { makeAccumulator, type Accumulator, type Nest, type Stage, type Store } from './nest.ts';
import { substitute, type Axis, type Position } from './position.ts';

export interface Rewriter {
  expression(expression: Expression): Expression;
  accumulator(accumulator: Accumulator): Accumulator;
  store(store: Store): Store;
  stage(stage: Stage): Stage;
}

export interface RewriteOptions {
  /** Accumulators are rebuilt, unless this is set or says so. */
  readonly keepAccumulators?: boolean | ((accumulator: Accumulator) => boolean);
  /** Decides a guard: true for inside, false for outside, or the bounds that are left to test. */
  readonly guards?: (bounds: readonly Bound[]) => boolean | readonly Bound[];
  /** What to use in the place of a load, whose position is rewritten already; null keeps it. */
  readonly loads?: (storage: Storage, position: Position) => Expression | null;
  /** Where to store in the place of a storage. */
  readonly storesTo?: (storage: Storage) => Storage;
}

/** A rewriter that puts positions in the place of axes. */
export function mapExpression(
  axisTo: (axis: Axis) => Position,
  { keepAccumulators = false, guards, loads, storesTo = (storage) => storage }: RewriteOptions = {},
): Rewriter {
  const done = new Map<Expression, Expression>();
  const accumulators = new Map<Accumulator, Accumulator>();
  const keeps = typeof keepAccumulators === 'function' ? keepAccumulators : (): boolean => keepAccumulators;
  const position = (p: Position): Position => substitute(p, axisTo, expression);

  function accumulator(old: Accumulator): Accumulator {
    let made = accumulators.get(old);
    if (!made) {
      made = makeAccumulator(old.type, expression(old.start), old.start, old.join);
      accumulators.set(old, made);
      made.next = expression(old.next);
    }
    return made;
  }

  function expression(old: Expression): Expression {
    let made = done.get(old);
    if (!made) done.set(old, (made = rebuild(old)));
    return made;
  }

  function rebuild(old: Expression): Expression {
    switch (old.kind) {
      case 'load': {
        const moved = position(old.position);
        return loads?.(old.storage, moved) ?? { ...old, position: moved };
      }
      case 'index':
        return { ...old, position: position(old.position) };
      case 'apply':
      case 'call': {
        const operands = old.operands.map(expression);
        return operands.every((operand, i) => operand === old.operands[i]) ? old : { ...old, operands };
      }
      case 'guard': {
        const bounds = guards?.(old.bounds) ?? old.bounds;
        if (typeof bounds === 'boolean') return expression(bounds ? old.inside : old.outside);
        return {
          ...old,
          bounds: bounds.map((bound) => ({ ...bound, position: position(bound.position) })),
          inside: expression(old.inside),
          outside: expression(old.outside),
        };
      }
      case 'accumulator':
        return keeps(old.accumulator) ? old : { ...old, accumulator: accumulator(old.accumulator) };
      default:
        return old;
    }
  }
  const store = (old: Store): Store => ({ storage: storesTo(old.storage), position: position(old.position), value: expression(old.value) });
  const stage = (old: Stage): Stage => ({ ...old, accumulators: old.accumulators.map(accumulator), stores: old.stores.map(store) });
  return { expression, accumulator, store, stage };
}

export const mapStages = (nest: Nest, rewrite: Rewriter['stage']): Nest => ({ ...nest, stages: nest.stages.map(rewrite) });
