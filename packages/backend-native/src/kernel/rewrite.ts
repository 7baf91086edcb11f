/** Rewriting of expressions when axes are replaced: shared nodes stay shared, accumulators are mapped once. */
import type { Bound, Expression } from './expression.ts';
import { makeAccumulator, type Accumulator } from './nest.ts';
import { substitute, type Axis, type Position } from './position.ts';

export interface Rewriter {
  expression(expression: Expression): Expression;
  accumulator(accumulator: Accumulator): Accumulator;
}

/**
 * A rewriter that puts positions in the place of axes. Accumulators are rebuilt, unless they are to be kept; `guards` may decide a guard:
 * true for inside, false for outside, or the bounds that are left to test.
 */
export function mapExpression(
  axisTo: (axis: Axis) => Position,
  { keepAccumulators = false, guards }: { keepAccumulators?: boolean; guards?: (bounds: readonly Bound[]) => boolean | readonly Bound[] } = {},
): Rewriter {
  const done = new Map<Expression, Expression>();
  const accumulators = new Map<Accumulator, Accumulator>();
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
      case 'load':
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
        return keepAccumulators ? old : { ...old, accumulator: accumulator(old.accumulator) };
      default:
        return old;
    }
  }
  return { expression, accumulator };
}
