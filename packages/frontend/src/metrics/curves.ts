/**
 * Metrics that look at many thresholds at once: the area under a curve, and the best of one rate where another is good
 * enough
 * (https://keras.io/api/metrics/classification_metrics/).
 */
import {
  add,
  cast,
  div,
  equal,
  greater,
  greaterEqual,
  log,
  logicalAnd,
  maximum,
  minimum,
  mul,
  reduceMax,
  reduceSum,
  select,
  sigmoid,
  sliceAxis,
  sub,
  type Value,
} from '@weftjs/graph';
import type { Tensor } from '../core/tensor/tensor.ts';
import { finiteNumber, oneOf, positiveInteger, requiredOption } from '../options/strict.ts';
import { countConfusion, divideNoNan, type CountName } from './confusion.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

const COUNTS: readonly CountName[] = ['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives'];
const EPSILON = 1e-7;

/** `count` thresholds spread evenly between 0 and 1, which are left to the caller. */
const evenly = (count: number): number[] => Array.from({ length: count - 2 }, (_, i) => (i + 1) / (count - 1));

type Counts = Readonly<Record<CountName, Value>>;

function addCounts(state: State, found: Record<string, Value>): State {
  return Object.fromEntries(COUNTS.map((name) => [name, add(state[name] as Value, found[name] as Value)]));
}

const rate = (part: Value, rest: Value): Value => divideNoNan(part, add(part, rest));

export interface AucOptions extends MetricOptions {
  /** How finely the curve is drawn. Default 200. */
  numThresholds?: number;
  /** True over false positive rate, precision over recall, or their gains. Default `'ROC'`. */
  curve?: 'ROC' | 'PR' | 'PRGAIN';
  /** Default `'interpolation'`. */
  summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** Thresholds instead of evenly spread ones; 0 and 1 are added. */
  thresholds?: readonly number[] | null;
  /** The mean of the areas of the labels (the last axis), instead of one area over all. */
  multiLabel?: boolean;
  /** Predictions are scores, not probabilities. */
  fromLogits?: boolean;
}

/** Area under a curve, approximated at thresholds */
export class AUC extends Metric<AucOptions> {
  static override readonly className = 'AUC';
  static override readonly logName = 'auc';
  static override readonly defaults = {
    numThresholds: 200,
    curve: 'ROC',
    summationMethod: 'interpolation',
    thresholds: null,
    multiLabel: false,
    fromLogits: false,
  };
  private readonly thresholds: readonly number[];

  constructor(options: AucOptions = {}) {
    super(options);
    const { numThresholds, thresholds, curve, summationMethod } = this.options;
    oneOf('auc', 'curve', curve, ['ROC', 'PR', 'PRGAIN']);
    oneOf('auc', 'summationMethod', summationMethod, ['interpolation', 'minoring', 'majoring']);
    const inner = thresholds
      ? [...thresholds].sort((a, b) => a - b)
      : evenly(Math.max(2, positiveInteger('auc', 'numThresholds', numThresholds)));
    this.thresholds = [-EPSILON, ...inner, 1 + EPSILON];
  }

