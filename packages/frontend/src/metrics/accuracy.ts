/** How often predictions are right (https://keras.io/api/metrics/accuracy_metrics/). */
import { argMax, cast, equal, greater, isFloat, type Value } from '@weftjs/graph';
import { alignRanks } from '../losses/loss.ts';
import { meanLast } from '../losses/parts.ts';
import { columnless } from './labels.ts';
import type { MetricOptions } from './metric.ts';
import { MeanOfSamples } from './mean.ts';

/** 1 where yTrue equals yPred */
export class Accuracy extends MeanOfSamples {
  static override readonly className = 'Accuracy';
  static override readonly logName = 'accuracy';
  protected measure(yTrue: Value, yPred: Value): Value {
    const [t, p] = alignRanks(cast(yTrue, yPred.type.dtype), yPred);
    return cast(equal(t, p), 'float32');
  }
}

export interface BinaryAccuracyOptions extends MetricOptions {
  /** Predictions above it count as 1. Default 0.5. */
  threshold?: number;
}

/** 1 where yTrue equals whether yPred is above the threshold */
export class BinaryAccuracy extends MeanOfSamples<BinaryAccuracyOptions> {
  static override readonly className = 'BinaryAccuracy';
  static override readonly logName = 'binary_accuracy';
  static override readonly defaults = { threshold: 0.5 };
  protected measure(yTrue: Value, yPred: Value): Value {
    const [t, p] = alignRanks(cast(yTrue, yPred.type.dtype), yPred);
    return meanLast(cast(equal(t, cast(greater(p, this.options.threshold), p.type.dtype)), 'float32'));
  }
}

/** 1 where the largest prediction is at the largest target (one-hot targets) */
export class CategoricalAccuracy extends MeanOfSamples {
  static override readonly className = 'CategoricalAccuracy';
  static override readonly logName = 'categorical_accuracy';
  protected measure(yTrue: Value, yPred: Value): Value {
    const integer = isFloat(yTrue.type.dtype) ? yTrue : cast(yTrue, 'float32');
    return cast(equal(argMax(integer, -1), argMax(yPred, -1)), 'float32');
  }
}

/** 1 where the largest prediction is at the integer label */
export class SparseCategoricalAccuracy extends MeanOfSamples {
  static override readonly className = 'SparseCategoricalAccuracy';
  static override readonly logName = 'sparse_categorical_accuracy';
  protected measure(yTrue: Value, yPred: Value): Value {
    return cast(equal(columnless(yTrue, yPred), argMax(yPred, -1)), 'float32');
  }
}

export const accuracy = (options?: MetricOptions): Accuracy => new Accuracy(options);
export const binaryAccuracy = (options?: BinaryAccuracyOptions): BinaryAccuracy => new BinaryAccuracy(options);
export const categoricalAccuracy = (options?: MetricOptions): CategoricalAccuracy => new CategoricalAccuracy(options);
export const sparseCategoricalAccuracy = (options?: MetricOptions): SparseCategoricalAccuracy => new SparseCategoricalAccuracy(options);
