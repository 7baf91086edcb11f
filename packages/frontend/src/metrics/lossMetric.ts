/** A loss as a metric: its mean over all samples of an epoch. */
import { cast, isFloat, type Value } from '@weftjs/graph';
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
export function metricOf(Source: LossClass, names: { className?: string; logName?: string } = {}): MetricClass {
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
