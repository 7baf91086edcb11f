/** Every loss as a metric: its mean over all samples of an epoch. */
import { cast, isFloat, type Value } from '@weftjs/graph';
import * as crossentropy from '../losses/crossentropy.ts';
import * as hinges from '../losses/hinge.ts';
import * as regression from '../losses/regression.ts';
import { MeanOfSamples } from './mean.ts';
import type { MetricOptions } from './metric.ts';

/** What is needed of a loss class. */
interface LossClass {
  new (options?: never): { sampleLosses(yTrue: Value, yPred: Value): Value; counted(yTrue: Value, losses: Value): Value | null };
  readonly className: string;
  readonly logName: string;
  readonly defaults: Readonly<Record<string, unknown>>;
}

type MetricClass = (new (options?: MetricOptions) => MeanOfSamples<MetricOptions>) & { readonly className: string; readonly logName: string };

/** The metric class of a loss class. */
function metricOf(Source: LossClass, names: { className?: string; logName?: string } = {}): MetricClass {
  return class LossMetric extends MeanOfSamples<MetricOptions> {
    static override readonly className = names.className ?? Source.className;
    static override readonly logName = names.logName ?? Source.logName;
    static override readonly defaults = Source.defaults;
    private readonly loss = new Source({ ...this.options } as never);
    protected measure(yTrue: Value, yPred: Value): Value {
      return this.loss.sampleLosses(yTrue, isFloat(yPred.type.dtype) ? yPred : cast(yPred, 'float32'));
    }
    protected override counted(yTrue: Value, measured: Value): Value | null {
      return this.loss.counted(yTrue, measured);
    }
  };
}

export const MeanSquaredError = /* @__PURE__ */ metricOf(regression.MeanSquaredError);
export const MeanAbsoluteError = /* @__PURE__ */ metricOf(regression.MeanAbsoluteError);
export const MeanAbsolutePercentageError = /* @__PURE__ */ metricOf(regression.MeanAbsolutePercentageError);
export const MeanSquaredLogarithmicError = /* @__PURE__ */ metricOf(regression.MeanSquaredLogarithmicError);
export const LogCoshError = /* @__PURE__ */ metricOf(regression.LogCosh, { className: 'LogCoshError', logName: 'logcosh' });
export const Poisson = /* @__PURE__ */ metricOf(regression.Poisson);
export const BinaryCrossentropy = /* @__PURE__ */ metricOf(crossentropy.BinaryCrossentropy);
export const CategoricalCrossentropy = /* @__PURE__ */ metricOf(crossentropy.CategoricalCrossentropy);
export const SparseCategoricalCrossentropy = /* @__PURE__ */ metricOf(crossentropy.SparseCategoricalCrossentropy);
export const KLDivergence = /* @__PURE__ */ metricOf(crossentropy.KLDivergence);
export const Hinge = /* @__PURE__ */ metricOf(hinges.Hinge);
export const SquaredHinge = /* @__PURE__ */ metricOf(hinges.SquaredHinge);
export const CategoricalHinge = /* @__PURE__ */ metricOf(hinges.CategoricalHinge);

export const meanSquaredError = (options?: MetricOptions) => new MeanSquaredError(options);
export const meanAbsoluteError = (options?: MetricOptions) => new MeanAbsoluteError(options);
export const meanAbsolutePercentageError = (options?: MetricOptions) => new MeanAbsolutePercentageError(options);
export const meanSquaredLogarithmicError = (options?: MetricOptions) => new MeanSquaredLogarithmicError(options);
export const logCoshError = (options?: MetricOptions) => new LogCoshError(options);
export const poisson = (options?: MetricOptions) => new Poisson(options);
export const binaryCrossentropy = (options?: Omit<crossentropy.CrossentropyOptions, 'reduction'>) => new BinaryCrossentropy(options);
export const categoricalCrossentropy = (options?: Omit<crossentropy.CrossentropyOptions, 'reduction'>) => new CategoricalCrossentropy(options);
export const sparseCategoricalCrossentropy = (options?: Omit<crossentropy.SparseCrossentropyOptions, 'reduction'>) => new SparseCategoricalCrossentropy(options);
export const klDivergence = (options?: MetricOptions) => new KLDivergence(options);
export const hinge = (options?: MetricOptions) => new Hinge(options);
export const squaredHinge = (options?: MetricOptions) => new SquaredHinge(options);
export const categoricalHinge = (options?: MetricOptions) => new CategoricalHinge(options);
