/** Metrics: classes for `new`, and factories. */
export { Metric } from './metric.ts';
export type { MetricOptions } from './metric.ts';
export { Mean, RootMeanSquaredError, Sum, mean, rootMeanSquaredError, sum } from './mean.ts';
export * from './accuracy.ts';
export * from './lossMetrics.ts';
