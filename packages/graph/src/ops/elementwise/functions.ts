/** Functions of one float variable, each with its derivative. */
import type { Value } from '../../core/graph.ts';
import type { Operand } from '../literals.ts';
import { add, div, mul, neg, sub } from './arithmetic.ts';
import { FLOATS } from '../dtypes.ts';
import { applyElementwise, elementwiseOp } from './rules.ts';

type Derivative = (x: Value, y: Value, dy: Value) => Value;

/** Declares y = f(x) from its derivative rule, which gets x, y = f(x) and dy. */
function functionOp<const N extends string>(name: N, derivative: Derivative) {
  return elementwiseOp({
    name,
    accepts: FLOATS,
    gradient: ({ inputs: [x], outputs: [y] }) => [(dy) => derivative(x as Value, y as Value, dy)],
  });
}

export const expOp = /* @__PURE__ */ functionOp('exp', (_, y, dy) => mul(dy, y));
/** eˣ */
export const exp = (x: Operand): Value => applyElementwise(expOp, [x]);

export const expm1Op = /* @__PURE__ */ functionOp('expm1', (_, y, dy) => mul(dy, add(y, 1)));
/** eˣ − 1, exact for small x */
export const expm1 = (x: Operand): Value => applyElementwise(expm1Op, [x]);

export const logOp = /* @__PURE__ */ functionOp('log', (x, _, dy) => div(dy, x));
/** ln x */
export const log = (x: Operand): Value => applyElementwise(logOp, [x]);

export const log1pOp = /* @__PURE__ */ functionOp('log1p', (x, _, dy) => div(dy, add(x, 1)));
/** ln(1 + x), exact for small x */
export const log1p = (x: Operand): Value => applyElementwise(log1pOp, [x]);

export const sqrtOp = /* @__PURE__ */ functionOp('sqrt', (_, y, dy) => div(mul(dy, 0.5), y));
/** √x */
export const sqrt = (x: Operand): Value => applyElementwise(sqrtOp, [x]);

export const rsqrtOp = /* @__PURE__ */ functionOp('rsqrt', (x, y, dy) => mul(dy, mul(-0.5, div(y, x))));
/** 1 / √x */
export const rsqrt = (x: Operand): Value => applyElementwise(rsqrtOp, [x]);

export const sinOp = /* @__PURE__ */ functionOp('sin', (x, _, dy) => mul(dy, cos(x)));
/** sin x, x in radians */
export const sin = (x: Operand): Value => applyElementwise(sinOp, [x]);

export const cosOp = /* @__PURE__ */ functionOp('cos', (x, _, dy) => neg(mul(dy, sin(x))));
/** cos x, x in radians */
export const cos = (x: Operand): Value => applyElementwise(cosOp, [x]);

export const tanOp = /* @__PURE__ */ functionOp('tan', (_, y, dy) => mul(dy, add(1, mul(y, y))));
/** tan x, x in radians */
export const tan = (x: Operand): Value => applyElementwise(tanOp, [x]);

export const asinOp = /* @__PURE__ */ functionOp('asin', (x, _, dy) => mul(dy, rsqrt(sub(1, mul(x, x)))));
/** The angle in [−π/2, π/2] whose sine is x */
export const asin = (x: Operand): Value => applyElementwise(asinOp, [x]);

export const acosOp = /* @__PURE__ */ functionOp('acos', (x, _, dy) => neg(mul(dy, rsqrt(sub(1, mul(x, x))))));
/** The angle in [0, π] whose cosine is x */
export const acos = (x: Operand): Value => applyElementwise(acosOp, [x]);

export const atanOp = /* @__PURE__ */ functionOp('atan', (x, _, dy) => div(dy, add(1, mul(x, x))));
/** The angle in (−π/2, π/2) whose tangent is x */
export const atan = (x: Operand): Value => applyElementwise(atanOp, [x]);

export const sinhOp = /* @__PURE__ */ functionOp('sinh', (x, _, dy) => mul(dy, cosh(x)));
/** (eˣ − e⁻ˣ) / 2 */
export const sinh = (x: Operand): Value => applyElementwise(sinhOp, [x]);

export const coshOp = /* @__PURE__ */ functionOp('cosh', (x, _, dy) => mul(dy, sinh(x)));
/** (eˣ + e⁻ˣ) / 2 */
export const cosh = (x: Operand): Value => applyElementwise(coshOp, [x]);

export const tanhOp = /* @__PURE__ */ functionOp('tanh', (_, y, dy) => mul(dy, sub(1, mul(y, y))));
/** sinh x / cosh x */
export const tanh = (x: Operand): Value => applyElementwise(tanhOp, [x]);

export const asinhOp = /* @__PURE__ */ functionOp('asinh', (x, _, dy) => mul(dy, rsqrt(add(mul(x, x), 1))));
/** The inverse of sinh */
export const asinh = (x: Operand): Value => applyElementwise(asinhOp, [x]);

export const acoshOp = /* @__PURE__ */ functionOp('acosh', (x, _, dy) => mul(dy, rsqrt(sub(mul(x, x), 1))));
/** The inverse of cosh on [1, ∞) */
export const acosh = (x: Operand): Value => applyElementwise(acoshOp, [x]);

export const atanhOp = /* @__PURE__ */ functionOp('atanh', (x, _, dy) => div(dy, sub(1, mul(x, x))));
/** The inverse of tanh on (−1, 1) */
export const atanh = (x: Operand): Value => applyElementwise(atanhOp, [x]);

export const erfOp = /* @__PURE__ */ functionOp('erf', (x, _, dy) => mul(dy, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))));
/** The error function, 2/√π · ∫₀ˣ e^(−t²) dt */
export const erf = (x: Operand): Value => applyElementwise(erfOp, [x]);

export const sigmoidOp = /* @__PURE__ */ functionOp('sigmoid', (_, y, dy) => mul(dy, mul(y, sub(1, y))));
/** 1 / (1 + e⁻ˣ) */
export const sigmoid = (x: Operand): Value => applyElementwise(sigmoidOp, [x]);
