/** Hinge losses: margins between classes. Labels 0 and 1 are read as −1 and 1. */
import { add, maximum, mul, reduceMax, reduceSum, sub, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { meanLast, signedLabels } from './parts.ts';

const margin = (t: Value, p: Value): Value => maximum(sub(1, mul(signedLabels(t), p)), 0);

/** mean(max(1 − y·p, 0)) — https://keras.io/api/losses/hinge_losses/ */
export class Hinge extends Loss {
  static override readonly className = 'Hinge';
  static override readonly logName = 'hinge';
  protected losses(t: Value, p: Value): Value {
    return meanLast(margin(t, p));
  }
}
export const hinge: LossFactory<Hinge, LossOptions> = /* @__PURE__ */ lossFactory(Hinge);

/** mean(max(1 − y·p, 0)²) */
export class SquaredHinge extends Loss {
  static override readonly className = 'SquaredHinge';
  static override readonly logName = 'squared_hinge';
  protected losses(t: Value, p: Value): Value {
    const m = margin(t, p);
    return meanLast(mul(m, m));
  }
}
export const squaredHinge: LossFactory<SquaredHinge, LossOptions> = /* @__PURE__ */ lossFactory(SquaredHinge);

/** max(max over the wrong classes − the right one + 1, 0), one-hot targets */
export class CategoricalHinge extends Loss {
  static override readonly className = 'CategoricalHinge';
  static override readonly logName = 'categorical_hinge';
  protected losses(t: Value, p: Value): Value {
    const positive = reduceSum(mul(t, p), { axes: -1 });
    const negative = reduceMax(mul(sub(1, t), p), { axes: -1 });
    return maximum(add(sub(negative, positive), 1), 0);
  }
}
export const categoricalHinge: LossFactory<CategoricalHinge, LossOptions> = /* @__PURE__ */ lossFactory(CategoricalHinge);
