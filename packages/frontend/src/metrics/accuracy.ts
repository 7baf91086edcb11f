/** How often predictions are right (https://keras.io/api/metrics/accuracy_metrics/). */
import {
  argMax, cast, equal, expandDims, greater, isFloat, less, reduceSum, reshape, gather, type Value,
} from '@weftjs/graph';
import { alignRanks } from '../losses/loss.ts';
import { meanLast } from '../losses/parts.ts';
import type { MetricOptions } from './metric.ts';
import { MeanOfSamples } from './mean.ts';

const lastOf = (x: Value): number => x.type.shape[x.type.shape.length - 1] ?? 1;

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

/** Integer labels without a last axis of extent 1. */
function columnless(labels: Value, predictions: Value): Value {
  const integers = cast(labels, 'int32');
  const { shape } = integers.type;
  return shape.length === predictions.type.shape.length && lastOf(integers) === 1 ? reshape(integers, shape.slice(0, -1)) : integers;
}

export interface TopKOptions extends MetricOptions {
  /** How many of the largest predictions count. Default 5. */
  k?: number;
}

/** 1 where the label is among the k largest predictions */
export class SparseTopKCategoricalAccuracy extends MeanOfSamples<TopKOptions> {
  static override readonly className = 'SparseTopKCategoricalAccuracy';
  static override readonly logName = 'sparse_top_k_categorical_accuracy';
  static override readonly defaults = { k: 5 };
  protected measure(yTrue: Value, yPred: Value): Value {
    return amongLargest(columnless(yTrue, yPred), yPred, this.options.k);
  }
}

/** 1 where the one-hot target's class is among the k largest predictions */
export class TopKCategoricalAccuracy extends MeanOfSamples<TopKOptions> {
  static override readonly className = 'TopKCategoricalAccuracy';
  static override readonly logName = 'top_k_categorical_accuracy';
  static override readonly defaults = { k: 5 };
  protected measure(yTrue: Value, yPred: Value): Value {
    return amongLargest(argMax(yTrue, -1), yPred, this.options.k);
  }
}

/** Ties count as hits, as in `inTopK`: fewer than k predictions are larger than the label's. */
function amongLargest(labels: Value, predictions: Value, k: number): Value {
  const rank = predictions.type.shape.length;
  const ofLabel = gather(predictions, expandDims(labels, -1), { axis: rank - 1, batchDims: rank - 1 });
  const larger = reduceSum(cast(greater(predictions, ofLabel), 'int32'), { axes: -1 });
  return cast(less(larger, k), 'float32');
}

export const accuracy = (options?: MetricOptions): Accuracy => new Accuracy(options);
export const binaryAccuracy = (options?: BinaryAccuracyOptions): BinaryAccuracy => new BinaryAccuracy(options);
export const categoricalAccuracy = (options?: MetricOptions): CategoricalAccuracy => new CategoricalAccuracy(options);
export const sparseCategoricalAccuracy = (options?: MetricOptions): SparseCategoricalAccuracy => new SparseCategoricalAccuracy(options);
export const topKCategoricalAccuracy = (options?: TopKOptions): TopKCategoricalAccuracy => new TopKCategoricalAccuracy(options);
export const sparseTopKCategoricalAccuracy = (options?: TopKOptions): SparseTopKCategoricalAccuracy => new SparseTopKCategoricalAccuracy(options);
