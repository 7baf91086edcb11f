/** Pieces that several losses share, on graph values. */
import {
  add, cast, div, equal, expandDims, formatType, full, iota, log, maximum, minimum, mul, neg, notEqual, reduceAny, reduceSum, rsqrt, select, softplus, sub,
  transpose, WeftError, type Value,
} from '@weftjs/graph';

/** Keeps logarithms and quotients finite. */
export const EPSILON = 1e-7;

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

/** Puts an axis last. */
export function axisLast(x: Value, axis: number): Value {
  const rank = x.type.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  if (at === rank - 1) return x;
  const others = x.type.shape.map((_, i) => i).filter((i) => i !== at);
  return transpose(x, [...others, at]);
}

/** −y·ln p − (1 − y)·ln(1 − p), each element */
export function binaryCrossentropyElements(t: Value, p: Value, fromLogits: boolean): Value {
  // max(z, 0) − z·y + ln(1 + e^−|z|), which is softplus(z) − z·y
  if (fromLogits) return sub(softplus(p), mul(p, t));
  const inside = clip(p, EPSILON, 1 - EPSILON);
  return neg(add(mul(t, log(inside)), mul(sub(1, t), log(sub(1, inside)))));
}

/** One-hot targets need the shape of the predictions. */
export function requireClasses(t: Value, p: Value, name: string): void {
  const [a, b] = [t.type.shape, p.type.shape];
  if (a.length === b.length && a.length > 0 && a[a.length - 1] === b[b.length - 1]) return;
  throw new WeftError(
    'WEFT_E_SHAPE',
    `${name} needs one-hot targets of the predictions' shape, ${formatType(p.type)}. Received: ${formatType(t.type)}. For integer labels use sparseCategoricalCrossentropy, or toCategorical.`,
  );
}
