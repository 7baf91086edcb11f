/** Bits of whole numbers. */
import * as g from '@weftjs/graph';
import { binary, unary } from './define.ts';

/** a & b */
export const bitwiseAnd = /* @__PURE__ */ binary('bitwiseAnd', g.bitwiseAnd);
/** a | b */
export const bitwiseOr = /* @__PURE__ */ binary('bitwiseOr', g.bitwiseOr);
/** a ^ b */
export const bitwiseXor = /* @__PURE__ */ binary('bitwiseXor', g.bitwiseXor);
/** ~x */
export const bitwiseNot = /* @__PURE__ */ unary('bitwiseNot', g.bitwiseNot);
/** a << b */
export const leftShift = /* @__PURE__ */ binary('leftShift', g.shiftLeft);
/** a >> b: keeps the sign of int32 */
export const rightShift = /* @__PURE__ */ binary('rightShift', g.shiftRight);
