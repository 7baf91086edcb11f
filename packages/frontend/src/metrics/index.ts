/** Metrics: classes for `new`, and factories. */
export { Metric } from './metric.ts';
export type { MetricOptions } from './metric.ts';
export { Mean, RootMeanSquaredError, Sum, mean, rootMeanSquaredError, sum } from './mean.ts';
export * from './accuracy.ts';
export * from './lossMetrics.ts';
export {
  FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives,
  falseNegatives, falsePositives, precision, recall, trueNegatives, truePositives,
} from './confusion.ts';
export type { ConfusionOptions, PrecisionOptions } from './confusion.ts';
export * from './correlation.ts';
export * from './curves.ts';
export * from './fScore.ts';
export * from './iou.ts';
export * from './rareLossMetrics.ts';
export * from './regressionMetrics.ts';
export * from './topK.ts';
