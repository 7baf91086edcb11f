/** How closely predictions follow the targets (https://keras.io/api/metrics/regression_metrics/). */
import { add, cast, div, isFloat, mul, reduceSum, sqrt, sub, type Value } from '@weftjs/graph';
import { alignRanks } from '../losses/loss.ts';
import { MeanOfSamples } from './mean.ts';
import type { MetricOptions } from './metric.ts';

export interface CorrelationOptions extends MetricOptions {
  /** The axis of the numbers that belong together. Default the last: one correlation for each sample. */
  axis?: number;
}

const EPSILON = 1e-7;

/** Means along an axis, which stays with extent 1. */
function meanAlong(x: Value, axis: number): Value {
  return div(reduceSum(x, { axes: axis, keepDims: true }), x.type.shape.at(axis) as number);
}

/** Targets and predictions as floats of one rank. */
function floats(yTrue: Value, yPred: Value): [Value, Value] {
  const p = isFloat(yPred.type.dtype) ? yPred : cast(yPred, 'float32');
  return alignRanks(cast(yTrue, p.type.dtype), p);
}

/** The means of squares along an axis. */
const variance = (centred: Value, axis: number): Value => meanAlong(mul(centred, centred), axis);
const squeezed = (x: Value, axis: number): Value => reduceSum(x, { axes: axis });

/** covariance(yTrue, yPred) / (σ(yTrue)·σ(yPred)): 1 for a rising line, −1 for a falling one (Pearson 1895) */
export class PearsonCorrelation extends MeanOfSamples<CorrelationOptions> {
  static override readonly className = 'PearsonCorrelation';
  static override readonly logName = 'pearson_correlation';
  static override readonly defaults = { axis: -1 };
  protected measure(yTrue: Value, yPred: Value): Value {
    const { axis } = this.options;
    const standard = (x: Value): Value => {
      const centred = sub(x, meanAlong(x, axis));
      return div(centred, sqrt(variance(centred, axis)));
    };
    const [t, p] = floats(yTrue, yPred);
    return squeezed(meanAlong(mul(standard(t), standard(p)), axis), axis);
  }
}

/** 2·covariance / (σ²(yTrue) + σ²(yPred) + (difference of means)²): 1 only where predictions are the targets (Lin 1989) */
export class ConcordanceCorrelation extends MeanOfSamples<CorrelationOptions> {
  static override readonly className = 'ConcordanceCorrelation';
  static override readonly logName = 'concordance_correlation';
  static override readonly defaults = { axis: -1 };
  protected measure(yTrue: Value, yPred: Value): Value {
    const { axis } = this.options;
    const [t, p] = floats(yTrue, yPred);
    const [meanT, meanP] = [meanAlong(t, axis), meanAlong(p, axis)];
    const [centredT, centredP] = [sub(t, meanT), sub(p, meanP)];
    const shift = sub(meanT, meanP);
    const norm = add(add(variance(centredT, axis), variance(centredP, axis)), mul(shift, shift));
    const both = mul(2, mul(centredT, centredP));
    return squeezed(meanAlong(div(both, add(norm, EPSILON)), axis), axis);
  }
}

export const pearsonCorrelation = (options?: CorrelationOptions): PearsonCorrelation => new PearsonCorrelation(options);
export const concordanceCorrelation = (options?: CorrelationOptions): ConcordanceCorrelation => new ConcordanceCorrelation(options);
