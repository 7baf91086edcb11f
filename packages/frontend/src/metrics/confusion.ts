/**
 * Counts of right and wrong decisions, at one threshold or several, and what is made of them
 * (https://keras.io/api/metrics/classification_metrics/).
 * A prediction above the threshold is a decision for "yes".
 */
import {
  add,
  cast,
  constant,
  broadcastTo,
  equal,
  expandDims,
  full,
  greater,
  greaterEqual,
  mul,
  notEqual,
  reduceSum,
  reshape,
  select,
  sliceAxis,
  sub,
  topK,
  div,
  type Value,
} from '@weftjs/graph';
import { alignRanks } from '../losses/loss.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

/** Whose counts a metric keeps. */
export type CountName = 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives';

export interface ConfusionOptions extends MetricOptions {
  /** One threshold or several, each with a result of its own. Default 0.5. */
  thresholds?: number | readonly number[] | null;
}

export interface PrecisionOptions extends ConfusionOptions {
  /** Only the so many largest predictions of a sample count as positive. */
  topK?: number | null;
  /** Only this class counts. */
  classId?: number | null;
}

/** How counts are taken. */
export interface Counting {
  readonly thresholds: readonly number[];
  readonly topK?: number | null;
  readonly classId?: number | null;
  /** Counts by label, the last axis, instead of over all. */
  readonly byLabel?: boolean;
}

/** Keras's stand-in for −∞: below every prediction. */
const LOWEST = -1e10;

/** The counts of a batch, [thresholds, labels]; one label unless they are kept apart. */
export function countConfusion(
  names: readonly CountName[],
  yTrue: Value,
  yPred: Value,
  weight: Value | null,
  counting: Counting,
): Record<string, Value> {
  let [p, t] = alignRanks(cast(yPred, 'float32'), cast(yTrue, 'float32'));
  const { thresholds, byLabel = false } = counting;
  let w: Value | null = null;
  if (weight) {
    w = cast(weight, 'float32');
    const missing = t.type.shape.length - w.type.shape.length;
    for (let i = 0; i < missing; i++) w = expandDims(w, -1);
  }
  if (counting.topK != null) p = largestOnly(p, counting.topK);
  if (counting.classId != null) {
    const last = p.type.shape.length - 1;
    [t, p] = [t, p].map((x) => sliceAxis(x, last, counting.classId as number, (counting.classId as number) + 1)) as [
      Value,
      Value,
    ];
  }
  const labels = byLabel ? (p.type.shape[p.type.shape.length - 1] as number) : 1;
  const flat = (x: Value): Value =>
    reshape(x, [1, x.type.shape.reduce((size, extent) => size * extent, 1) / labels, labels]);
  const weights = w ? flat(broadcastTo(w, p.type.shape)) : full('float32', [1, 1, 1], 1);
  const isTrue = cast(notEqual(flat(t), 0), 'float32');
  const yes = mul(weights, isTrue);
  const no = mul(weights, sub(1, isTrue));
  const positive = cast(greater(flat(p), constant('float32', [thresholds.length, 1, 1], [...thresholds])), 'float32');
  const negative = sub(1, positive);
  const parts: Record<CountName, () => Value> = {
    truePositives: () => mul(positive, yes),
    falsePositives: () => mul(positive, no),
    trueNegatives: () => mul(negative, no),
    falseNegatives: () => mul(negative, yes),
  };
  return Object.fromEntries(names.map((name) => [name, reduceSum(parts[name](), { axes: 1 })]));
}

/** All but the k largest of each row become the lowest. */
function largestOnly(p: Value, k: number): Value {
  const last = p.type.shape.length - 1;
  const smallest = sliceAxis(topK(p, k).values, last, k - 1, k);
  return select(greaterEqual(p, smallest), p, LOWEST);
}

/** a / b; 0 where b is 0 */
export function divideNoNan(a: Value, b: Value): Value {
  const isZero = equal(b, 0);
  return select(isZero, 0, div(a, select(isZero, 1, b)));
}

