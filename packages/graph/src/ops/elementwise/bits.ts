/** Bits of int32 and uint32. Shift amounts count modulo 32; a right shift of int32 keeps the sign. */
import type { Value } from '../../core/graph.ts';
import type { Operand } from '../literals.ts';
import { BITS } from '../dtypes.ts';
import { applyElementwise, elementwiseOp } from './rules.ts';

export const bitwiseAndOp = /* @__PURE__ */ elementwiseOp({ name: 'bitwiseAnd', accepts: BITS });
/** a & b */
export const bitwiseAnd = (a: Operand, b: Operand): Value => applyElementwise(bitwiseAndOp, [a, b]);

export const bitwiseOrOp = /* @__PURE__ */ elementwiseOp({ name: 'bitwiseOr', accepts: BITS });
/** a | b */
export const bitwiseOr = (a: Operand, b: Operand): Value => applyElementwise(bitwiseOrOp, [a, b]);

export const bitwiseXorOp = /* @__PURE__ */ elementwiseOp({ name: 'bitwiseXor', accepts: BITS });
/** a ^ b */
export const bitwiseXor = (a: Operand, b: Operand): Value => applyElementwise(bitwiseXorOp, [a, b]);

export const bitwiseNotOp = /* @__PURE__ */ elementwiseOp({ name: 'bitwiseNot', accepts: BITS });
/** ~x */
export const bitwiseNot = (x: Operand): Value => applyElementwise(bitwiseNotOp, [x]);

export const shiftLeftOp = /* @__PURE__ */ elementwiseOp({ name: 'shiftLeft', accepts: BITS });
/** a << (b mod 32) */
export const shiftLeft = (a: Operand, b: Operand): Value => applyElementwise(shiftLeftOp, [a, b]);

export const shiftRightOp = /* @__PURE__ */ elementwiseOp({ name: 'shiftRight', accepts: BITS });
/** a >> (b mod 32): arithmetic for int32, logical for uint32 */
export const shiftRight = (a: Operand, b: Operand): Value => applyElementwise(shiftRightOp, [a, b]);
