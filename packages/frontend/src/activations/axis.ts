/** Activations that look along an axis: what is given sums to one, or halves gate each other. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from '../ops/define.ts';

export interface AxisOptions {
  /** The last by default. */
  axis?: number;
}

/**
 * eˣ / Σ eˣ along an axis: positive numbers that sum to one.
 *
 * @example
 * activations.softmax([[1, 1, 1, 1]]); // [[0.25, 0.25, 0.25, 0.25]]
 */
export function softmax<A extends Operand>(x: A, options: AxisOptions = {}): ResultOf<A> {
  const { axis = -1 } = options;
  return apply1('softmax', [x], axis, ([value]) => g.softmax(asFloat(value as Value), axis));
}

/** ln softmax(x) along an axis, exact where softmax is close to 0. */
export function logSoftmax<A extends Operand>(x: A, options: AxisOptions = {}): ResultOf<A> {
  const { axis = -1 } = options;
  return apply1('logSoftmax', [x], axis, ([value]) => g.logSoftmax(asFloat(value as Value), axis));
}

/** a · sigmoid(b), where a and b are the halves of x along an axis (Dauphin et al. 2016). */
export function glu<A extends Operand>(x: A, options: AxisOptions = {}): ResultOf<A> {
  const { axis = -1 } = options;
  return apply1('glu', [x], axis, ([value]) => {
    const v = asFloat(value as Value);
    const at = g.resolveAxis('glu', axis, v.type.shape.length);
    const extent = v.type.shape[at] as number;
    g.requireShape(extent % 2 === 0, 'glu', 'an even extent along the axis that is halved', v.type.shape);
    return g.mul(g.sliceAxis(v, at, 0, extent / 2), g.sigmoid(g.sliceAxis(v, at, extent / 2, extent)));
  });
}

/**
 * max(x − τ, 0) along an axis: like softmax, but small entries become exactly 0 (Martins and Astudillo 2016). The
 * threshold τ is computed as Keras 3.15 does: from the running sums of the entries kept, where the paper takes the last
 * of these sums; the results agree where one entry is kept.
 */
export function sparsemax<A extends Operand>(x: A, options: AxisOptions = {}): ResultOf<A> {
  const { axis = -1 } = options;
  return apply1('sparsemax', [x], axis, ([value]) => {
    const v = asFloat(value as Value);
    const at = g.resolveAxis('sparsemax', axis, v.type.shape.length);
    const sorted = g.sort(v, { axis: at, descending: true }).values;
    const sums = g.cumSum(sorted, { axis: at });
    const rank = g.add(g.iota(v.type.dtype, v.type.shape, at), 1);
    const support = g.greater(g.sub(sorted, g.div(g.sub(sums, 1), rank)), 0);
    const along = { axes: at, keepDims: true };
    const count = g.reduceSum(g.cast(support, v.type.dtype), along);
    const threshold = g.div(g.sub(g.reduceSum(g.select(support, sums, 0), along), 1), count);
    return g.maximum(g.sub(v, threshold), 0);
  });
}
