/** Cross-entropies: what classifiers minimise. With `fromLogits` predictions are scores before sigmoid or softmax, which is exact. */
import {
  add, cast, div, log, logSoftmax, mul, neg, pow, reduceSum, reshape, select, sigmoid, softmax, softplus,
  sparseSoftmaxCrossEntropy, sub, transpose, WeftError, formatType, notEqual, type Value,
} from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { clip, meanLast, oneHot, smooth } from './parts.ts';

const EPSILON = 1e-7;

export interface CrossentropyOptions extends LossOptions {
  /** Predictions are scores, not probabilities. Default false. */
  fromLogits?: boolean;
  /** How far labels are moved towards uniform, in [0, 1]. Default 0. */
  labelSmoothing?: number;
  /** The axis of the classes. Default the last. */
  axis?: number;
}

/** Puts an axis last. */
function axisLast(x: Value, axis: number): Value {
  const rank = x.type.shape.length;
  const at = axis < 0 ? axis + rank : axis;
  if (at === rank - 1) return x;
  const others = x.type.shape.map((_, i) => i).filter((i) => i !== at);
  return transpose(x, [...others, at]);
}

/** −y·ln p − (1 − y)·ln(1 − p), each element */
export function binaryCrossentropyElements(t: Value, p: Value, fromLogits: boolean): Value {
  // max(z, 0) − z·y + ln(1 + e^−|z|), which is softplus(z) − z·y
  if (fromLogits) return sub(softplus(p), mul(p, t));
  const inside = clip(p, EPSILON, 1 - EPSILON);
  return neg(add(mul(t, log(inside)), mul(sub(1, t), log(sub(1, inside)))));
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

function requireClasses(t: Value, p: Value, name: string): void {
  const [a, b] = [t.type.shape, p.type.shape];
  if (a.length === b.length && a.length > 0 && a[a.length - 1] === b[b.length - 1]) return;
  throw new WeftError(
    'WEFT_E_SHAPE',
    `${name} needs one-hot targets of the predictions' shape, ${formatType(p.type)}. Received: ${formatType(t.type)}. For integer labels use sparseCategoricalCrossentropy, or toCategorical.`,
  );
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
  protected override get sparseLabels(): boolean {
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

export interface FocalOptions extends CrossentropyOptions {
  /** Weight of the positive class. Default 0.25. */
  alpha?: number;
  /** How much easy samples count less. Default 2. */
  gamma?: number;
}

/** (1 − p)^γ · cross-entropy (Lin et al. 2017), one-hot targets */
export class CategoricalFocalCrossentropy extends Loss<FocalOptions> {
  static override readonly className = 'CategoricalFocalCrossentropy';
  static override readonly logName = 'categorical_focal_crossentropy';
  static override readonly defaults = { alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 };
  protected losses(target: Value, prediction: Value): Value {
    const { alpha, gamma, fromLogits, labelSmoothing, axis } = this.options;
    const [t, raw] = [axisLast(target, axis), axisLast(prediction, axis)];
    requireClasses(t, raw, 'categoricalFocalCrossentropy');
    const labels = smooth(t, labelSmoothing, raw.type.shape[raw.type.shape.length - 1] as number);
    const probabilities = fromLogits ? softmax(raw) : div(raw, reduceSum(raw, { axes: -1, keepDims: true }));
    const p = clip(probabilities, EPSILON, 1 - EPSILON);
    return reduceSum(mul(mul(alpha, pow(sub(1, p), gamma)), neg(mul(labels, log(p)))), { axes: -1 });
  }
}
export const categoricalFocalCrossentropy: LossFactory<CategoricalFocalCrossentropy, FocalOptions> = /* @__PURE__ */ lossFactory(CategoricalFocalCrossentropy);

export interface BinaryFocalOptions extends FocalOptions {
  /** Weigh the classes by alpha and 1 − alpha. Default false. */
  applyClassBalancing?: boolean;
}

/** The focal loss for two classes */
export class BinaryFocalCrossentropy extends Loss<BinaryFocalOptions> {
  static override readonly className = 'BinaryFocalCrossentropy';
  static override readonly logName = 'binary_focal_crossentropy';
  static override readonly defaults = { applyClassBalancing: false, alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0, axis: -1 };
  protected losses(target: Value, prediction: Value): Value {
    const { alpha, gamma, fromLogits, labelSmoothing, axis, applyClassBalancing } = this.options;
    const t = smooth(target, labelSmoothing, 2);
    const p = fromLogits ? sigmoid(prediction) : prediction;
    const right = add(mul(t, p), mul(sub(1, t), sub(1, p)));
    let losses = mul(pow(sub(1, right), gamma), binaryCrossentropyElements(t, p, false));
    if (applyClassBalancing) losses = mul(add(mul(t, alpha), mul(sub(1, t), 1 - alpha)), losses);
    return meanLast(axisLast(losses, axis));
  }
}
export const binaryFocalCrossentropy: LossFactory<BinaryFocalCrossentropy, BinaryFocalOptions> = /* @__PURE__ */ lossFactory(BinaryFocalCrossentropy);

/** Σ y · ln(y / p) */
export class KLDivergence extends Loss {
  static override readonly className = 'KLDivergence';
  static override readonly logName = 'kl_divergence';
  protected losses(t: Value, p: Value): Value {
    const [a, b] = [clip(t, EPSILON, 1), clip(p, EPSILON, 1)];
    return reduceSum(mul(a, log(div(a, b))), { axes: -1 });
  }
}
export const klDivergence: LossFactory<KLDivergence, LossOptions> = /* @__PURE__ */ lossFactory(KLDivergence);
