/** Metrics of regression that are not the mean of a loss (https://keras.io/api/metrics/regression_metrics/). */
import {
  add,
  broadcastTo,
  cast,
  div,
  expandDims,
  full,
  isFinite,
  mul,
  neg,
  reduceSum,
  select,
  sizeOf,
  sub,
  isNan,
  logicalOr,
  type Value,
} from '@weftjs/graph';
import type { Tensor } from '../core/tensor/tensor.ts';
import { CosineSimilarity as CosineSimilarityLoss } from '../losses/cosineSimilarity.ts';
import { alignRanks } from '../losses/loss.ts';
import { nonNegativeInteger, oneOf } from '../options/strict.ts';
import { MeanOfSamples } from './mean.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

export interface CosineSimilarityOptions extends MetricOptions {
  /** The axis of the vectors. Default the last. */
  axis?: number;
}

/** Σ yTrue · yPred of vectors of length 1: 1 for the same direction, −1 for the opposite */
export class CosineSimilarity extends MeanOfSamples<CosineSimilarityOptions> {
  static override readonly className = 'CosineSimilarity';
  static override readonly logName = 'cosine_similarity';
  static override readonly defaults = { axis: -1 };
  private readonly loss = new CosineSimilarityLoss({ axis: this.options.axis });
  protected measure(yTrue: Value, yPred: Value): Value {
    return neg(this.loss.sampleLosses(yTrue, cast(yPred, 'float32')));
  }
}

export interface R2ScoreOptions extends MetricOptions {
  /** How the columns of the targets become one number; null keeps them. Default `'uniformAverage'`. */
  classAggregation?: 'uniformAverage' | 'varianceWeightedAverage' | null;
  /** Number of independent variables, for the adjusted score. Default 0: the plain score. */
  numRegressors?: number;
}

/** 1 − Σ (yTrue − yPred)² / Σ (yTrue − mean)²: the share of the targets' variance that the predictions explain */
export class R2Score extends Metric<R2ScoreOptions> {
  static override readonly className = 'R2Score';
  static override readonly logName = 'r2_score';
  static override readonly defaults = { classAggregation: 'uniformAverage', numRegressors: 0 };

  constructor(options: R2ScoreOptions = {}) {
    super(options);
    const { classAggregation, numRegressors } = this.options;
    if (classAggregation !== null)
      oneOf('r2Score', 'classAggregation', classAggregation, ['uniformAverage', 'varianceWeightedAverage']);
    nonNegativeInteger('r2Score', 'numRegressors', numRegressors);
  }

  protected states(batch?: readonly Tensor[]): Record<string, readonly number[]> | null {
    if (!batch) return null;
    const { shape } = batch[1] as Tensor;
    const columns = shape.length > 1 ? shape.slice(1) : [1];
    return { sum: columns, squaredSum: columns, squaredError: columns, count: columns, samples: [] };
  }

  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const column = (x: Value): Value => (x.type.shape.length === 1 ? expandDims(x, -1) : x);
    const [t, p] = alignRanks(column(cast(yTrue as Value, 'float32')), column(cast(yPred as Value, 'float32')));
    let w = weight ? cast(weight, 'float32') : full('float32', [], 1);
    if (w.type.shape.length === 1) w = expandDims(w, 1);
    w = broadcastTo(w, t.type.shape);
    const error = sub(t, p);
    const total = (x: Value): Value => reduceSum(x, { axes: 0 });
    return {
      sum: add(state.sum as Value, total(mul(t, w))),
      squaredSum: add(state.squaredSum as Value, total(mul(t, mul(t, w)))),
      squaredError: add(state.squaredError as Value, total(mul(mul(error, error), w))),
      count: add(state.count as Value, total(w)),
      samples: add(state.samples as Value, sizeOf(t.type.shape)),
    };
  }

  protected compute(state: State): Value {
    const { classAggregation, numRegressors } = this.options;
    const { sum, squaredSum, squaredError, count, samples } = state as Readonly<
      Record<'sum' | 'squaredSum' | 'squaredError' | 'count' | 'samples', Value>
    >;
    const variance = sub(squaredSum, mul(sum, div(sum, count)));
    const raw = sub(1, div(squaredError, variance));
    const scores = select(logicalOr(isFinite(raw), isNan(raw)), raw, 0);
    let score = scores;
    if (classAggregation === 'uniformAverage') score = div(reduceSum(scores), sizeOf(scores.type.shape));
    if (classAggregation === 'varianceWeightedAverage')
      score = div(reduceSum(mul(variance, scores)), reduceSum(variance));
    if (numRegressors === 0) return score;
    return sub(1, div(mul(sub(1, score), sub(samples, 1)), sub(samples, numRegressors + 1)));
  }
}

export const cosineSimilarity = (options?: CosineSimilarityOptions): CosineSimilarity => new CosineSimilarity(options);
export const r2Score = (options?: R2ScoreOptions): R2Score => new R2Score(options);
