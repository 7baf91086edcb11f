/** Centring and scaling. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat, unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';
import { meanValue, varianceValue } from './reduce.ts';

/**
 * x / ‖x‖ along an axis: vectors of length 1.
 *
 * @example
 * ops.normalize([3, 4]); // [0.6, 0.8]
 */
export function normalize<A extends Operand>(
  x: A,
  options: { axis?: number | readonly number[]; order?: number } = {},
): ResultOf<A> {
  const { axis = -1, order = 2 } = options;
  return apply1('normalize', [x], [axis, order], ([value]) => {
    const v = asFloat(value as Value);
    const along = { axes: axis, keepDims: true };
    if (order === 2) return g.mul(v, g.rsqrt(g.maximum(g.reduceSum(g.mul(v, v), along), 1e-12)));
    const norm =
      order === 1 ? g.reduceSum(g.abs(v), along) : g.pow(g.reduceSum(g.pow(g.abs(v), order), along), 1 / order);
    return g.div(v, g.maximum(norm, 1e-12));
  });
}

export interface BatchNormalizationOptions {
  /** The axis that keeps its own statistics. */
  axis: number;
  /** Added after scaling. */
  offset?: Operand;
  scale?: Operand;
  epsilon?: number;
}

/** (x − mean) / √(variance + ε) · scale + offset, with one number of each for every position along an axis. */
export function batchNormalization<A extends Operand>(
  x: A,
  mean: Operand,
  variance: Operand,
  options: BatchNormalizationOptions,
): ResultOf<A> {
  const { axis, offset, scale, epsilon = 1e-3 } = options;
  const operands = [
    x,
    mean,
    variance,
    ...(scale === undefined ? [] : [scale]),
    ...(offset === undefined ? [] : [offset]),
  ] as A[];
  return apply1(
    'batchNormalization',
    operands,
    [axis, epsilon, scale !== undefined, offset !== undefined],
    (values) => {
      const [v, m, s, ...rest] = unify(values, 'float16') as [Value, Value, Value, ...Value[]];
      const along = g.resolveAxis('batchNormalization', axis, v.type.shape.length);
      const spread = (parameter: Value): Value =>
        g.reshape(
          parameter,
          v.type.shape.map((_, i) => (i === along ? -1 : 1)),
        );
      const inverse = g.rsqrt(g.add(s, epsilon));
      const factor = scale === undefined ? inverse : g.mul(inverse, rest[0] as Value);
      const centred = g.mul(g.sub(v, spread(m)), spread(factor));
      return offset === undefined ? centred : g.add(centred, spread(rest[rest.length - 1] as Value));
    },
  );
}

export interface LayerNormalizationOptions {
  /** The axes whose statistics are taken. */
  axis?: number | readonly number[];
  gamma?: Operand | null;
  beta?: Operand | null;
  epsilon?: number;
}

/** (x − mean) / √(variance + ε) · gamma + beta, with statistics over axes of each sample (Ba et al. 2016). */
export function layerNormalization<A extends Operand>(x: A, options: LayerNormalizationOptions = {}): ResultOf<A> {
  const { axis = -1, gamma = null, beta = null, epsilon = 1e-3 } = options;
  const operands = [x, ...(gamma === null ? [] : [gamma]), ...(beta === null ? [] : [beta])] as A[];
  return apply1('layerNormalization', operands, [axis, epsilon, gamma !== null, beta !== null], (values) => {
    const [v, ...parameters] = unify(values, 'float16') as [Value, ...Value[]];
    const axes = g.resolveAxes('layerNormalization', axis, v.type.shape.length);
    const by = { axes, keepDims: true };
    const spread = (parameter: Value): Value =>
      g.reshape(
        parameter,
        v.type.shape.map((extent, i) => (axes.includes(i) ? extent : 1)),
      );
    const inverse = g.rsqrt(g.add(varianceValue(v, by), epsilon));
    const factor = gamma === null ? inverse : g.mul(inverse, spread(parameters[0] as Value));
    const y = g.mul(g.sub(v, meanValue(v, by)), factor);
    return beta === null ? y : g.add(y, spread(parameters[parameters.length - 1] as Value));
  });
}

/** x / √(mean(x²) + ε) · scale (Zhang and Sennrich 2019). */
export function rmsNormalization<A extends Operand>(
  x: A,
  options: { scale?: Operand | null; axis?: number | readonly number[]; epsilon?: number } = {},
): ResultOf<A> {
  const { scale = null, axis = -1, epsilon = 1e-7 } = options;
  return apply1('rmsNormalization', (scale === null ? [x] : [x, scale]) as A[], [axis, epsilon], (values) => {
    const [v, factor] = unify(values, 'float16') as [Value, Value | undefined];
    const y = g.mul(v, g.rsqrt(g.add(meanValue(g.mul(v, v), { axes: axis, keepDims: true }), epsilon)));
    return factor ? g.mul(y, factor) : y;
  });
}
