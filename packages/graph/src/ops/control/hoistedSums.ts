/**
 * The cotangent of a loop-invariant operand is a sum over all turns. Where each turn adds a product, `dW += hᵀ·dz`, the factors are stacked
 * instead, and one product after the loop, contracted over turns as well, replaces the sum: one large `dot` instead of many small.
 */
import type { Value } from '../../core/graph.ts';
import { dot, type DotAttrs } from '../dot.ts';
import { add } from '../elementwise/arithmetic.ts';
import { transpose } from '../movement.ts';
import { reduceSum } from '../reduce.ts';

/** Gives, for a value of the turn, its stack over all turns; null where there is none to be had. */
export type StackOf = (value: Value) => (() => Value) | null;

/** Plans `Σ over turns of value` as a computation after the loop; null when the sum must run inside. */
export function hoistSum(value: Value, stackOf: StackOf): (() => Value) | null {
  const { node } = value;
  if (node === null) return null;
  const [a, b] = node.inputs;
  switch (node.op) {
    case 'dot': {
      const [left, right] = [stackOf(a as Value), stackOf(b as Value)];
      return left && right ? () => dot(left(), right(), overTurns(node.attrs as unknown as DotAttrs)) : null;
    }
    case 'add': {
      if (a?.type.shape.length !== b?.type.shape.length) return null;
      const [left, right] = [hoistSum(a as Value, stackOf), hoistSum(b as Value, stackOf)];
      return left && right ? () => add(left(), right()) : null;
    }
    case 'transpose': {
      const inner = hoistSum(a as Value, stackOf);
      return inner && (() => transpose(inner(), node.attrs.permutation as readonly number[]));
    }
    case 'reduceSum': {
      const inner = stackOf(a as Value);
      const { axes, keepDims } = node.attrs as { axes: readonly number[]; keepDims: boolean };
      if (!inner || keepDims) return null;
      return () => reduceSum(inner(), { axes: [0, ...axes.map((axis) => axis + 1)] });
    }
    default:
      return null;
  }
}

/** The same product with the leading axis of turns contracted. */
function overTurns({ batchA, batchB, contractA, contractB }: DotAttrs): DotAttrs {
  const next = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);
  return { batchA: next(batchA), batchB: next(batchB), contractA: [0, ...next(contractA)], contractB: [0, ...next(contractB)] };
}
