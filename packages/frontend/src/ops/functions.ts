/** Functions of one variable, in floats. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { inverseErfValue } from '../random/values.ts';
import { floatUnary } from './define.ts';

/** eˣ */
export const exp = /* @__PURE__ */ floatUnary('exp', (x) => g.exp(x));
/** 2ˣ */
export const exp2 = /* @__PURE__ */ floatUnary('exp2', (x) => g.exp(g.mul(x, Math.LN2)));
/** eˣ − 1, exact for small x */
export const expm1 = /* @__PURE__ */ floatUnary('expm1', (x) => g.expm1(x));
/** ln x */
export const log = /* @__PURE__ */ floatUnary('log', (x) => g.log(x));
/** ln(1 + x), exact for small x */
export const log1p = /* @__PURE__ */ floatUnary('log1p', (x) => g.log1p(x));
/** log₂ x */
export const log2 = /* @__PURE__ */ floatUnary('log2', (x) => g.mul(g.log(x), Math.LOG2E));
/** log₁₀ x */
export const log10 = /* @__PURE__ */ floatUnary('log10', (x) => g.mul(g.log(x), Math.LOG10E));
/** √x */
export const sqrt = /* @__PURE__ */ floatUnary('sqrt', (x) => g.sqrt(x));
/** 1 / √x */
export const rsqrt = /* @__PURE__ */ floatUnary('rsqrt', (x) => g.rsqrt(x));
/** sin x, in radians */
export const sin = /* @__PURE__ */ floatUnary('sin', (x) => g.sin(x));
/** cos x, in radians */
export const cos = /* @__PURE__ */ floatUnary('cos', (x) => g.cos(x));
/** tan x, in radians */
export const tan = /* @__PURE__ */ floatUnary('tan', (x) => g.tan(x));
/** The angle in [−π/2, π/2] whose sine is x */
export const arcsin = /* @__PURE__ */ floatUnary('arcsin', (x) => g.asin(x));
/** The angle in [0, π] whose cosine is x */
export const arccos = /* @__PURE__ */ floatUnary('arccos', (x) => g.acos(x));
/** The angle in (−π/2, π/2) whose tangent is x */
export const arctan = /* @__PURE__ */ floatUnary('arctan', (x) => g.atan(x));
/** (eˣ − e⁻ˣ) / 2 */
export const sinh = /* @__PURE__ */ floatUnary('sinh', (x) => g.sinh(x));
/** (eˣ + e⁻ˣ) / 2 */
export const cosh = /* @__PURE__ */ floatUnary('cosh', (x) => g.cosh(x));
/** The inverse of sinh */
export const arcsinh = /* @__PURE__ */ floatUnary('arcsinh', (x) => g.asinh(x));
/** The inverse of cosh on [1, ∞) */
export const arccosh = /* @__PURE__ */ floatUnary('arccosh', (x) => g.acosh(x));
/** The inverse of tanh on (−1, 1) */
export const arctanh = /* @__PURE__ */ floatUnary('arctanh', (x) => g.atanh(x));
/** The error function, 2/√π · ∫₀ˣ e^(−t²) dt */
export const erf = /* @__PURE__ */ floatUnary('erf', (x) => g.erf(x));
/** 1 − erf x */
export const erfc = /* @__PURE__ */ floatUnary('erfc', (x) => g.sub(1, g.erf(x)));
/** The inverse of erf on (−1, 1) */
export const erfinv = /* @__PURE__ */ floatUnary('erfinv', (x: Value) => inverseErfValue(x));
