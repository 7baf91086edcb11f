/** Pieces that several losses share, on graph values. */
import { add, cast, div, equal, expandDims, full, iota, maximum, minimum, mul, notEqual, reduceAny, reduceSum, rsqrt, select, sub, type Value } from '@weftjs/graph';

/** The mean over the last axis; a scalar stays. */
export function meanLast(x: Value): Value {
  const { shape } = x.type;
  if (shape.length === 0) return x;
  return div(reduceSum(x, { axes: -1 }), Math.max(1, shape[shape.length - 1] as number));
}

/** x / √max(Σx², ε) along an axis. */
export function normalizeLast(x: Value, axis = -1): Value {
  return mul(x, rsqrt(maximum(reduceSum(mul(x, x), { axes: axis, keepDims: true }), 1e-12)));
}

export const clip = (x: Value, low: number, high: number): Value => minimum(maximum(x, low), high);

/** 1 at the label, else 0, along a new last axis. */
export function oneHot(labels: Value, classes: number, like: Value): Value {
  const index = cast(labels, 'int32');
  return cast(equal(expandDims(index, -1), iota('int32', [classes], 0)), like.type.dtype);
}

/** Labels 0 and 1 become −1 and 1; others stay. Decided for the whole batch, as in Keras. */
export function signedLabels(labels: Value): Value {
  const isBinary = (value: number): Value => notEqual(labels, value);
  const other = reduceAny(cast(mul(cast(isBinary(0), 'int32'), cast(isBinary(1), 'int32')), 'bool'));
  return select(other, labels, sub(mul(2, labels), full(labels.type.dtype, [], 1)));
}

/** Moves labels towards uniform: y·(1 − s) + s/classes. */
export function smooth(labels: Value, smoothing: number, classes: number): Value {
  return smoothing === 0 ? labels : add(mul(labels, 1 - smoothing), smoothing / classes);
}
