/** Cross-entropies: what classifiers minimise. With `fromLogits` predictions are scores before sigmoid or softmax, which is exact. */
import { cast, div, log, logSoftmax, mul, neg, notEqual, reduceSum, reshape, select, sparseSoftmaxCrossEntropy, WeftError, formatType, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { EPSILON, axisLast, binaryCrossentropyElements, clip, meanLast, oneHot, requireClasses, smooth } from './parts.ts';

export interface CrossentropyOptions extends LossOptions {
  /** Predictions are scores, not probabilities. Default false. */
  fromLogits?: boolean;
  /** How far labels are moved towards uniform, in [0, 1]. Default 0. */
  labelSmoothing?: number;
  /** The axis of the classes. Default the last. */
  axis?: number;
}

/** mean over the last axis of −y·ln p − (1 − y)·ln(1 − p) — https://keras.io/api/losses/probabilistic_losses/ */
export class BinaryCrossentropy extends Loss<CrossentropyOptions> {
  static override readonly className = 'BinaryCrossentropy';
  static override readonly logName = 'binary_crossentropy';
  static override readonly defaults = { fromLogits: false, labelSmoothing: 0, axis: -1 };
  protected losses(t: Value, p: Value): Value {
    const { fromLogits, labelSmoothing, axis } = this.options;
    return meanLast(axisLast(binaryCrossentropyElements(smooth(t, labelSmoothing, 2), p, fromLogits), axis));
  }
}
export const binaryCrossentropy: LossFactory<BinaryCrossentropy, CrossentropyOptions> = /* @__PURE__ */ lossFactory(BinaryCrossentropy);

/** ln of probabilities that may not sum to 1 exactly. */
function logProbabilities(p: Value): Value {
  return log(clip(div(p, reduceSum(p, { axes: -1, keepDims: true })), EPSILON, 1 - EPSILON));
}

/** −Σ y·ln p over the classes, with one-hot targets */
export class CategoricalCrossentropy extends Loss<CrossentropyOptions> {
  static override readonly className = 'CategoricalCrossentropy';
  static override readonly logName = 'categorical_crossentropy';
  static override readonly defaults = { fromLogits: false, labelSmoothing: 0, axis: -1 };
  protected losses(target: Value, prediction: Value): Value {
    const { fromLogits, labelSmoothing, axis } = this.options;
    const [t, p] = [axisLast(target, axis), axisLast(prediction, axis)];
    requireClasses(t, p, 'categoricalCrossentropy');
    const labels = smooth(t, labelSmoothing, p.type.shape[p.type.shape.length - 1] as number);
    return neg(reduceSum(mul(labels, fromLogits ? logSoftmax(p) : logProbabilities(p)), { axes: -1 }));
  }
}
export const categoricalCrossentropy: LossFactory<CategoricalCrossentropy, CrossentropyOptions> = /* @__PURE__ */ lossFactory(CategoricalCrossentropy);

export interface SparseCrossentropyOptions extends LossOptions {
  /** Predictions are scores, not probabilities. Default false. */
  fromLogits?: boolean;
  /** Samples with this label do not count. */
  ignoreClass?: number | null;
  /** The axis of the classes. Default the last. */
  axis?: number;
}

/** −ln p[label], with integer labels */
export class SparseCategoricalCrossentropy extends Loss<SparseCrossentropyOptions> {
  static override readonly className = 'SparseCategoricalCrossentropy';
  static override readonly logName = 'sparse_categorical_crossentropy';
  static override readonly defaults = { fromLogits: false, ignoreClass: null, axis: -1 };
  override get sparseLabels(): boolean {
    return true;
  }
  protected losses(target: Value, prediction: Value): Value {
    const { fromLogits, ignoreClass, axis } = this.options;
    const p = axisLast(prediction, axis);
    const wanted = p.type.shape.slice(0, -1);
    let labels = cast(target, 'int32');
    if (labels.type.shape.length === wanted.length + 1 && labels.type.shape[wanted.length] === 1) labels = reshape(labels, wanted);
    if (labels.type.shape.length !== wanted.length || labels.type.shape.some((extent, i) => extent !== wanted[i])) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `sparseCategoricalCrossentropy needs one integer label for each prediction, shape [${wanted.join(', ')}]. Received: ${formatType(target.type)} for predictions ${formatType(p.type)}. ` +
          'For one-hot targets use categoricalCrossentropy.',
      );
    }
    const counted = ignoreClass == null ? null : notEqual(labels, ignoreClass);
    const safe = counted ? select(counted, labels, 0) : labels;
    const classes = p.type.shape[p.type.shape.length - 1] as number;
    const losses = fromLogits ? sparseSoftmaxCrossEntropy(p, safe) : neg(reduceSum(mul(oneHot(safe, classes, p), logProbabilities(p)), { axes: -1 }));
    return counted ? select(counted, losses, 0) : losses;
  }
  override counted(target: Value, losses: Value): Value | null {
    const { ignoreClass } = this.options;
    return ignoreClass == null ? null : notEqual(reshape(cast(target, 'int32'), losses.type.shape), ignoreClass);
  }
}
export const sparseCategoricalCrossentropy: LossFactory<SparseCategoricalCrossentropy, SparseCrossentropyOptions> = /* @__PURE__ */ lossFactory(SparseCategoricalCrossentropy);