  protected states(batch?: readonly Tensor[]): Record<string, readonly number[]> | null {
    const { multiLabel } = this.options;
    if (multiLabel && !batch) return null;
    const labels = multiLabel ? ((batch as readonly Tensor[])[1]?.shape.at(-1) as number) : 1;
    return Object.fromEntries(COUNTS.map((name) => [name, [this.thresholds.length, labels]]));
  }

  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const { fromLogits, multiLabel } = this.options;
    const p = fromLogits ? sigmoid(cast(yPred as Value, 'float32')) : (yPred as Value);
    return addCounts(
      state,
      countConfusion(COUNTS, yTrue as Value, p, weight, { thresholds: this.thresholds, byLabel: multiLabel }),
    );
  }

  protected compute(state: State): Value {
    const counts = state as Counts;
    const { curve, summationMethod } = this.options;
    const labels = counts.truePositives.type.shape[1] as number;
    const areas =
      curve === 'PR' && summationMethod === 'interpolation' ? this.interpolatedPr(counts) : this.riemann(counts);
    return div(reduceSum(areas), labels);
  }

  /** Widths times heights. */
  private riemann(counts: Counts): Value {
    const [x, y] = this.curvePoints(counts);
    const heights = {
      interpolation: () => div(add(this.upper(y), this.lower(y)), 2),
      minoring: () => minimum(this.upper(y), this.lower(y)),
      majoring: () => maximum(this.upper(y), this.lower(y)),
    }[this.options.summationMethod]();
    return mul(sub(this.upper(x), this.lower(x)), heights);
  }

  private curvePoints({
    truePositives: tp,
    falsePositives: fp,
    trueNegatives: tn,
    falseNegatives: fn,
  }: Counts): [x: Value, y: Value] {
    if (this.options.curve === 'ROC') return [rate(fp, tn), rate(tp, fn)];
    if (this.options.curve === 'PR') return [rate(tp, fn), rate(tp, fp)];
    const scale = divideNoNan(add(tp, fn), add(tn, fp));
    const gain = (wrong: Value): Value => sub(1, mul(scale, divideNoNan(wrong, tp)));
    const none = equal(tp, 0);
    return [maximum(select(none, 0, gain(fn)), 0), select(none, 1, gain(fp))];
  }

  /** Precision within an interval, with positives that grow linearly (Davis and Goadrich 2006). */
  private interpolatedPr({ truePositives: tp, falsePositives: fp, falseNegatives: fn }: Counts): Value {
    const called = add(tp, fp);
    const gained = sub(this.upper(tp), this.lower(tp));
    const slope = divideNoNan(gained, maximum(sub(this.upper(called), this.lower(called)), 0));
    const intercept = sub(this.lower(tp), mul(slope, this.lower(called)));
    const both = logicalAnd(greater(this.upper(called), 0), greater(this.lower(called), 0));
    const ratio = select(both, divideNoNan(this.upper(called), maximum(this.lower(called), 0)), 1);
    return divideNoNan(
      mul(slope, add(gained, mul(intercept, log(ratio)))),
      maximum(add(this.lower(tp), this.lower(fn)), 0),
    );
  }

  /** The values at the lower threshold of each interval. */
  private upper(x: Value): Value {
    return sliceAxis(x, 0, 0, this.thresholds.length - 1);
  }

  /** The values at the higher threshold of each interval. */
  private lower(x: Value): Value {
    return sliceAxis(x, 0, 1, this.thresholds.length);
  }
}

interface AtOptions extends MetricOptions {
  /** How many thresholds are tried. Default 200. */
  numThresholds?: number;
  /** Only this class counts. */
  classId?: number | null;
}

/** The best value of one rate among the thresholds where another reaches a value. */
abstract class BestWhere<O extends AtOptions> extends Metric<O> {
  protected abstract readonly required: string;

  private get thresholds(): readonly number[] {
    const count = positiveInteger(this.logName, 'numThresholds', this.options.numThresholds);
    return count === 1 ? [0.5] : [0, ...evenly(count), 1];
  }
  private get logName(): string {
    return (this.constructor as typeof Metric).logName;
  }
  protected states(): Record<string, readonly number[]> {
    return Object.fromEntries(COUNTS.map((name) => [name, [this.thresholds.length, 1]]));
  }
  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    return addCounts(
      state,
      countConfusion(COUNTS, yTrue as Value, yPred as Value, weight, {
        thresholds: this.thresholds,
        classId: this.options.classId ?? null,
      }),
    );
  }
  protected abstract rates(counts: Counts): { constrained: Value; wanted: Value };
  protected compute(state: State): Value {
    const { constrained, wanted } = this.rates(state as Counts);
    const least = finiteNumber(
      this.logName,
      this.required,
      requiredOption(this.logName, this.required, (this.options as Record<string, unknown>)[this.required]),
    );
    return maximum(reduceMax(select(greaterEqual(constrained, least), wanted, 0)), 0);
  }
}

