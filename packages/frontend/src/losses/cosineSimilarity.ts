/** A loss of directions: lengths do not count. */
import { mul, neg, reduceSum, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { normalizeLast } from './parts.ts';

export interface CosineSimilarityOptions extends LossOptions {
  /** The axis of the vectors. Default the last. */
  axis?: number;
}

/** −cos of the angle between yTrue and yPred: −1 where they point the same way */
export class CosineSimilarity extends Loss<CosineSimilarityOptions> {
  static override readonly className = 'CosineSimilarity';
  static override readonly logName = 'cosine_similarity';
  static override readonly defaults = { axis: -1 };
  protected losses(t: Value, p: Value): Value {
    const { axis } = this.options;
    return neg(reduceSum(mul(normalizeLast(t, axis), normalizeLast(p, axis)), { axes: axis }));
  }
}
export const cosineSimilarity: LossFactory<CosineSimilarity, CosineSimilarityOptions> = /* @__PURE__ */ lossFactory(CosineSimilarity);
