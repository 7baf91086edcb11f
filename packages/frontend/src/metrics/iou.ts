/**
 * Intersection over union: how well predicted regions cover the true ones (https://keras.io/api/metrics/segmentation_metrics/).
 * The state counts how often each class (the row) was predicted as each class (the column).
 */
import {
  add, argMax, broadcastTo, cast, constant, div, dot, equal, expandDims, full, gather, greater, greaterEqual, iota, isFloat, mul, notEqual, reduceSum,
  reshape, select, sub, type Value,
} from '@weftjs/graph';
import { oneHot } from '../losses/parts.ts';
import { optionError, positiveInteger } from '../options/strict.ts';
import { Metric, type MetricOptions, type State } from './metric.ts';

export interface MeanIouOptions extends MetricOptions {
  /** How many classes there are. */
  numClasses: number;
  /** Elements of this class do not count. */
  ignoreClass?: number | null;
  /** Targets are class numbers; else one value for each class. Default true. */
  sparseYTrue?: boolean;
  /** Predictions are class numbers; else one value for each class. Default true. */
  sparseYPred?: boolean;
  /** The axis of the classes, where they are not sparse. Default the last. */
  axis?: number;
}

export interface IouOptions extends MeanIouOptions {
  /** The classes whose mean is the result. */
  targetClassIds: readonly number[];
}

export interface BinaryIouOptions extends MetricOptions {
  /** Default both, `[0, 1]`. */
  targetClassIds?: readonly number[];
  /** Predictions from here on are class 1. Default 0.5. */
  threshold?: number;
}

/** How a metric reads its data. */
interface Reading extends Partial<IouOptions> {
  readonly threshold?: number;
}

const EPSILON = 1e-7;
const size = (x: Value): number => x.type.shape.reduce((product, extent) => product * extent, 1);

/** intersection / union of regions, the mean over some classes */
abstract class Overlap<O extends MetricOptions> extends Metric<O> {
  private get reading(): Reading {
    return this.options as Reading;
  }
  /** Whether targets are one-hot, whatever the options. */
  protected get oneHotTargets(): boolean {
    return false;
  }

  /** The number of classes, and those that count. */
  private classes(): { count: number; ids: readonly number[] } {
    const { numClasses = 2, targetClassIds } = this.reading;
    const ids = targetClassIds ?? Array.from({ length: numClasses }, (_, i) => i);
    return { count: numClasses, ids };
  }

  constructor(options: O) {
    super(options);
    const owner = this.logName;
    const { defaults } = this.constructor as typeof Metric;
    if ('numClasses' in defaults) positiveInteger(owner, 'numClasses', this.reading.numClasses);
    const { targetClassIds } = this.reading;
    const { count } = this.classes();
    if (!('targetClassIds' in defaults)) return;
    const known = Array.isArray(targetClassIds) && targetClassIds.length > 0 && targetClassIds.every((id) => Number.isInteger(id) && id >= 0 && id < count);
    if (!known) throw optionError(owner, 'targetClassIds', `a list of classes from 0 to ${count - 1}`, targetClassIds, 'Write `{ targetClassIds: [0] }`');
  }

  protected states(): Record<string, readonly number[]> {
    const { count } = this.classes();
    return { confusion: [count, count] };
  }

  protected update(state: State, [yTrue, yPred]: readonly Value[], weight: Value | null): State {
    const { threshold, ignoreClass = null, sparseYTrue = !this.oneHotTargets, sparseYPred = true, axis = -1 } = this.reading;
    const classesOf = (x: Value, sparse: boolean): Value => reshape(sparse ? cast(x, 'int32') : argMax(isFloat(x.type.dtype) ? x : cast(x, 'float32'), axis), [-1]);
    const t = classesOf(yTrue as Value, sparseYTrue);
    const decided = threshold === undefined ? (yPred as Value) : greaterEqual(cast(yPred as Value, 'float32'), threshold);
    const p = classesOf(decided, sparseYPred);
    // Keras counts in whole numbers: fractions of weights are cut off
    const whole = weight ? cast(cast(weight, 'int32'), 'float32') : full('float32', [], 1);
    let weights = broadcastTo(whole.type.shape.length > 1 ? reshape(whole, [-1]) : whole, [size(t)]);
    if (ignoreClass !== null) weights = mul(weights, cast(notEqual(t, ignoreClass), 'float32'));
    // a number that is no class has a row of zeros, and does not count
    const rows = (labels: Value): Value => oneHot(labels, this.classes().count, whole);
    const found = dot(mul(rows(t), expandDims(weights, 1)), rows(p), { contractA: [0], contractB: [0] });
    return { confusion: add(state.confusion as Value, found) };
  }

