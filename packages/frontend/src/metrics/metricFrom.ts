/** From what `compile({ metrics })` accepts to a metric: a name, a metric object, or a function of (yTrue, yPred). */
import { WeftError, internalError, received } from '@weftjs/graph';
import type { TensorLike } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { SHORT_FORMS, foldName, resolveName, type Id, type ShortMetric } from '../names/index.ts';
import * as accuracies from './accuracy.ts';
import * as losses from './lossMetrics.ts';
import { Mean, RootMeanSquaredError, Sum } from './mean.ts';
import { Metric, type MetricOptions } from './metric.ts';

/** Metrics by name; `accuracy` becomes the kind that fits the data, see {@link metricFrom}. */
export const METRICS = {
  accuracy: accuracies.Accuracy,
  binaryAccuracy: accuracies.BinaryAccuracy,
  binaryCrossentropy: losses.BinaryCrossentropy,
  categoricalAccuracy: accuracies.CategoricalAccuracy,
  categoricalCrossentropy: losses.CategoricalCrossentropy,
  logCoshError: losses.LogCoshError,
  mean: Mean,
  meanAbsoluteError: losses.MeanAbsoluteError,
  meanAbsolutePercentageError: losses.MeanAbsolutePercentageError,
  meanSquaredError: losses.MeanSquaredError,
  meanSquaredLogarithmicError: losses.MeanSquaredLogarithmicError,
  rootMeanSquaredError: RootMeanSquaredError,
  sparseCategoricalAccuracy: accuracies.SparseCategoricalAccuracy,
  sparseCategoricalCrossentropy: losses.SparseCategoricalCrossentropy,
  sum: Sum,
} as const;

type MetricClass = new (options?: MetricOptions) => unknown;

/** Metrics by name whose code is loaded when a model asks for one, see {@link loadMetrics}. */
const LATER = [
  'auc', 'binaryIou', 'categoricalHinge', 'concordanceCorrelation', 'cosineSimilarity', 'f1Score', 'falseNegatives', 'falsePositives', 'fBetaScore', 'hinge',
  'klDivergence', 'pearsonCorrelation', 'poisson', 'precision', 'r2Score', 'recall', 'sparseTopKCategoricalAccuracy', 'squaredHinge',
  'topKCategoricalAccuracy', 'trueNegatives', 'truePositives',
] as const;

const metricNames = (): MetricName[] => [...(Object.keys(METRICS) as (keyof typeof METRICS)[]), ...LATER];
let later: Readonly<Record<string, MetricClass>> = {};

export type MetricName = keyof typeof METRICS | (typeof LATER)[number];
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
export type MetricLike = Id<MetricName> | ShortMetric | Metric | MetricFunction;

/** Whether the shapes of the data decide what a name stands for. */
const isCrossentropy = (name: string): boolean => name === 'crossentropy' || name === 'ce';

/**
 * Checks the names among metrics.
 *
 * @throws WeftError `WEFT_E_NAME` for a name that nobody knows.
 */
export function checkMetricNames(metrics: readonly unknown[]): void {
  for (const metric of metrics) if (typeof metric === 'string' && !isCrossentropy(metric)) resolveName('metric', metric, metricNames());
}

/** Loads the code of the metrics that are given by name; `metricFrom` then finds them. */
export async function loadMetrics(metrics: readonly unknown[]): Promise<void> {
  const wanted = metrics.some((metric) => typeof metric === 'string' && !isCrossentropy(metric) && isLater(resolveName('metric', metric, metricNames())));
  if (wanted) later = (await import('./later.ts')).LATER_METRICS as unknown as Readonly<Record<string, MetricClass>>;
}

const isLater = (name: MetricName): boolean => (LATER as readonly string[]).includes(name);

type ShapeOf = { readonly shape: readonly unknown[] };

/** The metric that `value` stands for. `'accuracy'` and `'crossentropy'` are chosen by the shapes of the data, and keep their short names. */
export function metricFrom(value: MetricLike, yTrue: ShapeOf, yPred: ShapeOf): Metric {
  if (value instanceof Metric) return value as unknown as Metric;
  if (typeof value === 'function') return new FunctionMetric(value);
  if (typeof value !== 'string') {
    throw new WeftError('WEFT_E_ARGUMENT', `A metric must be a name, a metric object or a function (yTrue, yPred) => numbers. Received: ${received(value)}.`);
  }
  if (isCrossentropy(value)) {
    const kind = { binary: losses.BinaryCrossentropy, sparse: losses.SparseCategoricalCrossentropy, oneHot: losses.CategoricalCrossentropy }[labelKind(yTrue, yPred)];
    return new kind({ name: value }) as unknown as Metric;
  }
  const name = resolveName('metric', value, metricNames());
  if (name === 'accuracy') {
    const kind = { binary: accuracies.BinaryAccuracy, sparse: accuracies.SparseCategoricalAccuracy, oneHot: accuracies.CategoricalAccuracy }[labelKind(yTrue, yPred)];
    return new kind({ name: value === 'acc' ? 'acc' : 'accuracy' }) as unknown as Metric;
  }
  // Keras logs a metric under the short form that it was asked for by
  const MetricClass = Object.hasOwn(METRICS, name) ? (METRICS[name as keyof typeof METRICS] as MetricClass) : later[name];
  if (!MetricClass) throw internalError(`the metric ${name} is used before it was loaded`);
  return new MetricClass(Object.hasOwn(SHORT_FORMS.metric ?? {}, foldName(value)) ? { name: value } : {}) as Metric;
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
