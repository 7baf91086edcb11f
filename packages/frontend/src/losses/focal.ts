/** Focal losses: cross-entropies in which samples that are already right count less (Lin et al. 2017, https://arxiv.org/abs/1708.02002). */
import { add, div, log, mul, neg, pow, reduceSum, sigmoid, softmax, sub, type Value } from '@weftjs/graph';
import type { CrossentropyOptions } from './crossentropy.ts';
import { Loss, lossFactory, type LossFactory } from './loss.ts';
import { EPSILON, axisLast, binaryCrossentropyElements, clip, meanLast, requireClasses, smooth } from './parts.ts';

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
