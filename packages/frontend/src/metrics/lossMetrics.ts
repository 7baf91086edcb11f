/** The losses of everyday models as metrics. */
import * as crossentropy from '../losses/crossentropy.ts';
import * as regression from '../losses/regression.ts';
import { metricOf } from './lossMetric.ts';
import type { MetricOptions } from './metric.ts';

export const MeanSquaredError = /* @__PURE__ */ metricOf(regression.MeanSquaredError);
export const MeanAbsoluteError = /* @__PURE__ */ metricOf(regression.MeanAbsoluteError);
export const MeanAbsolutePercentageError = /* @__PURE__ */ metricOf(regression.MeanAbsolutePercentageError);
export const MeanSquaredLogarithmicError = /* @__PURE__ */ metricOf(regression.MeanSquaredLogarithmicError);
export const LogCoshError = /* @__PURE__ */ metricOf(regression.LogCosh, { className: 'LogCoshError', logName: 'logcosh' });
export const BinaryCrossentropy = /* @__PURE__ */ metricOf(crossentropy.BinaryCrossentropy);
export const CategoricalCrossentropy = /* @__PURE__ */ metricOf(crossentropy.CategoricalCrossentropy);
export const SparseCategoricalCrossentropy = /* @__PURE__ */ metricOf(crossentropy.SparseCategoricalCrossentropy);

export const meanSquaredError = (options?: MetricOptions) => new MeanSquaredError(options);
export const meanAbsoluteError = (options?: MetricOptions) => new MeanAbsoluteError(options);
export const meanAbsolutePercentageError = (options?: MetricOptions) => new MeanAbsolutePercentageError(options);
export const meanSquaredLogarithmicError = (options?: MetricOptions) => new MeanSquaredLogarithmicError(options);
export const logCoshError = (options?: MetricOptions) => new LogCoshError(options);
export const binaryCrossentropy = (options?: Omit<crossentropy.CrossentropyOptions, 'reduction'>) => new BinaryCrossentropy(options);
export const categoricalCrossentropy = (options?: Omit<crossentropy.CrossentropyOptions, 'reduction'>) => new CategoricalCrossentropy(options);
export const sparseCategoricalCrossentropy = (options?: Omit<crossentropy.SparseCrossentropyOptions, 'reduction'>) => new SparseCategoricalCrossentropy(options);
