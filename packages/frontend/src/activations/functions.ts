/**
 * Keras's activation functions, as functions on tensors. The rectifiers, the sigmoid family and the exponential family;
 * those along an axis are in `axis.ts`.
 * {@link https://keras.io/api/layers/activations/}
 */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, floatUnary, unary, type Operand, type ResultOf } from '../ops/define.ts';

const sixth = (x: Value): Value => g.mul(g.minimum(g.maximum(g.add(x, 3), 0), 6), 1 / 6);
const leaky = (x: Value, slope: number): Value => g.select(g.greaterEqual(x, 0), x, g.mul(x, slope));
const expm1Below = (x: Value): Value => g.expm1(g.minimum(x, 0));

/** x */
export const linear = /* @__PURE__ */ unary('linear', (x) => x);

export interface ReluOptions {
  /** Slope below the threshold. */
  negativeSlope?: number;
  /** The largest value given; none by default. */
  maxValue?: number | null;
  /** Below it the result is `negativeSlope · (x − threshold)`. */
  threshold?: number;
}

/**
 * max(x, 0); with options: x for x ≥ threshold, `negativeSlope · (x − threshold)` below, and at most `maxValue`.
 *
 * @example
 * activations.relu([-2, 3]);                         // [0, 3]
 * activations.relu([-2, 3], { negativeSlope: 0.5 }); // [-1, 3]
 */
export function relu<A extends Operand>(x: A, options: ReluOptions = {}): ResultOf<A> {
  const { negativeSlope = 0, maxValue = null, threshold: from = 0 } = options;
  return apply1('relu', [x], [negativeSlope, maxValue, from], ([value]) => {
    const v = asFloat(value as Value);
    if (from === 0 && maxValue === null) return negativeSlope === 0 ? g.relu(v) : leaky(v, negativeSlope);
    let y = from === 0 ? g.relu(v) : g.select(g.greater(v, from), v, 0);
    if (maxValue !== null) y = g.minimum(g.maximum(y, 0), maxValue);
    return negativeSlope === 0 ? y : g.sub(y, g.mul(g.relu(g.sub(from, v)), negativeSlope));
  });
}

/** min(max(x, 0), 6) */
export const relu6 = /* @__PURE__ */ floatUnary('relu6', (x) => g.minimum(g.maximum(x, 0), 6));

/** x for x ≥ 0, else `negativeSlope · x` (0.2 by default). */
export function leakyRelu<A extends Operand>(x: A, options: { negativeSlope?: number } = {}): ResultOf<A> {
  const { negativeSlope = 0.2 } = options;
  return apply1('leakyRelu', [x], negativeSlope, ([value]) => leaky(asFloat(value as Value), negativeSlope));
}

/** x for x > 0, else α(eˣ − 1) (Clevert et al. 2015). */
export function elu<A extends Operand>(x: A, options: { alpha?: number } = {}): ResultOf<A> {
  const { alpha = 1 } = options;
  return apply1('elu', [x], alpha, ([value]) => {
    const v = asFloat(value as Value);
    return g.select(g.greater(v, 0), v, g.mul(expm1Below(v), alpha));
  });
}

