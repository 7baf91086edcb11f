/** Arithmetic. Integers wrap at 32 bits; division and remainder of integers follow floor, and give 0 where the divisor is 0. */
import type { Value } from '../../core/graph.ts';
import type { Operand } from '../literals.ts';
import { equal, greater, less } from './compare.ts';
import { log } from './functions.ts';
import { FLOATS, NUMBERS, SIGNED } from '../dtypes.ts';
import { applyElementwise, elementwiseOp } from './rules.ts';
import { cast, select } from './select.ts';

/** Half the cotangent goes to each side of a tie. */
function chosen(a: Value, b: Value, better: typeof greater): (dy: Value) => Value {
  return (dy) => mul(dy, add(cast(better(a, b), dy.type.dtype), mul(0.5, cast(equal(a, b), dy.type.dtype))));
}

export const addOp = /* @__PURE__ */ elementwiseOp({ name: 'add', accepts: NUMBERS, gradient: () => [(dy) => dy, (dy) => dy] });
/** a + b */
export const add = (a: Operand, b: Operand): Value => applyElementwise(addOp, [a, b]);

export const subOp = /* @__PURE__ */ elementwiseOp({ name: 'sub', accepts: NUMBERS, gradient: () => [(dy) => dy, (dy) => neg(dy)] });
/** a − b */
export const sub = (a: Operand, b: Operand): Value => applyElementwise(subOp, [a, b]);

export const mulOp = /* @__PURE__ */ elementwiseOp({
  name: 'mul',
  accepts: NUMBERS,
  gradient: ({ inputs: [a, b] }) => [(dy) => mul(dy, b as Value), (dy) => mul(dy, a as Value)],
});
/** a · b */
export const mul = (a: Operand, b: Operand): Value => applyElementwise(mulOp, [a, b]);

export const divOp = /* @__PURE__ */ elementwiseOp({
  name: 'div',
  accepts: FLOATS,
  gradient: ({ inputs: [, b], outputs: [y] }) => [(dy) => div(dy, b as Value), (dy) => neg(div(mul(dy, y as Value), b as Value))],
});
/** a / b, for floats */
export const div = (a: Operand, b: Operand): Value => applyElementwise(divOp, [a, b]);

export const floorDivOp = /* @__PURE__ */ elementwiseOp({ name: 'floorDiv', accepts: SIGNED });
/** ⌊a / b⌋ */
export const floorDiv = (a: Operand, b: Operand): Value => applyElementwise(floorDivOp, [a, b]);

export const modOp = /* @__PURE__ */ elementwiseOp({
  name: 'mod',
  accepts: SIGNED,
  gradient: ({ inputs: [a, b] }) => [(dy) => dy, (dy) => neg(mul(dy, floorDiv(a as Value, b as Value)))],
});
/** a − b·⌊a / b⌋: the remainder with the sign of the divisor */
export const mod = (a: Operand, b: Operand): Value => applyElementwise(modOp, [a, b]);

export const powOp = /* @__PURE__ */ elementwiseOp({
  name: 'pow',
  accepts: FLOATS,
  gradient: ({ inputs: [a, b], outputs: [y] }) => [
    // b·a^(b−1), without 0·∞ where b is 0
    (dy) => mul(dy, select(equal(b as Value, 0), 0, mul(b as Value, pow(a as Value, sub(b as Value, 1))))),
    // y·ln a, and 0 where a is 0 or negative (where b must be a whole number)
    (dy) => mul(dy, select(greater(a as Value, 0), mul(y as Value, log(select(greater(a as Value, 0), a as Value, 1))), 0)),
  ],
});
/** a^b; a negative base needs a whole exponent */
export const pow = (a: Operand, b: Operand): Value => applyElementwise(powOp, [a, b]);

export const maximumOp = /* @__PURE__ */ elementwiseOp({
  name: 'maximum',
  accepts: SIGNED,
  gradient: ({ inputs: [a, b] }) => [chosen(a as Value, b as Value, greater), chosen(b as Value, a as Value, greater)],
});
/** The larger of a and b; NaN where either is NaN, on engines that keep NaN */
export const maximum = (a: Operand, b: Operand): Value => applyElementwise(maximumOp, [a, b]);

export const minimumOp = /* @__PURE__ */ elementwiseOp({
  name: 'minimum',
  accepts: SIGNED,
  gradient: ({ inputs: [a, b] }) => [chosen(a as Value, b as Value, less), chosen(b as Value, a as Value, less)],
});
/** The smaller of a and b; NaN where either is NaN, on engines that keep NaN */
export const minimum = (a: Operand, b: Operand): Value => applyElementwise(minimumOp, [a, b]);

export const atan2Op = /* @__PURE__ */ elementwiseOp({
  name: 'atan2',
  accepts: FLOATS,
  gradient: ({ inputs: [y, x] }) => {
    const squared = add(mul(x as Value, x as Value), mul(y as Value, y as Value));
    return [(dz) => div(mul(dz, x as Value), squared), (dz) => neg(div(mul(dz, y as Value), squared))];
  },
});
/** The angle of the point (x, y), in (−π, π] */
export const atan2 = (y: Operand, x: Operand): Value => applyElementwise(atan2Op, [y, x]);

export const negOp = /* @__PURE__ */ elementwiseOp({ name: 'neg', accepts: SIGNED, gradient: () => [(dy) => neg(dy)] });
/** −x */
export const neg = (x: Operand): Value => applyElementwise(negOp, [x]);

export const absOp = /* @__PURE__ */ elementwiseOp({ name: 'abs', accepts: SIGNED, gradient: ({ inputs: [x] }) => [(dy) => mul(dy, sign(x as Value))] });
/** |x| */
export const abs = (x: Operand): Value => applyElementwise(absOp, [x]);

export const signOp = /* @__PURE__ */ elementwiseOp({ name: 'sign', accepts: SIGNED });
/** −1, 0 or 1 */
export const sign = (x: Operand): Value => applyElementwise(signOp, [x]);

export const floorOp = /* @__PURE__ */ elementwiseOp({ name: 'floor', accepts: FLOATS });
/** ⌊x⌋ */
export const floor = (x: Operand): Value => applyElementwise(floorOp, [x]);

export const ceilOp = /* @__PURE__ */ elementwiseOp({ name: 'ceil', accepts: FLOATS });
/** ⌈x⌉ */
export const ceil = (x: Operand): Value => applyElementwise(ceilOp, [x]);

export const roundOp = /* @__PURE__ */ elementwiseOp({ name: 'round', accepts: FLOATS });
/** The nearest whole number, halves to even */
export const round = (x: Operand): Value => applyElementwise(roundOp, [x]);

