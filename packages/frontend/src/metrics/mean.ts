/** Means and sums of numbers, and metrics that are the mean of a number for each sample. */
import { add, broadcastTo, cast, div, full, isFloat, maximum, mul, reduceSum, reshape, sqrt, sub, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import type { TensorLike } from '../core/tensor/convert.ts';
import { isTensor, type Tensor } from '../core/tensor/tensor.ts';
import { alignRanks } from '../losses/loss.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

const asFloats = (x: Value): Value => (isFloat(x.type.dtype) ? x : cast(x, 'float32'));
const count = (x: Value): number => x.type.shape.reduce((size, extent) => size * extent, 1);
const axesFrom = (x: Value, first: number): number[] => x.type.shape.map((_, i) => i).slice(first);

function meanOver(x: Value, axes: readonly number[]): Value {
  const size = axes.reduce((product, axis) => product * (x.type.shape[axis] as number), 1);
  return axes.length === 0 ? x : div(reduceSum(x, { axes }), Math.max(1, size));
}

/** One value and one weight for each sample, as Keras averages them. */
export function samplewise(values: Value, weight: Value | null): { values: Value; weight: Value | null } {
  let v = asFloats(values);
  if (weight) {
    let w: Value;
    [v, w] = alignRanks(v, asFloats(weight));
    v = meanOver(v, axesFrom(v, w.type.shape.length));
    const weighted = mul(v, w);
    return { values: meanOver(weighted, axesFrom(weighted, 1)), weight: v.type.shape.length > 1 ? meanOver(w, axesFrom(w, 1)) : w };
  }
  return { values: meanOver(v, axesFrom(v, 1)), weight: null };
}

/** total and count of a running mean after more values */
export function accumulateMean(state: State, values: Value, weight: Value | null): State {
  const each = samplewise(values, weight);
  const samples = each.weight ? reduceSum(broadcastTo(each.weight, each.values.type.shape)) : full('float32', [], count(each.values));
  return { total: add(state.total as Value, reduceSum(each.values)), count: add(state.count as Value, samples) };
}

/** total / count; 0 where nothing was counted */
export function meanOf({ total, count: samples }: State): Value {
  // whole counts from 1 up are exact, fractions of weights may be smaller than 1
  return div(total as Value, maximum(samples as Value, 1e-38));
}

/** Σ values·weights / Σ weights — https://keras.io/api/metrics/reduction_metrics/ */
export class Mean extends Metric {
  static override readonly className: string = 'Mean';
  static override readonly logName: string = 'mean';
  override updateState(values: TensorLike, sampleWeight?: TensorLike | null): void {
    this.updateWith([values], sampleWeight ?? null);
  }
  protected states(): Record<string, readonly number[]> {
    return { total: [], count: [] };
  }
  protected update(state: State, [values]: readonly Value[], weight: Value | null): State {
    return accumulateMean(state, values as Value, weight);
  }
  protected compute(state: State): Value {
    return meanOf(state);
  }
}

/** Σ values·weights */
export class Sum extends Metric {
  static override readonly className = 'Sum';
  static override readonly logName = 'sum';
  override updateState(values: TensorLike, sampleWeight?: TensorLike | null): void {
    this.updateWith([values], sampleWeight ?? null);
  }
  protected states(): Record<string, readonly number[]> {
    return { total: [] };
  }
  protected update(state: State, [values]: readonly Value[], weight: Value | null): State {
    let sum = asFloats(values as Value);
    if (weight) {
      const [v, w] = alignRanks(sum, asFloats(weight));
      const within = axesFrom(v, w.type.shape.length);
      sum = mul(within.length > 0 ? reduceSum(v, { axes: within }) : v, w);
    }
    return { total: add(state.total as Value, reduceSum(sum)) };
  }
  protected compute({ total }: State): Value {
    return total as Value;
  }
}

/** A metric that is the mean of one number for each sample. Steps that the predictions' mask leaves out do not count. */
export abstract class MeanOfSamples<O extends MetricOptions = MetricOptions> extends Metric<O> {
  override updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): void {
    const mask = isTensor(yPred) ? yPred.mask : null;
    super.updateState(yTrue, yPred, mask ? maskedWeight(mask, sampleWeight ?? null) : sampleWeight);
  }
  /** The numbers, from targets and predictions. */
  protected abstract measure(yTrue: Value, yPred: Value): Value;
  /** Which of the numbers count when they are weighted; null for all. */
  protected counted(_yTrue: Value, _measured: Value): Value | null {
    return null;
  }
  protected states(): Record<string, readonly number[]> {
    return { total: [], count: [] };
  }
  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const measured = this.measure(yTrue as Value, yPred as Value);
    const counted = weight && this.counted(yTrue as Value, measured);
    return accumulateMean(state, measured, weight && counted ? mul(...alignRanks(asFloats(counted), asFloats(weight))) : weight);
  }
  protected compute(state: State): Value {
    return meanOf(state);
  }
}

/** The mask as weights, times the sample weights. */
function maskedWeight(mask: Tensor, weight: TensorLike | null): Tensor {
  return computeOne('maskedWeight', weight === null ? [mask] : [mask, weight], null, ([m, w]) => {
    const kept = cast(m as Value, 'float32');
    if (!w) return kept;
    const missing = Math.max(0, kept.type.shape.length - w.type.shape.length);
    return mul(kept, reshape(asFloats(w), [...w.type.shape, ...new Array<number>(missing).fill(1)]));
  });
}

/** √ mean (yTrue − yPred)² */
export class RootMeanSquaredError extends Metric {
  static override readonly className = 'RootMeanSquaredError';
  static override readonly logName = 'root_mean_squared_error';
  protected states(): Record<string, readonly number[]> {
    return { total: [], count: [] };
  }
  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const [t, p] = alignRanks(asFloats(yTrue as Value), asFloats(yPred as Value));
    const error = sub(p, t);
    return accumulateMean(state, mul(error, error), weight);
  }
  protected compute(state: State): Value {
    return sqrt(meanOf(state));
  }
}

export const mean = (options?: MetricOptions): Mean => new Mean(options);
export const sum = (options?: MetricOptions): Sum => new Sum(options);
export const rootMeanSquaredError = (options?: MetricOptions): RootMeanSquaredError => new RootMeanSquaredError(options);