const sensitivity = ({ truePositives, falseNegatives }: Counts): Value => rate(truePositives, falseNegatives);
const specificity = ({ trueNegatives, falsePositives }: Counts): Value => rate(trueNegatives, falsePositives);
const precision = ({ truePositives, falsePositives }: Counts): Value => rate(truePositives, falsePositives);

export interface SensitivityAtSpecificityOptions extends AtOptions {
  specificity: number;
}
/** The best TP / (TP + FN) where TN / (TN + FP) is at least `specificity` */
export class SensitivityAtSpecificity extends BestWhere<SensitivityAtSpecificityOptions> {
  static override readonly className = 'SensitivityAtSpecificity';
  static override readonly logName = 'sensitivity_at_specificity';
  static override readonly defaults = { specificity: undefined, numThresholds: 200, classId: null };
  protected readonly required = 'specificity';
  protected rates(counts: Counts): { constrained: Value; wanted: Value } {
    return { constrained: specificity(counts), wanted: sensitivity(counts) };
  }
}

export interface SpecificityAtSensitivityOptions extends AtOptions {
  sensitivity: number;
}
/** The best TN / (TN + FP) where TP / (TP + FN) is at least `sensitivity` */
export class SpecificityAtSensitivity extends BestWhere<SpecificityAtSensitivityOptions> {
  static override readonly className = 'SpecificityAtSensitivity';
  static override readonly logName = 'specificity_at_sensitivity';
  static override readonly defaults = { sensitivity: undefined, numThresholds: 200, classId: null };
  protected readonly required = 'sensitivity';
  protected rates(counts: Counts): { constrained: Value; wanted: Value } {
    return { constrained: sensitivity(counts), wanted: specificity(counts) };
  }
}

export interface PrecisionAtRecallOptions extends AtOptions {
  recall: number;
}
/** The best precision where recall is at least `recall` */
export class PrecisionAtRecall extends BestWhere<PrecisionAtRecallOptions> {
  static override readonly className = 'PrecisionAtRecall';
  static override readonly logName = 'precision_at_recall';
  static override readonly defaults = { recall: undefined, numThresholds: 200, classId: null };
  protected readonly required = 'recall';
  protected rates(counts: Counts): { constrained: Value; wanted: Value } {
    return { constrained: sensitivity(counts), wanted: precision(counts) };
  }
}

export interface RecallAtPrecisionOptions extends AtOptions {
  precision: number;
}
/** The best recall where precision is at least `precision` */
export class RecallAtPrecision extends BestWhere<RecallAtPrecisionOptions> {
  static override readonly className = 'RecallAtPrecision';
  static override readonly logName = 'recall_at_precision';
  static override readonly defaults = { precision: undefined, numThresholds: 200, classId: null };
  protected readonly required = 'precision';
  protected rates(counts: Counts): { constrained: Value; wanted: Value } {
    return { constrained: precision(counts), wanted: sensitivity(counts) };
  }
}

export const auc = (options?: AucOptions): AUC => new AUC(options);
export const sensitivityAtSpecificity = (options: SensitivityAtSpecificityOptions): SensitivityAtSpecificity =>
  new SensitivityAtSpecificity(options);
export const specificityAtSensitivity = (options: SpecificityAtSensitivityOptions): SpecificityAtSensitivity =>
  new SpecificityAtSensitivity(options);
export const precisionAtRecall = (options: PrecisionAtRecallOptions): PrecisionAtRecall =>
  new PrecisionAtRecall(options);
export const recallAtPrecision = (options: RecallAtPrecisionOptions): RecallAtPrecision =>
  new RecallAtPrecision(options);
