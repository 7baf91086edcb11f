/**
 * Scalar expressions: what a kernel computes for one element. They are typed, immutable and shared (a graph without cycles, not a tree):
 * a printer gives a node that is used twice a local. Both targets print exactly these kinds:
 *
 * - `literal`; `load` of one element of a buffer at a position; `index`, a position as an int32;
 * - `apply`, a machine operation (see {@link Operation}); `call`, a function of the library in functions.ts, printed once a module;
 * - `guard`: `inside` where every bound holds, else `outside`. It is lazy: `inside` may only be evaluated where the bounds hold, since its
 *   loads would be out of range elsewhere;
 * - `accumulator`: the running or final value of a reduction of the nest; `parameter`: an argument of a library function.
 *
 * A bool is a truth value here; in memory it is a 32-bit word, 0 or 1. A float16 is a float32 here, which was rounded to
 * one (`half`); in memory it takes two bytes, an element of any other dtype four.
 */
import type { Accumulator } from './nest.ts';
import type { Position } from './position.ts';

export type ScalarType = 'float32' | 'int32' | 'uint32' | 'bool';

/** A tensor in memory: row-major words. Where it lies is the planner's affair. */
export interface Storage {
  readonly id: number;
  readonly type: ScalarType;
  /** Number of elements. */
  readonly size: number;
  /** Bytes of an element in memory: 2 for float16. */
  readonly width: 2 | 4;
}

/** The bytes of a storage, in whole words. */
export const bytesOf = ({ size, width }: Pick<Storage, 'size' | 'width'>): number => Math.ceil((size * width) / 4) * 4;

/**
 * Machine operations. Operands of one type unless said. Integers wrap. `min` and `max` of floats give NaN where either is NaN (WGSL may not).
 * `divide` of integers truncates, and gives 0 for a zero divisor. Shift amounts count modulo 32; `shiftRight` follows
 * the type's sign. `nearest` rounds halves to even. Comparisons give bool; `and`, `or`, `xor`, `not` also work on bool. `select(c, a, b)` takes a bool first
 * and may evaluate both. `convert` changes the number's type (floats to integers saturate, NaN to 0; int32 and uint32 keep their bits; to bool is
 * ≠ 0); `bits` reinterprets the 32 bits. `half` is the float16 nearest to a float32, as a float32: infinite where that is
 * too large.
 */
export type Operation =
  | 'add' | 'sub' | 'mul' | 'divide' | 'min' | 'max' | 'neg' | 'abs'
  | 'sqrt' | 'floor' | 'ceil' | 'nearest'
  | 'and' | 'or' | 'xor' | 'not' | 'shiftLeft' | 'shiftRight'
  | 'equal' | 'notEqual' | 'less' | 'lessEqual' | 'greater' | 'greaterEqual'
  | 'select' | 'convert' | 'bits' | 'half';

/** low ≤ position < high */
export interface Bound {
  readonly position: Position;
  readonly low: number;
  readonly high: number;
}

export type Expression =
  | { readonly kind: 'literal'; readonly type: ScalarType; readonly value: number }
  | { readonly kind: 'load'; readonly type: ScalarType; readonly storage: Storage; readonly position: Position }
  | { readonly kind: 'index'; readonly type: 'int32'; readonly position: Position }
  | { readonly kind: 'apply'; readonly type: ScalarType; readonly operation: Operation; readonly operands: readonly Expression[] }
  | { readonly kind: 'call'; readonly type: ScalarType; readonly name: string; readonly operands: readonly Expression[] }
  | { readonly kind: 'guard'; readonly type: ScalarType; readonly bounds: readonly Bound[]; readonly inside: Expression; readonly outside: Expression }
  | { readonly kind: 'accumulator'; readonly type: ScalarType; readonly accumulator: Accumulator }
  | { readonly kind: 'parameter'; readonly type: ScalarType; readonly index: number };

export const literal = (type: ScalarType, value: number): Expression => ({ kind: 'literal', type, value });
export const float = (value: number): Expression => literal('float32', value);
export const int = (value: number): Expression => literal('int32', value);
export const uint = (value: number): Expression => literal('uint32', value >>> 0);

export const load = (storage: Storage, position: Position): Expression => ({ kind: 'load', type: storage.type, storage, position });

/** A position as a number. */
export const indexOf = (position: Position): Expression =>
  position.terms.length === 0 ? int(position.offset) : { kind: 'index', type: 'int32', position };

const COMPARISONS: ReadonlySet<Operation> = new Set(['equal', 'notEqual', 'less', 'lessEqual', 'greater', 'greaterEqual']);

/** Applies a machine operation; the type follows from the operands. */
export function apply(operation: Operation, ...operands: Expression[]): Expression {
  const type = COMPARISONS.has(operation) ? 'bool' : ((operation === 'select' ? operands[1] : operands[0]) as Expression).type;
  return { kind: 'apply', type, operation, operands };
}

export const convert = (value: Expression, type: ScalarType): Expression => {
  if (value.type === type) return value;
  // Every small integer is the same in all types.
  if (value.kind === 'literal' && Number.isInteger(value.value) && value.value >= 0 && value.value < 2 ** 24 && type !== 'bool') {
    return literal(type, value.value);
  }
  return { kind: 'apply', type, operation: 'convert', operands: [value] };
};

/** The 32 bits of `value` as another type. */
export const bitsAs = (value: Expression, type: ScalarType): Expression =>
  value.type === type ? value : { kind: 'apply', type, operation: 'bits', operands: [value] };

export const select = (condition: Expression, a: Expression, b: Expression): Expression => apply('select', condition, a, b);

/** Calls a library function on float32 operands. */
export const call = (name: string, ...operands: Expression[]): Expression => ({ kind: 'call', type: 'float32', name, operands });

export const accumulated = (accumulator: Accumulator): Expression => ({ kind: 'accumulator', type: accumulator.type, accumulator });

/** `inside` where all bounds hold; a bound that always holds is left out. */
export function guard(bounds: readonly Bound[], inside: Expression, outside: Expression): Expression {
  return bounds.length === 0 ? inside : { kind: 'guard', type: inside.type, bounds, inside, outside };
}

/** The expressions that `expression` uses directly, those inside positions included. */
export function childrenOf(expression: Expression): readonly Expression[] {
  if ('operands' in expression) return expression.operands;
  const values = positionsOf(expression).flatMap(valuesIn);
  return expression.kind === 'guard' ? [...values, expression.inside, expression.outside] : values;
}

/** The positions that `expression` uses directly. */
export function positionsOf(expression: Expression): readonly Position[] {
  if ('position' in expression) return [expression.position];
  return expression.kind === 'guard' ? expression.bounds.map((bound) => bound.position) : [];
}

/** The computed values inside a position. */
export function valuesIn({ terms }: Position): Expression[] {
  return terms.flatMap(({ atom }) => (atom.kind === 'value' ? [atom.value] : atom.kind === 'axis' ? [] : valuesIn(atom.of)));
}
