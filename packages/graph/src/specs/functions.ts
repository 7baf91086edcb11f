/** Specifications of functions of one variable. */
import { elementwise, points } from './elementwise.ts';
import type { Range } from './sample.ts';

const within = (low: number, high: number) => (): Range[] => [[low, high]];

export const FUNCTION_SPECS = {
  exp: elementwise('exp', 1, 'Exponential. y = eˣ.', {
    ranges: within(-8, 8),
    special: points(0, 1, -1, 10, -10),
    smooth: true,
    large: true,
  }),
  expm1: elementwise('expm1', 1, 'Exponential less one, exact for small x. y = eˣ − 1.', {
    ranges: within(-4, 4),
    special: points(0, 1e-3, -1e-3, 0.3),
    smooth: true,
  }),
  log: elementwise('log', 1, 'Natural logarithm. y = ln x.', {
    ranges: within(0.02, 50),
    special: points(1, 0.5, 2, 1000, 1.01, 0.99),
    smooth: true,
  }),
  log1p: elementwise('log1p', 1, 'Logarithm of 1 + x, exact for small x. y = ln(1 + x).', {
    ranges: within(-0.9, 9),
    special: points(0, 1e-3, -1e-3),
    smooth: true,
  }),
  sqrt: elementwise('sqrt', 1, 'Square root. y = √x.', { ranges: within(0.02, 60), special: points(0, 1, 4, 2, 1000) }),
  rsqrt: elementwise('rsqrt', 1, 'Reciprocal square root. y = 1 / √x.', {
    ranges: within(0.02, 60),
    special: points(1, 4, 0.25, 1000),
    smooth: true,
  }),
  sin: elementwise('sin', 1, 'Sine of radians. y = sin x.', {
    ranges: within(-12, 12),
    special: points(0, 1, -1, 30),
    smooth: true,
  }),
  cos: elementwise('cos', 1, 'Cosine of radians. y = cos x.', {
    ranges: within(-12, 12),
    special: points(0, 1, -1, 30),
    smooth: true,
  }),
  tan: elementwise('tan', 1, 'Tangent of radians. y = tan x.', {
    ranges: within(-1.3, 1.3),
    special: points(0, 1, -1, 4),
    smooth: true,
  }),
  asin: elementwise('asin', 1, 'Inverse sine, in [−π/2, π/2].', {
    ranges: within(-0.95, 0.95),
    special: points(0, 1, -1, 0.5),
  }),
  acos: elementwise('acos', 1, 'Inverse cosine, in [0, π].', {
    ranges: within(-0.95, 0.95),
    special: points(0, 1, -1, 0.5),
  }),
  atan: elementwise('atan', 1, 'Inverse tangent, in (−π/2, π/2).', {
    ranges: within(-8, 8),
    special: points(0, 1, -1, 100),
    smooth: true,
  }),
  sinh: elementwise('sinh', 1, 'Hyperbolic sine. y = (eˣ − e⁻ˣ) / 2.', {
    ranges: within(-5, 5),
    special: points(0, 1e-3, 1),
    smooth: true,
  }),
  cosh: elementwise('cosh', 1, 'Hyperbolic cosine. y = (eˣ + e⁻ˣ) / 2.', {
    ranges: within(-5, 5),
    special: points(0, 1, -1),
    smooth: true,
  }),
  tanh: elementwise('tanh', 1, 'Hyperbolic tangent. y = sinh x / cosh x.', {
    ranges: within(-6, 6),
    special: points(0, 1e-3, 20, -20),
    smooth: true,
    large: true,
  }),
  asinh: elementwise('asinh', 1, 'Inverse hyperbolic sine.', {
    ranges: within(-8, 8),
    special: points(0, 1e-2, 1, -1),
    smooth: true,
  }),
  acosh: elementwise('acosh', 1, 'Inverse hyperbolic cosine, for x ≥ 1.', {
    ranges: within(1.1, 20),
    special: points(1, 2, 1.5),
  }),
  atanh: elementwise('atanh', 1, 'Inverse hyperbolic tangent, for −1 < x < 1.', {
    ranges: within(-0.95, 0.95),
    special: points(0, 0.5, 1e-2),
    smooth: true,
  }),
  erf: elementwise('erf', 1, 'Error function. y = 2/√π · ∫₀ˣ e^(−t²) dt.', {
    ranges: within(-4, 4),
    special: points(0, 1e-3, 0.5, -3, 6),
    smooth: true,
  }),
  sigmoid: elementwise('sigmoid', 1, 'Logistic function. y = 1 / (1 + e⁻ˣ).', {
    ranges: within(-8, 8),
    special: points(0, 30, -10),
    smooth: true,
  }),
};
