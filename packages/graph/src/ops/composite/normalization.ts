/**
 * Standardising: subtract a mean, divide by a spread. Layer normalisation does it along the features of one example, batch normalisation
 * along the examples of one feature; scale and offset are ordinary products and sums after it.
 */
import {
  apply1,
  applyOp,
  defineOp,
  requireDType,
  resolveAxes,
  type GradientContext,
  type OpDef,
} from '../../core/define.ts';
import type { Value } from '../../core/graph.ts';
import { sizeOf, type Shape, type TensorType } from '../../core/types.ts';
import { FLOATS } from '../dtypes.ts';
import { add, mul, sub } from '../elementwise/arithmetic.ts';
import { rsqrt } from '../elementwise/functions.ts';
import { isFilledWith } from '../literals.ts';
import { reduceSum } from '../reduce.ts';

export interface NormAttrs {
  /** Sorted. */
  readonly axes: readonly number[];
  /** Added to the variance, or to the mean square. */
  readonly epsilon: number;
  readonly [name: string]: number | readonly number[];
}

interface NormOptions {
  axes: number | readonly number[];
  epsilon: number;
}

/** A standardised tensor and its statistics, whose reduced axes have extent 1. */
export interface Standardized {
  readonly y: Value;
  readonly mean: Value;
  /** The mean squared deviation, not corrected for the number of elements. */
  readonly variance: Value;
}

const countOf = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis] as number));
const meanOver = (x: Value, axes: readonly number[]): Value =>
  mul(reduceSum(x, { axes, keepDims: true }), 1 / Math.max(1, countOf(x.type.shape, axes)));
const statisticsType = (x: TensorType, axes: readonly number[]): TensorType => ({
  dtype: x.dtype,
  shape: x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent)),
});

function requireFloat(name: string, x: TensorType, axes: readonly number[]): void {
  requireDType(name, x, FLOATS);
  resolveAxes(name, axes, x.shape.length);
}

/** dx = r·(dy − mean dy − y·mean(dy·y)) with r = 1/√(variance + ε), and what the statistics' own cotangents add. */
function standardizeGradient({
  inputs,
  outputs,
  grads,
  attrs: { axes, epsilon },
}: GradientContext<NormAttrs>): readonly Value[] {
  const [x, y, mean, variance] = [...inputs, ...outputs] as [Value, Value, Value, Value];
  const [dy, dmean, dvariance] = grads as readonly [Value, Value, Value];
  const share = 1 / Math.max(1, countOf(x.type.shape, axes));
  const centred = sub(dy, add(meanOver(dy, axes), mul(y, meanOver(mul(dy, y), axes))));
  let dx = mul(centred, rsqrt(add(variance, epsilon)));
  if (!isFilledWith(dmean, 0)) dx = add(dx, mul(dmean, share));
  if (!isFilledWith(dvariance, 0)) dx = add(dx, mul(mul(dvariance, 2 * share), sub(x, mean)));
  return [dx];
}

function standardizeOp<const N extends string>(name: N): OpDef<N, NormAttrs> {
  return defineOp<N, NormAttrs>({
    name,
    infer: ([x], { axes }) => {
      requireFloat(name, x as TensorType, axes);
      const statistics = statisticsType(x as TensorType, axes);
      return [x as TensorType, statistics, statistics];
    },
    decompose: ([x], { axes, epsilon }) => {
      const mean = meanOver(x as Value, axes);
      const centred = sub(x as Value, mean);
      const variance = meanOver(mul(centred, centred), axes);
      return [mul(centred, rsqrt(add(variance, epsilon))), mean, variance];
    },
    gradient: standardizeGradient,
  });
}

function applyStandardize(def: OpDef<string, NormAttrs>, x: Value, { axes, epsilon }: NormOptions): Standardized {
  const attrs = { axes: resolveAxes(def.name, axes, x.type.shape.length), epsilon };
  const [y, mean, variance] = applyOp(def, [x], attrs) as readonly [Value, Value, Value];
  return { y, mean, variance };
}

export const layerNormOp = /* @__PURE__ */ standardizeOp('layerNorm');
/** (x − mean) / √(variance + ε) along the feature axes of each example (Ba, Kiros and Hinton 2016) */
export const layerNorm = (x: Value, options: NormOptions): Standardized => applyStandardize(layerNormOp, x, options);

export const batchNormOp = /* @__PURE__ */ standardizeOp('batchNorm');
/** (x − mean) / √(variance + ε) over all axes but the features', with the statistics of this batch (Ioffe and Szegedy 2015) */
export const batchNorm = (x: Value, options: NormOptions): Standardized => applyStandardize(batchNormOp, x, options);

export const rmsNormOp = /* @__PURE__ */ defineOp<'rmsNorm', NormAttrs>({
  name: 'rmsNorm',
  infer: ([x], { axes }) => {
    requireFloat('rmsNorm', x as TensorType, axes);
    return [x as TensorType];
  },
  decompose: ([x], { axes, epsilon }) => [
    mul(x as Value, rsqrt(add(meanOver(mul(x as Value, x as Value), axes), epsilon))),
  ],
  gradient: ({ inputs: [x], outputs: [y], grads: [dy], attrs: { axes, epsilon } }) => {
    const scale = rsqrt(add(meanOver(mul(x as Value, x as Value), axes), epsilon));
    return [mul(scale, sub(dy as Value, mul(y as Value, meanOver(mul(dy as Value, y as Value), axes))))];
  },
});
/** x / √(mean x² + ε) along axes (Zhang and Sennrich 2019) */
export const rmsNorm = (x: Value, { axes, epsilon }: NormOptions): Value =>
  apply1(rmsNormOp, [x], { axes: resolveAxes('rmsNorm', axes, x.type.shape.length), epsilon });
