/** Comparisons, logic and tests: their results are bool and carry no gradient. */
import type { Value } from '../../core/graph.ts';
import type { Operand } from '../literals.ts';
import { ALL, BOOL, FLOATS, NUMBERS } from '../dtypes.ts';
import { applyElementwise, elementwiseOp } from './rules.ts';

export const equalOp = /* @__PURE__ */ elementwiseOp({ name: 'equal', accepts: ALL, returns: 'bool' });
/** a = b */
export const equal = (a: Operand, b: Operand): Value => applyElementwise(equalOp, [a, b]);

export const notEqualOp = /* @__PURE__ */ elementwiseOp({ name: 'notEqual', accepts: ALL, returns: 'bool' });
/** a ≠ b; on bool this is exclusive or */
export const notEqual = (a: Operand, b: Operand): Value => applyElementwise(notEqualOp, [a, b]);

export const lessOp = /* @__PURE__ */ elementwiseOp({ name: 'less', accepts: NUMBERS, returns: 'bool' });
/** a < b */
export const less = (a: Operand, b: Operand): Value => applyElementwise(lessOp, [a, b]);

export const lessEqualOp = /* @__PURE__ */ elementwiseOp({ name: 'lessEqual', accepts: NUMBERS, returns: 'bool' });
/** a ≤ b */
export const lessEqual = (a: Operand, b: Operand): Value => applyElementwise(lessEqualOp, [a, b]);

export const greaterOp = /* @__PURE__ */ elementwiseOp({ name: 'greater', accepts: NUMBERS, returns: 'bool' });
/** a > b */
export const greater = (a: Operand, b: Operand): Value => applyElementwise(greaterOp, [a, b]);

export const greaterEqualOp = /* @__PURE__ */ elementwiseOp({ name: 'greaterEqual', accepts: NUMBERS, returns: 'bool' });
/** a ≥ b */
export const greaterEqual = (a: Operand, b: Operand): Value => applyElementwise(greaterEqualOp, [a, b]);

export const logicalAndOp = /* @__PURE__ */ elementwiseOp({ name: 'logicalAnd', accepts: BOOL });
/** a ∧ b */
export const logicalAnd = (a: Operand, b: Operand): Value => applyElementwise(logicalAndOp, [a, b]);

export const logicalOrOp = /* @__PURE__ */ elementwiseOp({ name: 'logicalOr', accepts: BOOL });
/** a ∨ b */
export const logicalOr = (a: Operand, b: Operand): Value => applyElementwise(logicalOrOp, [a, b]);

export const logicalNotOp = /* @__PURE__ */ elementwiseOp({ name: 'logicalNot', accepts: BOOL });
/** ¬x */
export const logicalNot = (x: Operand): Value => applyElementwise(logicalNotOp, [x]);

export const isNanOp = /* @__PURE__ */ elementwiseOp({ name: 'isNan', accepts: FLOATS, returns: 'bool' });
/** Whether x is not a number */
export const isNan = (x: Operand): Value => applyElementwise(isNanOp, [x]);

export const isFiniteOp = /* @__PURE__ */ elementwiseOp({ name: 'isFinite', accepts: FLOATS, returns: 'bool' });
/** Whether x is neither NaN nor infinite */
export const isFinite = (x: Operand): Value => applyElementwise(isFiniteOp, [x]);
