/** How often the right class is among the k that are predicted as the likeliest (https://keras.io/api/metrics/accuracy_metrics/). */
import { argMax, cast, expandDims, gather, greater, less, reduceSum, type Value } from '@weftjs/graph';
import { columnless } from './labels.ts';
import { MeanOfSamples } from './mean.ts';
import type { MetricOptions } from './metric.ts';

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

export const topKCategoricalAccuracy = (options?: TopKOptions): TopKCategoricalAccuracy => new TopKCategoricalAccuracy(options);
export const sparseTopKCategoricalAccuracy = (options?: TopKOptions): SparseTopKCategoricalAccuracy => new SparseTopKCategoricalAccuracy(options);
