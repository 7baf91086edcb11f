/** Summaries beyond sums: weighted means, quantiles, differences, and comparison within a tolerance. */
import * as g from '@weftjs/graph';
import { isFloat, type Value } from '@weftjs/graph';
import { asFloat, unify } from '../core/tensor/convert.ts';
import { apply1, unary, type Operand, type ResultOf } from './define.ts';
import { mean } from './reduce.ts';

/** The mean along an axis (or of all), with a weight for each element. */
export function average<A extends Operand, W extends Operand>(
  x: A,
  options: { axis?: number | null; weights?: W } = {},
): ResultOf<A | W> {
  const { axis = null, weights } = options;
  if (weights === undefined) return mean(x, { axis }) as ResultOf<A | W>;
  return apply1<A | W>('average', [x, weights], axis, (values) => {
    const [v, w] = unify(values, 'float16') as [Value, Value];
    const rank = v.type.shape.length;
    // weights for one axis only are spread over the others
    const spread =
      axis !== null && w.type.shape.length === 1 && rank > 1
        ? g.reshape(
            w,
            v.type.shape.map((_, i) => (i === g.resolveAxis('average', axis, rank) ? -1 : 1)),
          )
        : w;
    const full = g.broadcastTo(spread, v.type.shape);
    return g.div(g.reduceSum(g.mul(v, full), { axes: axis }), g.reduceSum(full, { axes: axis }));
  });
}

/**
 * The value below which a share `q` of the elements lies, between the two nearest linearly.
 *
 * @example
 * ops.quantile([1, 2, 3, 4], 0.5); // 2.5
 */
export function quantile<A extends Operand>(x: A, q: number, options: { axis?: number | null } = {}): ResultOf<A> {
  const { axis = null } = options;
  return apply1('quantile', [x], [q, axis], ([value]) => {
    const v = axis === null ? g.reshape(asFloat(value as Value), [-1]) : asFloat(value as Value);
    const at = g.resolveAxis('quantile', axis ?? 0, v.type.shape.length);
    const sorted = g.sort(v, { axis: at }).values;
    const place = q * ((v.type.shape[at] as number) - 1);
    const low = Math.floor(place);
    const pick = (i: number): Value => {
      const slice = g.sliceAxis(sorted, at, i, i + 1);
      return g.reshape(
        slice,
        v.type.shape.filter((_, axisOf) => axisOf !== at),
      );
    };
    if (place === low) return pick(low);
    return g.add(g.mul(pick(low), low + 1 - place), g.mul(pick(low + 1), place - low));
  });
}

/** The middle value: half of the elements lie below. */
export const median = <A extends Operand>(x: A, options: { axis?: number | null } = {}): ResultOf<A> =>
  quantile(x, 0.5, options);

/** Differences of neighbours along an axis. */
export function diff<A extends Operand>(x: A, options: { axis?: number } = {}): ResultOf<A> {
  const { axis = -1 } = options;
  return apply1('diff', [x], axis, ([value]) => {
    const v = value as Value;
    const at = g.resolveAxis('diff', axis, v.type.shape.length);
    const extent = v.type.shape[at] as number;
    return g.sub(g.sliceAxis(v, at, 1, extent), g.sliceAxis(v, at, 0, extent - 1));
  });
}

/** How far two numbers may lie apart: |a − b| ≤ atol + rtol · |b|. */
export interface Tolerance {
  rtol?: number;
  atol?: number;
}

function closeValue(values: readonly Value[], { rtol = 1e-5, atol = 1e-8 }: Tolerance): Value {
  const [a, b] = unify(values, 'float32') as [Value, Value];
  const near = g.lessEqual(g.abs(g.sub(a, b)), g.add(g.mul(g.abs(b), rtol), atol));
  // infinities are close to themselves only
  return g.logicalOr(g.equal(a, b), g.logicalAnd(near, g.logicalAnd(g.isFinite(a), g.isFinite(b))));
}

/** Whether a and b are equal within a tolerance, element by element. */
export function isclose<A extends Operand, B extends Operand>(a: A, b: B, options: Tolerance = {}): ResultOf<A | B> {
  return apply1<A | B>('isclose', [a, b], options, (values) => closeValue(values, options));
}

/** Whether all elements of a and b are equal within a tolerance. */
export function allclose<A extends Operand, B extends Operand>(a: A, b: B, options: Tolerance = {}): ResultOf<A | B> {
  return apply1<A | B>('allclose', [a, b], options, (values) => g.reduceAll(closeValue(values, options)));
}

/** NaN becomes 0, infinities the largest numbers there are. */
export const nanToNum = /* @__PURE__ */ unary('nanToNum', (x) => {
  if (!isFloat(x.type.dtype)) return x;
  const largest = x.type.dtype === 'float16' ? 65504 : 3.4028234663852886e38;
  const bounded = g.select(g.isFinite(x), x, g.select(g.greater(x, 0), largest, -largest));
  return g.select(g.isNan(x), 0, bounded);
});