  protected compute({ confusion }: State): Value {
    const { count, ids } = this.classes();
    const cells = confusion as Value;
    const diagonal = cast(equal(iota('int32', [count, count], 0), iota('int32', [count, count], 1)), 'float32');
    const hits = reduceSum(mul(cells, diagonal), { axes: 1 });
    const union = sub(add(reduceSum(cells, { axes: 0 }), reduceSum(cells, { axes: 1 })), hits);
    const wanted = (x: Value): Value => gather(x, constant('int32', [ids.length], [...ids]), { axis: 0 });
    const seen = greater(wanted(union), 1e-9);
    const scores = select(seen, div(wanted(hits), add(wanted(union), EPSILON)), 0);
    return div(reduceSum(scores), add(reduceSum(cast(seen, 'float32')), EPSILON));
  }

  private get logName(): string {
    return (this.constructor as typeof Metric).logName;
  }
}

/** hits / (targets + predictions − hits) of each class, the mean over the classes `targetClassIds` */
export class IoU extends Overlap<IouOptions> {
  static override readonly className = 'IoU';
  static override readonly logName = 'io_u';
  static override readonly defaults = {
    numClasses: undefined, targetClassIds: undefined, ignoreClass: null, sparseYTrue: true, sparseYPred: true, axis: -1,
  };
}

/** IoU of two classes, from predictions above or below a threshold */
export class BinaryIoU extends Overlap<BinaryIouOptions> {
  static override readonly className = 'BinaryIoU';
  static override readonly logName = 'binary_io_u';
  static override readonly defaults = { targetClassIds: [0, 1], threshold: 0.5 };
  constructor(options: BinaryIouOptions = {}) {
    super(options);
  }
}

/** IoU, the mean over all classes */
export class MeanIoU extends Overlap<MeanIouOptions> {
  static override readonly className = 'MeanIoU';
  static override readonly logName = 'mean_io_u';
  static override readonly defaults = { numClasses: undefined, ignoreClass: null, sparseYTrue: true, sparseYPred: true, axis: -1 };
}

/** {@link IoU} of one-hot targets and scores of classes */
export class OneHotIoU extends Overlap<Omit<IouOptions, 'sparseYTrue'>> {
  static override readonly className = 'OneHotIoU';
  static override readonly logName = 'one_hot_io_u';
  static override readonly defaults = { numClasses: undefined, targetClassIds: undefined, ignoreClass: null, sparseYPred: false, axis: -1 };
  protected override get oneHotTargets(): boolean {
    return true;
  }
}

/** {@link MeanIoU} of one-hot targets and scores of classes */
export class OneHotMeanIoU extends Overlap<Omit<MeanIouOptions, 'sparseYTrue'>> {
  static override readonly className = 'OneHotMeanIoU';
  static override readonly logName = 'one_hot_mean_io_u';
  static override readonly defaults = { numClasses: undefined, ignoreClass: null, sparseYPred: false, axis: -1 };
  protected override get oneHotTargets(): boolean {
    return true;
  }
}

export const iou = (options: IouOptions): IoU => new IoU(options);
export const binaryIou = (options?: BinaryIouOptions): BinaryIoU => new BinaryIoU(options);
export const meanIou = (options: MeanIouOptions): MeanIoU => new MeanIoU(options);
export const oneHotIou = (options: Omit<IouOptions, 'sparseYTrue'>): OneHotIoU => new OneHotIoU(options);
export const oneHotMeanIou = (options: Omit<MeanIouOptions, 'sparseYTrue'>): OneHotMeanIoU => new OneHotMeanIoU(options);