/** max(x, 0) + α(e^(min(x, 0) / α) − 1) (Barron 2017). */
export function celu<A extends Operand>(x: A, options: { alpha?: number } = {}): ResultOf<A> {
  const { alpha = 1 } = options;
  return apply1('celu', [x], alpha, ([value]) => {
    const v = asFloat(value as Value);
    return g.select(g.greater(v, 0), v, g.mul(g.expm1(g.mul(g.minimum(v, 0), 1 / alpha)), alpha));
  });
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** 1.0507 · elu(x, α = 1.6733): keeps mean 0 and variance 1 from layer to layer (Klambauer et al. 2017). */
export const selu = /* @__PURE__ */ floatUnary('selu', (x) =>
  g.mul(g.select(g.greater(x, 0), x, g.mul(expm1Below(x), SELU_ALPHA)), SELU_SCALE),
);

/** 1 / (1 + e⁻ˣ) */
export const sigmoid = /* @__PURE__ */ floatUnary('sigmoid', (x) => g.sigmoid(x));

/** ln sigmoid(x) */
export const logSigmoid = /* @__PURE__ */ floatUnary('logSigmoid', (x) => g.neg(g.softplus(g.neg(x))));

/** min(max(x + 3, 0), 6) / 6 */
export const hardSigmoid = /* @__PURE__ */ floatUnary('hardSigmoid', sixth);

/** x · sigmoid(x), also known as swish (Ramachandran et al. 2017). */
export const silu = /* @__PURE__ */ floatUnary('silu', (x) => g.silu(x));

/** x · hardSigmoid(x), also known as hard swish (Howard et al. 2019). */
export const hardSilu = /* @__PURE__ */ floatUnary('hardSilu', (x) => g.mul(x, sixth(x)));

/** ½ min(max(x + 1, 0), 2) */
export const sparseSigmoid = /* @__PURE__ */ floatUnary('sparseSigmoid', (x) =>
  g.mul(g.minimum(g.maximum(g.add(x, 1), 0), 2), 0.5),
);

/** tanh x */
export const tanh = /* @__PURE__ */ floatUnary('tanh', (x) => g.tanh(x));

/** x − tanh x */
export const tanhShrink = /* @__PURE__ */ floatUnary('tanhShrink', (x) => g.sub(x, g.tanh(x)));

/** x between −1 and 1, cut off outside */
export const hardTanh = /* @__PURE__ */ floatUnary('hardTanh', (x) =>
  g.select(g.greater(x, 1), 1, g.select(g.less(x, -1), -1, x)),
);

/** x · tanh(softplus(x)) (Misra 2019) */
export const mish = /* @__PURE__ */ floatUnary('mish', (x) => g.mul(x, g.tanh(g.softplus(x))));

/** x · Φ(x) with the normal distribution function Φ (Hendrycks and Gimpel 2016); `approximate` uses tanh. */
export function gelu<A extends Operand>(x: A, options: { approximate?: boolean } = {}): ResultOf<A> {
  const { approximate = false } = options;
  return apply1('gelu', [x], approximate, ([value]) => (approximate ? g.geluTanh : g.gelu)(asFloat(value as Value)));
}

/** eˣ */
export const exponential = /* @__PURE__ */ floatUnary('exponential', (x) => g.exp(x));

/** ln(1 + eˣ) */
export const softplus = /* @__PURE__ */ floatUnary('softplus', (x) => g.softplus(x));

/** x / (1 + |x|) */
export const softsign = /* @__PURE__ */ floatUnary('softsign', (x) => g.div(x, g.add(g.abs(x), 1)));

/** 0 for x ≤ −1, x for x ≥ 1, ¼(x + 1)² between */
export const sparsePlus = /* @__PURE__ */ floatUnary('sparsePlus', (x) => {
  const y = g.add(x, 1);
  return g.select(g.lessEqual(x, -1), 0, g.select(g.greaterEqual(x, 1), x, g.mul(g.mul(y, y), 0.25)));
});

/** ½(x + √(x² + b)) (Barron 2021) */
export function squareplus<A extends Operand>(x: A, options: { b?: number } = {}): ResultOf<A> {
  const { b = 4 } = options;
  return apply1('squareplus', [x], b, ([value]) => {
    const v = asFloat(value as Value);
    return g.mul(g.add(v, g.sqrt(g.add(g.mul(v, v), b))), 0.5);
  });
}

/** x moved towards 0 by the threshold (0.5 by default), and 0 within it. */
export function softShrink<A extends Operand>(x: A, options: { threshold?: number } = {}): ResultOf<A> {
  const { threshold: by = 0.5 } = options;
  return apply1('softShrink', [x], by, ([value]) => {
    const v = asFloat(value as Value);
    return g.select(g.greater(v, by), g.sub(v, by), g.select(g.less(v, -by), g.add(v, by), 0));
  });
}

/** x where |x| is above the threshold (0.5 by default), else 0. */
export function hardShrink<A extends Operand>(x: A, options: { threshold?: number } = {}): ResultOf<A> {
  const { threshold: above = 0.5 } = options;
  return apply1('hardShrink', [x], above, ([value]) => {
    const v = asFloat(value as Value);
    return g.select(g.greater(g.abs(v), above), v, 0);
  });
}

/** x where x is above `threshold`, else `defaultValue`. */
export function threshold<A extends Operand>(
  x: A,
  options: { threshold?: number; defaultValue?: number } = {},
): ResultOf<A> {
  const { threshold: above = 0, defaultValue = 0 } = options;
  return apply1('threshold', [x], [above, defaultValue], ([value]) => {
    const v = asFloat(value as Value);
    return g.select(g.greater(v, above), v, defaultValue);
  });
}
