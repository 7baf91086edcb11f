/** From what `compile({ metrics })` accepts to a metric: a name, a metric object, or a function of (yTrue, yPred). */
import { WeftError, received } from '@weftjs/graph';
import type { TensorLike } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { SHORT_FORMS, foldName, resolveName, type Id } from '../names/index.ts';
import * as accuracies from './accuracy.ts';
import * as losses from './lossMetrics.ts';
import * as confusion from './confusion.ts';
import { AUC } from './curves.ts';
import { F1Score, FBetaScore } from './fScore.ts';
import { Mean, RootMeanSquaredError, Sum } from './mean.ts';
import { CosineSimilarity, R2Score } from './regressionMetrics.ts';
import { Metric } from './metric.ts';

/** Metrics by name; `accuracy` becomes the kind that fits the data, see {@link metricFrom}. */
export const METRICS = {
  accuracy: accuracies.Accuracy,
  auc: AUC,
  binaryAccuracy: accuracies.BinaryAccuracy,
  binaryCrossentropy: losses.BinaryCrossentropy,
  categoricalAccuracy: accuracies.CategoricalAccuracy,
  categoricalCrossentropy: losses.CategoricalCrossentropy,
  categoricalHinge: losses.CategoricalHinge,
  cosineSimilarity: CosineSimilarity,
  f1Score: F1Score,
  falseNegatives: confusion.FalseNegatives,
  falsePositives: confusion.FalsePositives,
  fBetaScore: FBetaScore,
  hinge: losses.Hinge,
  klDivergence: losses.KLDivergence,
  logCoshError: losses.LogCoshError,
  mean: Mean,
  meanAbsoluteError: losses.MeanAbsoluteError,
  meanAbsolutePercentageError: losses.MeanAbsolutePercentageError,
  meanSquaredError: losses.MeanSquaredError,
  meanSquaredLogarithmicError: losses.MeanSquaredLogarithmicError,
  poisson: losses.Poisson,
  precision: confusion.Precision,
  r2Score: R2Score,
  recall: confusion.Recall,
  rootMeanSquaredError: RootMeanSquaredError,
  sparseCategoricalAccuracy: accuracies.SparseCategoricalAccuracy,
  sparseCategoricalCrossentropy: losses.SparseCategoricalCrossentropy,
  sparseTopKCategoricalAccuracy: accuracies.SparseTopKCategoricalAccuracy,
  squaredHinge: losses.SquaredHinge,
  sum: Sum,
  topKCategoricalAccuracy: accuracies.TopKCategoricalAccuracy,
  trueNegatives: confusion.TrueNegatives,
  truePositives: confusion.TruePositives,
} as const;

export type MetricName = keyof typeof METRICS;
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
export type MetricLike = Id<MetricName> | 'acc' | 'crossentropy' | 'ce' | Metric | MetricFunction;

type ShapeOf = { readonly shape: readonly unknown[] };

/** The metric that `value` stands for. `'accuracy'` and `'crossentropy'` are chosen by the shapes of the data, and keep their short names. */
export function metricFrom(value: MetricLike, yTrue: ShapeOf, yPred: ShapeOf): Metric {
  if (value instanceof Metric) return value as unknown as Metric;
  if (typeof value === 'function') return new FunctionMetric(value);
  if (typeof value !== 'string') {
    throw new WeftError('WEFT_E_ARGUMENT', `A metric must be a name, a metric object or a function (yTrue, yPred) => numbers. Received: ${received(value)}.`);
  }
  if (value === 'crossentropy' || value === 'ce') {
    const kind = { binary: losses.BinaryCrossentropy, sparse: losses.SparseCategoricalCrossentropy, oneHot: losses.CategoricalCrossentropy }[labelKind(yTrue, yPred)];
    return new kind({ name: value }) as unknown as Metric;
  }
  const name = resolveName('metric', value, METRICS);
  if (name === 'accuracy') {
    const kind = { binary: accuracies.BinaryAccuracy, sparse: accuracies.SparseCategoricalAccuracy, oneHot: accuracies.CategoricalAccuracy }[labelKind(yTrue, yPred)];
    return new kind({ name: value === 'acc' ? 'acc' : 'accuracy' }) as unknown as Metric;
  }
  // Keras logs a metric under the short form that it was asked for by
  return new METRICS[name](Object.hasOwn(SHORT_FORMS.metric ?? {}, foldName(value)) ? { name: value } : {}) as unknown as Metric;
}

/** How targets encode classes, read off the shapes as Keras does. */
function labelKind(yTrue: ShapeOf, yPred: ShapeOf): 'binary' | 'sparse' | 'oneHot' {
  const [t, p] = [yTrue.shape, yPred.shape];
  if (p[p.length - 1] === 1) return 'binary';
  return t.length < p.length || t[t.length - 1] === 1 ? 'sparse' : 'oneHot';
}

/** The mean of a person's own function. */
class FunctionMetric extends Mean {
  private readonly fn: MetricFunction;
  constructor(fn: MetricFunction) {
    super({ name: fn.name || 'metric' });
    this.fn = fn;
  }
  override updateState(yTrue: TensorLike, yPred?: TensorLike | null, sampleWeight?: TensorLike | null): void {
    super.updateState(this.fn(yTrue as Tensor, yPred as Tensor), sampleWeight);
  }
}
