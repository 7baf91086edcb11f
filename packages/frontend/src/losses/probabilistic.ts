/** Losses between distributions (https://keras.io/api/losses/probabilistic_losses/). */
import { add, div, log, mul, reduceSum, sub, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { EPSILON, clip, meanLast } from './parts.ts';

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

/** mean(yPred − yTrue · ln yPred) */
export class Poisson extends Loss {
  static override readonly className = 'Poisson';
  static override readonly logName = 'poisson';
  protected losses(t: Value, p: Value): Value {
    return meanLast(sub(p, mul(t, log(add(p, EPSILON)))));
  }
}
export const poisson: LossFactory<Poisson, LossOptions> = /* @__PURE__ */ lossFactory(Poisson);
