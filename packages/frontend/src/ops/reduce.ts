/** Sums, means and other summaries over axes. */
import * as g from '@weftjs/graph';
import { isFloat, type Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** Which axes are reduced. */
export interface ReduceOptions {
  /** One axis or several; all by default. */
  axis?: number | readonly number[] | null;
  /** Whether reduced axes stay, with extent 1. */
  keepdims?: boolean;
}

/** Options, or the axis alone. */
export type ReduceArgument = ReduceOptions | number | readonly number[];

interface Reduction {
  readonly axes: number | readonly number[] | null;
  readonly keepDims: boolean;
}

export function reductionOf(options: ReduceArgument = {}): Reduction {
  const { axis = null, keepdims = false } =
    typeof options === 'number' || Array.isArray(options) ? { axis: options } : (options as ReduceOptions);
  return { axes: axis, keepDims: keepdims };
}

type Reduce = <A extends Operand>(x: A, options?: ReduceArgument) => ResultOf<A>;

function reduction(name: string, build: (x: Value, by: Reduction) => Value): Reduce {
  return (x, options) => {
    const by = reductionOf(options);
    return apply1(name, [x], by, ([value]) => build(value as Value, by));
  };
}

/** What sums of bools and unsigned numbers are counted in. */
const counted = (x: Value): Value => (isFloat(x.type.dtype) ? x : g.cast(x, 'int32'));
const sizeAlong = (x: Value, { axes }: Reduction): number =>
  g.resolveAxes('mean', axes, x.type.shape.length).reduce((size, axis) => size * (x.type.shape[axis] as number), 1);

/** The mean on graph values. */
export function meanValue(x: Value, by: Reduction): Value {
  const v = asFloat(x);
  return g.div(g.reduceSum(v, by), sizeAlong(v, by));
}

/** The mean of the squared distances from the mean. */
export function varianceValue(x: Value, by: Reduction): Value {
  const v = asFloat(x);
  const centred = g.sub(v, meanValue(v, { ...by, keepDims: true }));
  return meanValue(g.mul(centred, centred), by);
}

/**
 * Σ over axes
 *
 * @example
 * ops.sum([[1, 2], [3, 4]]);              // 10
 * ops.sum([[1, 2], [3, 4]], { axis: 0 }); // [4, 6]
 */
export const sum = /* @__PURE__ */ reduction('sum', (x, by) => g.reduceSum(counted(x), by));
/** Π over axes */
export const prod = /* @__PURE__ */ reduction('prod', (x, by) => g.reduceProd(counted(x), by));
/** The mean over axes */
export const mean = /* @__PURE__ */ reduction('mean', meanValue);
/** The variance over axes: divided by the count, as in NumPy */
export const variance = /* @__PURE__ */ reduction('variance', varianceValue);
/** The standard deviation over axes */
export const std = /* @__PURE__ */ reduction('std', (x, by) => g.sqrt(varianceValue(x, by)));
/** The largest over axes */
export const max = /* @__PURE__ */ reduction('max', (x, by) =>
  g.reduceMax(x.type.dtype === 'bool' ? counted(x) : x, by),
);
/** The smallest over axes */
export const min = /* @__PURE__ */ reduction('min', (x, by) =>
  g.reduceMin(x.type.dtype === 'bool' ? counted(x) : x, by),
);
/** Whether any is true (not 0) */
export const any = /* @__PURE__ */ reduction('any', (x, by) => g.reduceAny(g.cast(x, 'bool'), by));
/** Whether all are true (not 0) */
export const all = /* @__PURE__ */ reduction('all', (x, by) => g.reduceAll(g.cast(x, 'bool'), by));
/** How many are not 0 */
export const countNonzero = /* @__PURE__ */ reduction('countNonzero', (x, by) =>
  g.reduceSum(g.cast(g.cast(x, 'bool'), 'int32'), by),
);
/** ln Σ eˣ, without overflow */
export const logsumexp = /* @__PURE__ */ reduction('logsumexp', (x, by) => logSumExpValue(asFloat(x), by));

/** ln Σ eˣ on graph values. */
export function logSumExpValue(x: Value, { axes, keepDims }: Reduction): Value {
  const largest = g.stopGradient(g.reduceMax(x, { axes, keepDims: true }));
  // an infinite maximum must not become NaN
  const shift = g.select(g.isFinite(largest), largest, 0);
  const y = g.add(g.log(g.reduceSum(g.exp(g.sub(x, shift)), { axes, keepDims: true })), shift);
  if (keepDims) return y;
  const dropped = new Set(g.resolveAxes('logsumexp', axes, x.type.shape.length));
  return g.reshape(
    y,
    x.type.shape.filter((_, axis) => !dropped.has(axis)),
  );
}

/** The mean and the variance over axes, as a pair. */
export function moments<A extends Operand>(x: A, options?: ReduceArgument): [ResultOf<A>, ResultOf<A>] {
  return [mean(x, options), variance(x, options)];
}

/** A norm over axes: `ord` 2 (Euclid, the default), 1, Infinity or any other power. */
export function norm<A extends Operand>(x: A, options: ReduceOptions & { ord?: number } = {}): ResultOf<A> {
  const { ord = 2, ...rest } = options;
  const by = reductionOf(rest);
  return apply1('norm', [x], [by, String(ord)], ([value]) => {
    const v = asFloat(value as Value);
    if (ord === 2) return g.sqrt(g.reduceSum(g.mul(v, v), by));
    if (ord === 1) return g.reduceSum(g.abs(v), by);
    if (ord === Infinity) return g.reduceMax(g.abs(v), by);
    return g.pow(g.reduceSum(g.pow(g.abs(v), ord), by), 1 / ord);
  });
}

/** Options of argmax and argmin. */
export interface ArgOptions {
  /** Without an axis the position in the flattened tensor. */
  axis?: number | null;
  keepdims?: boolean;
}

type ArgReduce = <A extends Operand>(x: A, options?: ArgOptions | number) => ResultOf<A>;

function argReduction(name: string, build: (x: Value, axis: number) => Value): ArgReduce {
  return (x, options = {}) => {
    const { axis = null, keepdims = false } = typeof options === 'number' ? { axis: options } : options;
    return apply1(name, [x], [axis, keepdims], ([value]) => {
      const v = (value as Value).type.dtype === 'bool' ? g.cast(value as Value, 'int32') : (value as Value);
      const y = axis === null ? build(g.reshape(v, [-1]), 0) : build(v, axis);
      if (!keepdims) return y;
      return axis === null
        ? g.reshape(
            y,
            v.type.shape.map(() => 1),
          )
        : g.expandDims(y, g.resolveAxis(name, axis, v.type.shape.length));
    });
  };
}

/** The position of the first largest element along an axis, int32 */
export const argmax = /* @__PURE__ */ argReduction('argmax', (x, axis) => g.argMax(x, axis));
/** The position of the first smallest element along an axis, int32 */
export const argmin = /* @__PURE__ */ argReduction('argmin', (x, axis) => g.argMin(x, axis));

type Cumulative = <A extends Operand>(x: A, options?: { axis?: number | null } | number) => ResultOf<A>;

function cumulative(name: string, build: (x: Value, options: { axis: number }) => Value): Cumulative {
  return (x, options = {}) => {
    const { axis = null } = typeof options === 'number' ? { axis: options } : options;
    return apply1(name, [x], axis, ([value]) => {
      const v = counted(value as Value);
      return axis === null ? build(g.reshape(v, [-1]), { axis: 0 }) : build(v, { axis });
    });
  };
}

/** Running sums along an axis */
export const cumsum = /* @__PURE__ */ cumulative('cumsum', (x, options) => g.cumSum(x, options));
/** Running products along an axis */
export const cumprod = /* @__PURE__ */ cumulative('cumprod', (x, options) => g.cumProd(x, options));
