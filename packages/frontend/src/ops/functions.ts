/** Functions of one variable, in floats. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { inverseErfValue } from '../random/values.ts';
import { floatUnary } from './define.ts';

/** eˣ */
export const exp = /* @__PURE__ */ floatUnary('exp', g.exp);
/** 2ˣ */
export const exp2 = /* @__PURE__ */ floatUnary('exp2', (x) => g.exp(g.mul(x, Math.LN2)));
/** eˣ − 1, exact for small x */
export const expm1 = /* @__PURE__ */ floatUnary('expm1', g.expm1);
/** ln x */
export const log = /* @__PURE__ */ floatUnary('log', g.log);
/** ln(1 + x), exact for small x */
export const log1p = /* @__PURE__ */ floatUnary('log1p', g.log1p);
/** log₂ x */
export const log2 = /* @__PURE__ */ floatUnary('log2', (x) => g.mul(g.log(x), Math.LOG2E));
/** log₁₀ x */
export const log10 = /* @__PURE__ */ floatUnary('log10', (x) => g.mul(g.log(x), Math.LOG10E));
/** √x */
export const sqrt = /* @__PURE__ */ floatUnary('sqrt', g.sqrt);
/** 1 / √x */
export const rsqrt = /* @__PURE__ */ floatUnary('rsqrt', g.rsqrt);
/** sin x, in radians */
export const sin = /* @__PURE__ */ floatUnary('sin', g.sin);
/** cos x, in radians */
export const cos = /* @__PURE__ */ floatUnary('cos', g.cos);
/** tan x, in radians */
export const tan = /* @__PURE__ */ floatUnary('tan', g.tan);
/** The angle in [−π/2, π/2] whose sine is x */
export const arcsin = /* @__PURE__ */ floatUnary('arcsin', g.asin);
/** The angle in [0, π] whose cosine is x */
export const arccos = /* @__PURE__ */ floatUnary('arccos', g.acos);
/** The angle in (−π/2, π/2) whose tangent is x */
export const arctan = /* @__PURE__ */ floatUnary('arctan', g.atan);
/** (eˣ − e⁻ˣ) / 2 */
export const sinh = /* @__PURE__ */ floatUnary('sinh', g.sinh);
/** (eˣ + e⁻ˣ) / 2 */
export const cosh = /* @__PURE__ */ floatUnary('cosh', g.cosh);
/** The inverse of sinh */
export const arcsinh = /* @__PURE__ */ floatUnary('arcsinh', g.asinh);
/** The inverse of cosh on [1, ∞) */
export const arccosh = /* @__PURE__ */ floatUnary('arccosh', g.acosh);
/** The inverse of tanh on (−1, 1) */
export const arctanh = /* @__PURE__ */ floatUnary('arctanh', g.atanh);
/** The error function, 2/√π · ∫₀ˣ e^(−t²) dt */
export const erf = /* @__PURE__ */ floatUnary('erf', g.erf);
/** 1 − erf x */
export const erfc = /* @__PURE__ */ floatUnary('erfc', (x) => g.sub(1, g.erf(x)));
/** The inverse of erf on (−1, 1) */
export const erfinv = /* @__PURE__ */ floatUnary('erfinv', (x: Value) => inverseErfValue(x));
