/** Comparison, logic and choice. */
import * as g from '@weftjs/graph';
import { isFloat, type Value } from '@weftjs/graph';
import { unify } from '../core/tensor/convert.ts';
import { apply1, binary, unary, type Operand, type ResultOf } from './define.ts';

const truth = (x: Value): Value => g.cast(x, 'bool');
const ordered = (x: Value): Value => (x.type.dtype === 'bool' ? g.cast(x, 'int32') : x);

/** a = b */
export const equal = /* @__PURE__ */ binary('equal', (a, b) => g.equal(a, b));
/** a ≠ b */
export const notEqual = /* @__PURE__ */ binary('notEqual', (a, b) => g.notEqual(a, b));
/** a < b */
export const less = /* @__PURE__ */ binary('less', (a, b) => g.less(ordered(a), ordered(b)));
/** a ≤ b */
export const lessEqual = /* @__PURE__ */ binary('lessEqual', (a, b) => g.lessEqual(ordered(a), ordered(b)));
/** a > b */
export const greater = /* @__PURE__ */ binary('greater', (a, b) => g.greater(ordered(a), ordered(b)));
/** a ≥ b */
export const greaterEqual = /* @__PURE__ */ binary('greaterEqual', (a, b) => g.greaterEqual(ordered(a), ordered(b)));

/** a ∧ b; numbers are true where they are not 0 */
export const logicalAnd = /* @__PURE__ */ binary('logicalAnd', (a, b) => g.logicalAnd(truth(a), truth(b)));
/** a ∨ b */
export const logicalOr = /* @__PURE__ */ binary('logicalOr', (a, b) => g.logicalOr(truth(a), truth(b)));
/** Either a or b, not both */
export const logicalXor = /* @__PURE__ */ binary('logicalXor', (a, b) => g.notEqual(truth(a), truth(b)));
/** ¬x */
export const logicalNot = /* @__PURE__ */ unary('logicalNot', (x) => g.logicalNot(truth(x)));

const floatTest = (name: string, test: (x: Value) => Value, ofWhole: number) =>
  unary(name, (x) => (isFloat(x.type.dtype) ? test(x) : g.full('bool', x.type.shape, ofWhole)));

/** Whether x is not a number */
export const isnan = /* @__PURE__ */ floatTest('isnan', (x) => g.isNan(x), 0);
/** Whether x is neither NaN nor infinite */
export const isfinite = /* @__PURE__ */ floatTest('isfinite', (x) => g.isFinite(x), 1);
/** Whether x is infinite */
export const isinf = /* @__PURE__ */ floatTest('isinf', (x) => g.logicalNot(g.logicalOr(g.isFinite(x), g.isNan(x))), 0);

/**
 * a where the condition holds, else b
 *
 * @example
 * ops.where(ops.greater(x, 0), x, 0);
 */
export function where<C extends Operand, A extends Operand, B extends Operand>(
  condition: C,
  a: A,
  b: B,
): ResultOf<A | B | C> {
  // the condition does not take part in the choice of a dtype
  const test = condition as A | B | C;
  const [x, y] = typeof a === 'number' || typeof b === 'number' ? alike(a, b) : [a, b];
  return apply1<A | B | C>('where', [test, x as A, y as B], null, ([c, ...values]) => {
    const [yes, no] = unify(values as Value[]) as [Value, Value];
    return g.select(truth(c as Value), yes, no);
  });
}

/** A number beside a tensor takes the tensor's dtype, whatever the condition's is. */
function alike(a: Operand, b: Operand): [Operand, Operand] {
  const filled = (number: Operand, like: Operand): Operand =>
    typeof number === 'number' && typeof like !== 'number' ? constantLike(number, like) : number;
  return [filled(a, b), filled(b, a)];
}

function constantLike(number: number, like: Operand): Operand {
  return apply1('constantLike', [like], number, ([x]) => {
    const { dtype } = (x as Value).type;
    const fits = isFloat(dtype) || (Number.isInteger(number) && (dtype !== 'bool' || number === 0 || number === 1));
    return g.full(fits ? dtype : Number.isInteger(number) ? 'int32' : 'float32', [], number);
  });
}

/** x in another dtype: to whole numbers towards zero, to bool whether it is not 0 */
export function cast<A extends Operand>(x: A, dtype: g.DType): ResultOf<A> {
  return apply1('cast', [x], dtype, ([value]) => g.cast(value as Value, dtype));
}

/** x, through which no gradient flows */
export const stopGradient = /* @__PURE__ */ unary('stopGradient', (x) => g.stopGradient(x));
