/**
 * What public ops share: what they accept, what they give, and how a graph function becomes an op. Write `(x) => g.exp(x)` rather
 * than `g.exp`: webpack keeps an op that nobody uses when a property is read where the op is made.
 */
import type { Value } from '@weftjs/graph';
import { computeOne, type Operand } from '../core/compute.ts';
import type { SymbolicTensor } from '../core/symbolic.ts';
import { asFloat, unify } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';

export type { Operand } from '../core/compute.ts';

/** Symbolic in, symbolic out; everything else gives a tensor. */
export type ResultOf<A> = [Extract<A, SymbolicTensor>] extends [never] ? Tensor : SymbolicTensor;

/** An op of one tensor. */
export type Unary = <A extends Operand>(x: A) => ResultOf<A>;
/** An op of two tensors whose shapes broadcast. */
export type Binary = <A extends Operand, B extends Operand>(a: A, b: B) => ResultOf<A | B>;

/** Applies a graph builder under a name. */
export function apply1<A extends Operand>(
  name: string,
  operands: readonly A[],
  options: unknown,
  build: (values: Value[]) => Value,
): ResultOf<A> {
  return computeOne(name, operands, options, build) as unknown as ResultOf<A>;
}

/** An op of one tensor that keeps its dtype. */
export function unary(name: string, build: (x: Value) => Value): Unary {
  return (x) => apply1(name, [x], null, ([value]) => build(value as Value));
}

/** An op of one tensor that computes in floats: whole numbers and bools become float32. */
export function floatUnary(name: string, build: (x: Value) => Value): Unary {
  return unary(name, (x) => build(asFloat(x)));
}

/** An op of two tensors in their common dtype. */
export function binary(name: string, build: (a: Value, b: Value) => Value, least?: 'int32' | 'float32'): Binary {
  return (a, b) =>
    apply1(name, [a, b] as readonly (typeof a | typeof b)[], null, (values) => {
      const [x, y] = unify(values, least) as [Value, Value];
      return build(x, y);
    });
}
