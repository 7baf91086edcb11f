/** Reading and choosing elements by position. */
import * as g from '@weftjs/graph';
import { WeftError, isFloat, received, type DType, type Value } from '@weftjs/graph';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** Positions: int32; whole floats are accepted. Negative ones count from the end. */
function positions(indices: Value, extent: number): Value {
  const whole = g.cast(indices, 'int32');
  return g.select(g.less(whole, 0), g.add(whole, extent), whole);
}

/**
 * The elements of `x` along an axis (or of all, flattened) at positions.
 *
 * @example
 * ops.take([10, 20, 30], [2, 0], { axis: 0 }); // [30, 10]
 */
export function take<A extends Operand, I extends Operand>(
  x: A,
  indices: I,
  options: { axis?: number | null } = {},
): ResultOf<A | I> {
  const { axis = null } = options;
  return apply1<A | I>('take', [x, indices], axis, ([value, at]) => {
    const v = axis === null ? g.reshape(value as Value, [-1]) : (value as Value);
    const along = g.resolveAxis('take', axis ?? 0, v.type.shape.length);
    return g.gather(v, positions(at as Value, v.type.shape[along] as number), { axis: along });
  });
}

/** For each position of `indices` the element of `x` at that place along the axis; the other axes agree. */
export function takeAlongAxis<A extends Operand, I extends Operand>(x: A, indices: I, axis = -1): ResultOf<A | I> {
  return apply1<A | I>('takeAlongAxis', [x, indices], axis, ([value, at]) => {
    const v = value as Value;
    const along = g.resolveAxis('takeAlongAxis', axis, v.type.shape.length);
    // the axis goes last, so that all others are shared
    const order = [...v.type.shape.map((_, i) => i).filter((i) => i !== along), along];
    const back = order.map((_, i) => order.indexOf(i));
    const chosen = g.gather(
      g.transpose(v, order),
      positions(g.transpose(at as Value, order), v.type.shape[along] as number),
      {
        axis: order.length - 1,
        batchDims: order.length - 1,
      },
    );
    return g.transpose(chosen, back);
  });
}

/** One part of a slice: a position (the axis goes), `[start, stop]`, `[start, stop, step]`, or null for all. */
export type SlicePart = number | readonly [start: number | null, stop?: number | null, step?: number] | null;

/**
 * A window with `shape` that begins at `start`.
 *
 * @example
 * ops.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, 2]); // [[2, 3], [5, 6]]
 */
export function slice<A extends Operand>(x: A, start: readonly number[], shape: readonly number[]): ResultOf<A> {
  return apply1('slice', [x], [start, shape], ([value]) => {
    const v = value as Value;
    const limits = start.map((at, i) =>
      (shape[i] as number) === -1 ? (v.type.shape[i] as number) : at + (shape[i] as number),
    );
    return g.slice(v, start, limits);
  });
}

/** Python's `x[…]`: one part an axis; missing axes are whole. */
export function getItem<A extends Operand>(x: A, ...parts: SlicePart[]): ResultOf<A> {
  return apply1('getItem', [x], parts, ([value]) => {
    const v = value as Value;
    const { shape } = v.type;
    if (parts.length > shape.length)
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `getItem takes at most one part for each of ${shape.length} axes. Received: ${received(parts)}.`,
      );
    const bounds = shape.map((extent, axis) => bound(parts[axis] ?? null, extent, axis));
    const cut = g.slice(
      v,
      bounds.map(({ start }) => start),
      bounds.map(({ stop }) => stop),
      bounds.map(({ step }) => step),
    );
    return g.reshape(
      cut,
      cut.type.shape.filter((_, axis) => typeof parts[axis] !== 'number'),
    );
  });
}

function bound(part: SlicePart, extent: number, axis: number): { start: number; stop: number; step: number } {
  if (typeof part === 'number') {
    const at = part < 0 ? part + extent : part;
    if (!Number.isInteger(at) || at < 0 || at >= extent) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `A position along axis ${axis} must lie in [${-extent}, ${extent}). Received: ${received(part)}.`,
      );
    }
    return { start: at, stop: at + 1, step: 1 };
  }
  const [from = null, to = null, step = 1] = part ?? [];
  if (!Number.isInteger(step) || step < 1)
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `A step must be a whole number >= 1. Received: ${received(step)}. Use ops.flip for the opposite order.`,
    );
  const clamp = (at: number): number => Math.min(extent, Math.max(0, at < 0 ? at + extent : at));
  const start = clamp(from ?? 0);
  return { start, stop: Math.max(start, clamp(to ?? extent)), step };
}

/**
 * 1 at the place of each class number, else 0, along a new axis.
 *
 * @example
 * ops.oneHot([0, 2], 3); // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot<A extends Operand>(
  x: A,
  numClasses: number,
  options: { axis?: number; dtype?: DType } = {},
): ResultOf<A> {
  const { axis = -1, dtype = 'float32' } = options;
  return apply1('oneHot', [x], [numClasses, axis, dtype], ([value]) => {
    const labels = g.cast(value as Value, 'int32');
    const rank = labels.type.shape.length + 1;
    const at = g.resolveAxis('oneHot', axis, rank);
    const classes = g.iota(
      'int32',
      Array.from({ length: rank }, (_, i) => (i === at ? numClasses : 1)),
      at,
    );
    return g.cast(g.equal(g.expandDims(labels, at), classes), dtype);
  });
}

/** 1 at the places of several class numbers along the last axis of `x`, else 0. */
export function multiHot<A extends Operand>(x: A, numClasses: number, options: { dtype?: DType } = {}): ResultOf<A> {
  const { dtype = 'float32' } = options;
  return apply1('multiHot', [x], [numClasses, dtype], ([value]) => {
    const labels = g.cast(value as Value, 'int32');
    const rank = labels.type.shape.length;
    const classes = g.iota('int32', [...new Array<number>(rank).fill(1), numClasses], rank);
    return g.cast(g.reduceAny(g.equal(g.expandDims(labels, rank), classes), { axes: rank - 1 }), dtype);
  });
}

/** How often each number from 0 to `length` − 1 occurs (by weight, if weights are given). */
export function bincount<A extends Operand>(x: A, options: { length: number; weights?: Operand }): ResultOf<A> {
  const { length, weights } = options;
  const operands = (weights === undefined ? [x] : [x, weights]) as A[];
  return apply1('bincount', operands, length, ([value, weight]) => {
    const flat = g.reshape(g.cast(value as Value, 'int32'), [-1]);
    const updates = weight ? g.reshape(weight, [-1]) : g.full('int32', flat.type.shape, 1);
    return g.scatterAdd(updates, flat, { size: length });
  });
}

/** Sums of the slices of `x` that share a segment number. */
export function segmentSum<A extends Operand, I extends Operand>(
  x: A,
  segmentIds: I,
  numSegments: number,
): ResultOf<A | I> {
  return apply1<A | I>('segmentSum', [x, segmentIds], numSegments, ([value, ids]) => {
    const v = value as Value;
    const sums = isFloat(v.type.dtype) || v.type.dtype === 'int32' ? v : g.cast(v, 'int32');
    return g.scatterAdd(sums, g.cast(ids as Value, 'int32'), { size: numSegments });
  });
}