/** A metric made of counts at thresholds. */
abstract class AtThresholds<O extends ConfusionOptions> extends Metric<O> {
  static override readonly defaults: Readonly<Record<string, unknown>> = { thresholds: null };
  protected abstract readonly counts: readonly CountName[];

  private get thresholds(): readonly number[] {
    const { thresholds, topK: largest } = this.options as PrecisionOptions;
    if (thresholds == null) return [largest == null ? 0.5 : LOWEST];
    return typeof thresholds === 'number' ? [thresholds] : thresholds;
  }
  protected states(): Record<string, readonly number[]> {
    return Object.fromEntries(this.counts.map((name) => [name, [this.thresholds.length, 1]]));
  }
  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const { topK: largest = null, classId = null } = this.options as PrecisionOptions;
    const found = countConfusion(this.counts, yTrue as Value, yPred as Value, weight, {
      thresholds: this.thresholds,
      topK: largest,
      classId,
    });
    return Object.fromEntries(this.counts.map((name) => [name, add(state[name] as Value, found[name] as Value)]));
  }
  /** The result at each threshold. */
  protected abstract measure(state: State): Value;
  protected compute(state: State): Value {
    const { length } = this.thresholds;
    return reshape(this.measure(state), length === 1 ? [] : [length]);
  }
}

abstract class Count extends AtThresholds<ConfusionOptions> {
  protected measure(state: State): Value {
    return state[this.counts[0] as CountName] as Value;
  }
}

/** How many yes were right */
export class TruePositives extends Count {
  static override readonly className = 'TruePositives';
  static override readonly logName = 'true_positives';
  protected readonly counts = ['truePositives'] as const;
}

/** How many no were right */
export class TrueNegatives extends Count {
  static override readonly className = 'TrueNegatives';
  static override readonly logName = 'true_negatives';
  protected readonly counts = ['trueNegatives'] as const;
}

/** How many yes were wrong */
export class FalsePositives extends Count {
  static override readonly className = 'FalsePositives';
  static override readonly logName = 'false_positives';
  protected readonly counts = ['falsePositives'] as const;
}

/** How many no were wrong */
export class FalseNegatives extends Count {
  static override readonly className = 'FalseNegatives';
  static override readonly logName = 'false_negatives';
  protected readonly counts = ['falseNegatives'] as const;
}

/** Of those called yes, the share that is: TP / (TP + FP) */
export class Precision extends AtThresholds<PrecisionOptions> {
  static override readonly className = 'Precision';
  static override readonly logName = 'precision';
  static override readonly defaults = { thresholds: null, topK: null, classId: null };
  protected readonly counts = ['truePositives', 'falsePositives'] as const;
  protected measure({ truePositives, falsePositives }: State): Value {
    return divideNoNan(truePositives as Value, add(truePositives as Value, falsePositives as Value));
  }
}

/** Of those that are, the share called yes: TP / (TP + FN) */
export class Recall extends AtThresholds<PrecisionOptions> {
  static override readonly className = 'Recall';
  static override readonly logName = 'recall';
  static override readonly defaults = { thresholds: null, topK: null, classId: null };
  protected readonly counts = ['truePositives', 'falseNegatives'] as const;
  protected measure({ truePositives, falseNegatives }: State): Value {
    return divideNoNan(truePositives as Value, add(truePositives as Value, falseNegatives as Value));
  }
}

export const truePositives = (options?: ConfusionOptions): TruePositives => new TruePositives(options);
export const trueNegatives = (options?: ConfusionOptions): TrueNegatives => new TrueNegatives(options);
export const falsePositives = (options?: ConfusionOptions): FalsePositives => new FalsePositives(options);
export const falseNegatives = (options?: ConfusionOptions): FalseNegatives => new FalseNegatives(options);
export const precision = (options?: PrecisionOptions): Precision => new Precision(options);
export const recall = (options?: PrecisionOptions): Recall => new Recall(options);
