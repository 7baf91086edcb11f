/** Arithmetic. Shapes broadcast; numbers take the dtype of the tensors they meet; division gives floats. */
import * as g from '@weftjs/graph';
import { isFloat, type Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, binary, floatUnary, unary, type Operand, type ResultOf } from './define.ts';

/** Bools count as whole numbers. */
const counted = (x: Value): Value => (x.type.dtype === 'bool' ? g.cast(x, 'int32') : x);

/**
 * a + b
 *
 * @example
 * ops.add([1, 2], [10, 20]); // [11, 22]
 */
export const add = /* @__PURE__ */ binary('add', (a, b) => g.add(counted(a), counted(b)));

/** a − b */
export const subtract = /* @__PURE__ */ binary('subtract', (a, b) => g.sub(counted(a), counted(b)));

/** a · b */
export const multiply = /* @__PURE__ */ binary('multiply', (a, b) => g.mul(counted(a), counted(b)));

/** a / b, in floats */
export const divide = /* @__PURE__ */ binary('divide', (a, b) => g.div(asFloat(a), asFloat(b)));

/** a / b, and 0 where b is 0 */
export const divideNoNan = /* @__PURE__ */ binary('divideNoNan', (a, b) => {
  const [x, y] = [asFloat(a), asFloat(b)];
  const zero = g.equal(y, 0);
  return g.select(zero, 0, g.div(x, g.select(zero, 1, y)));
});

/** ⌊a / b⌋ */
export const floorDivide = /* @__PURE__ */ binary('floorDivide', (a, b) => g.floorDiv(counted(a), counted(b)));

/** a − b·⌊a / b⌋: the remainder with the sign of the divisor */
export const mod = /* @__PURE__ */ binary('mod', (a, b) => g.mod(counted(a), counted(b)));

/** a^b. Small whole exponents are products, so that they are exact and take negative bases. */
export function power<A extends Operand, B extends Operand>(a: A, b: B): ResultOf<A | B> {
  if (typeof b === 'number' && Number.isInteger(b) && b >= 1 && b <= 8) {
    const exponent: number = b;
    return apply1('power', [a], exponent, ([value]) => {
      const x = counted(value as Value);
      let result = x;
      for (let i = 1; i < exponent; i++) result = g.mul(result, x);
      return result;
    }) as unknown as ResultOf<A | B>;
  }
  return generalPower(a, b);
}

const generalPower = /* @__PURE__ */ binary('generalPower', (a, b) => {
  const y = g.pow(asFloat(a), asFloat(b));
  return isFloat(a.type.dtype) ? y : g.cast(g.round(y), 'int32');
});

/** The larger of a and b */
export const maximum = /* @__PURE__ */ binary('maximum', (a, b) => g.maximum(counted(a), counted(b)));

/** The smaller of a and b */
export const minimum = /* @__PURE__ */ binary('minimum', (a, b) => g.minimum(counted(a), counted(b)));

/** The angle of the point (x, y), in (−π, π] */
export const arctan2 = /* @__PURE__ */ binary('arctan2', (y, x) => g.atan2(asFloat(y), asFloat(x)));

/** −x */
export const negative = /* @__PURE__ */ unary('negative', (x) => g.neg(counted(x)));

/** |x| */
export const abs = /* @__PURE__ */ unary('abs', (x) => g.abs(counted(x)));

/** −1, 0 or 1 */
export const sign = /* @__PURE__ */ unary('sign', (x) => g.sign(counted(x)));

/** x² */
export const square = /* @__PURE__ */ unary('square', (x) => g.mul(counted(x), counted(x)));

/** 1 / x */
export const reciprocal = /* @__PURE__ */ floatUnary('reciprocal', (x) => g.div(1, x));

const rounding = (name: string, build: (x: Value) => Value) =>
  unary(name, (x) => (isFloat(x.type.dtype) ? build(x) : x));

/** ⌊x⌋ */
export const floor = /* @__PURE__ */ rounding('floor', (x) => g.floor(x));

/** ⌈x⌉ */
export const ceil = /* @__PURE__ */ rounding('ceil', (x) => g.ceil(x));

/** x without its fraction */
export const trunc = /* @__PURE__ */ rounding('trunc', (x) => g.select(g.less(x, 0), g.ceil(x), g.floor(x)));

/** The nearest whole number, halves to even; with `decimals` the nearest decimal fraction */
export function round<A extends Operand>(x: A, options: { decimals?: number } = {}): ResultOf<A> {
  const { decimals = 0 } = options;
  return apply1('round', [x], decimals, ([value]) => {
    const v = value as Value;
    if (!isFloat(v.type.dtype)) return v;
    const scale = 10 ** decimals;
    return decimals === 0 ? g.round(v) : g.div(g.round(g.mul(v, scale)), scale);
  });
}

/**
 * x limited to [low, high]
 *
 * @example
 * ops.clip([-3, 0.5, 3], 0, 1); // [0, 0.5, 1]
 */
export function clip<A extends Operand, L extends Operand, H extends Operand>(
  x: A,
  low: L,
  high: H,
): ResultOf<A | L | H> {
  return minimum(maximum(x, low) as Operand, high) as unknown as ResultOf<A | L | H>;
}
