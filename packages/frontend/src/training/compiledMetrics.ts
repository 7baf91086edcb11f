/** The metrics of a model, for each output. They are made at the first batch, when the shapes of targets and predictions are known. */
import type { Tensor } from '../core/tensor/tensor.ts';
import { checkMetricNames, loadMetrics, metricFrom, type MetricLike } from '../metrics/metricFrom.ts';
import type { Metric } from '../metrics/metric.ts';
import { perOutput } from './outputs.ts';

interface Placed {
  readonly metric: Metric;
  readonly output: number;
  readonly weighted: boolean;
  /** The output's name in front of log names, where there are several. */
  readonly prefix: string;
  readonly logName: string;
}

export class CompiledMetrics {
  private readonly plain: unknown;
  private readonly weighted: unknown;
  private placed: Placed[] | null = null;

  constructor(plain: unknown, weighted: unknown) {
    this.plain = plain;
    this.weighted = weighted;
    checkMetricNames(this.given);
  }

  /** Loads the code of metrics given by name; called before the first step. */
  load(): Promise<void> {
    return loadMetrics(this.given);
  }

  /** All that was given, for whichever output. */
  private get given(): unknown[] {
    return [this.plain, this.weighted].flatMap((group) => (group == null ? [] : isNamed(group) || Array.isArray(group) ? Object.values(group as object).flat() : [group]));
  }

  get metrics(): Metric[] {
    return (this.placed ?? []).map(({ metric }) => metric);
  }

  /** Takes a batch into account. */
  update(names: readonly string[], yTrue: readonly (Tensor | null)[], yPred: readonly Tensor[], sampleWeight: readonly (Tensor | null)[]): void {
    this.placed ??= withDistinctNames([...this.place(this.plain, false, names, yTrue, yPred), ...this.place(this.weighted, true, names, yTrue, yPred)]);
    for (const { metric, output, weighted } of this.placed) {
      const target = yTrue[output];
      if (target) metric.updateState(target, yPred[output] as Tensor, weighted ? (sampleWeight[output] ?? null) : null);
    }
  }

  /** The results by log name. */
  results(): Record<string, Tensor> {
    return Object.fromEntries((this.placed ?? []).map(({ metric, logName }) => [logName, metric.result()]));
  }

  private place(given: unknown, weighted: boolean, names: readonly string[], yTrue: readonly (Tensor | null)[], yPred: readonly Tensor[]): Placed[] {
    const several = names.length > 1;
    // for one output a list names its metrics; for several, what each output has
    const listed = several ? given : Array.isArray(given) && given.length === 1 && Array.isArray(given[0]) ? given : given == null ? null : isNamed(given) ? given : [given];
    return perOutput<MetricLike | readonly MetricLike[]>('metrics', listed, names, 'first').flatMap((list, output): Placed[] => {
      const target = yTrue[output];
      if (list === null || !target) return [];
      const likes = (Array.isArray(list) ? list : [list]) as readonly MetricLike[];
      return likes.map((like) => {
        const metric = metricFrom(like, target, yPred[output] as Tensor);
        const prefix = several ? `${names[output] as string}_` : '';
        return { metric, output, weighted, prefix, logName: `${prefix}${metric.name}` };
      });
    });
  }
}

/** Log names that are taken become `weighted_…` for weighted metrics, and then `…_1`, `…_2`, as in Keras. */
function withDistinctNames(placed: readonly Placed[]): Placed[] {
  const taken = new Map<string, number>();
  return placed.map((item) => {
    let { logName } = item;
    if (item.weighted && taken.has(logName)) logName = `${item.prefix}weighted_${item.metric.name}`;
    const count = taken.get(logName) ?? 0;
    taken.set(logName, count + 1);
    return { ...item, logName: count === 0 ? logName : `${logName}_${count}` };
  });
}

const isNamed = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
