/** Bits of whole numbers. */
import * as g from '@weftjs/graph';
import { binary, unary } from './define.ts';

/** a & b */
export const bitwiseAnd = /* @__PURE__ */ binary('bitwiseAnd', (a, b) => g.bitwiseAnd(a, b));
/** a | b */
export const bitwiseOr = /* @__PURE__ */ binary('bitwiseOr', (a, b) => g.bitwiseOr(a, b));
/** a ^ b */
export const bitwiseXor = /* @__PURE__ */ binary('bitwiseXor', (a, b) => g.bitwiseXor(a, b));
/** ~x */
export const bitwiseNot = /* @__PURE__ */ unary('bitwiseNot', (x) => g.bitwiseNot(x));
/** a << b */
export const leftShift = /* @__PURE__ */ binary('leftShift', (a, b) => g.shiftLeft(a, b));
/** a >> b: keeps the sign of int32 */
export const rightShift = /* @__PURE__ */ binary('rightShift', (a, b) => g.shiftRight(a, b));
