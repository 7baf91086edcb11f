/**
 * F-scores: precision and recall in one number (https://keras.io/api/metrics/classification_metrics/#f1score-class).
 */
import {
  abs,
  add,
  cast,
  div,
  expandDims,
  greater,
  greaterEqual,
  logicalAnd,
  mul,
  reduceMax,
  reduceSum,
  sub,
  sizeOf,
  type Value,
} from '@weftjs/graph';
import type { Tensor } from '../core/tensor/tensor.ts';
import { finiteNumber, oneOf } from '../options/strict.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

const EPSILON = 1e-7;
const SUMS = ['truePositives', 'falsePositives', 'falseNegatives', 'targets'] as const;

export interface F1ScoreOptions extends MetricOptions {
  /**
   * null: a score for each class. `'micro'`: one over all counts. `'macro'`: their mean. `'weighted'`: their mean
   * weighted by how often the class occurs.
   */
  average?: 'micro' | 'macro' | 'weighted' | null;
  /** Predictions above it are positive; by default the largest of each row is. */
  threshold?: number | null;
}

export interface FBetaScoreOptions extends F1ScoreOptions {
  /** Recall counts β times as much as precision. Default 1. */
  beta?: number;
}

/** (1 + β²) · precision · recall / (β² · precision + recall), for one-hot targets [batch, classes] */
export class FBetaScore<O extends FBetaScoreOptions = FBetaScoreOptions> extends Metric<O> {
  static override readonly className: string = 'FBetaScore';
  static override readonly logName: string = 'fbeta_score';
  static override readonly defaults: Readonly<Record<string, unknown>> = { average: null, beta: 1, threshold: null };

  constructor(options: O = {} as O) {
    super(options);
    const { average, threshold } = this.options as FBetaScoreOptions;
    if (average !== null) oneOf(this.name, 'average', average, ['micro', 'macro', 'weighted']);
    if (threshold != null) finiteNumber(this.name, 'threshold', threshold);
  }

  protected states(batch?: readonly Tensor[]): Record<string, readonly number[]> | null {
    if (this.options.average === 'micro') return Object.fromEntries(SUMS.map((name) => [name, []]));
    if (!batch) return null;
    const classes = batch[1]?.shape.at(-1) as number;
    return Object.fromEntries(SUMS.map((name) => [name, [classes]]));
  }

  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const { threshold, average } = this.options as FBetaScoreOptions;
    const scores = cast(yPred as Value, 'float32');
    // a row of zeros has no largest
    const chosen =
      threshold == null
        ? logicalAnd(greaterEqual(scores, reduceMax(scores, { axes: -1, keepDims: true })), greater(abs(scores), 1e-9))
        : greater(scores, threshold);
    const [t, p] = [cast(yTrue as Value, 'float32'), cast(chosen, 'float32')];
    const found = {
      truePositives: mul(p, t),
      falsePositives: mul(p, sub(1, t)),
      falseNegatives: mul(sub(1, p), t),
      targets: t,
    };
    const sum = (x: Value): Value => {
      const weighted = weight ? mul(x, expandDims(cast(weight, 'float32'), 1)) : x;
      return average === 'micro' ? reduceSum(weighted) : reduceSum(weighted, { axes: 0 });
    };
    return Object.fromEntries(SUMS.map((name) => [name, add(state[name] as Value, sum(found[name]))]));
  }

  protected compute({ truePositives, falsePositives, falseNegatives, targets }: State): Value {
    const { average, beta = 1 } = this.options as FBetaScoreOptions;
    const [tp, fp, fn] = [truePositives, falsePositives, falseNegatives] as [Value, Value, Value];
    const precision = div(tp, add(add(tp, fp), EPSILON));
    const recall = div(tp, add(add(tp, fn), EPSILON));
    const mean = div(mul(precision, recall), add(add(mul(precision, beta ** 2), recall), EPSILON));
    const scores = mul(mean, 1 + beta ** 2);
    if (average === 'weighted')
      return reduceSum(mul(scores, div(targets as Value, add(reduceSum(targets as Value), EPSILON))));
    return average === 'macro' ? div(reduceSum(scores), sizeOf(scores.type.shape)) : scores;
  }
}

/** The harmonic mean of precision and recall */
export class F1Score extends FBetaScore<F1ScoreOptions> {
  static override readonly className = 'F1Score';
  static override readonly logName = 'f1_score';
  static override readonly defaults = { average: null, threshold: null };
}

export const fBetaScore = (options?: FBetaScoreOptions): FBetaScore => new FBetaScore(options);
export const f1Score = (options?: F1ScoreOptions): F1Score => new F1Score(options);
