/** A cross-entropy that wrong labels disturb less. */
import { WeftError, cast, div, mul, pow, received, reduceSum, reshape, sub, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { oneHot } from './parts.ts';

export interface GeneralizedCrossentropyOptions extends LossOptions {
  /** Between 0 (like the cross-entropy) and 1 (like the mean absolute error), both excluded. Default 0.5. */
  q?: number;
}

/** (1 − p[label]^q) / q, with integer labels (Zhang and Sabuncu 2018, https://arxiv.org/abs/1805.07836) */
export class CategoricalGeneralizedCrossEntropy extends Loss<GeneralizedCrossentropyOptions> {
  static override readonly className = 'CategoricalGeneralizedCrossEntropy';
  static override readonly logName = 'categorical_generalized_cross_entropy';
  static override readonly defaults = { q: 0.5 };

  constructor(options: GeneralizedCrossentropyOptions = {}) {
    super(options);
    const { q } = this.options;
    if (typeof q === 'number' && q > 0 && q < 1) return;
    throw new WeftError('WEFT_E_OPTION', `categoricalGeneralizedCrossEntropy: \`q\` must be a number between 0 and 1, both excluded. Received: ${received(q)}.`);
  }

  override get sparseLabels(): boolean {
    return true;
  }
  protected losses(target: Value, p: Value): Value {
    const { q } = this.options;
    const labels = reshape(cast(target, 'int32'), p.type.shape.slice(0, -1));
    const right = reduceSum(mul(p, oneHot(labels, p.type.shape[p.type.shape.length - 1] as number, p)), { axes: -1 });
    return div(sub(1, pow(right, q)), q);
  }
}
export const categoricalGeneralizedCrossEntropy: LossFactory<CategoricalGeneralizedCrossEntropy, GeneralizedCrossentropyOptions> =
  /* @__PURE__ */ lossFactory(CategoricalGeneralizedCrossEntropy);
