/** Losses on the overlap of two regions, for segmentation (https://keras.io/api/losses/probabilistic_losses/). */
import { add, div, mul, reduceSum, sub, type Value } from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';
import { EPSILON } from './parts.ts';

export interface DiceOptions extends LossOptions {
  /** The axes over which a region extends. Default all: one loss for the batch. */
  axis?: number | readonly number[] | null;
}

/** 1 − 2·Σ y·p / (Σ y + Σ p) (Sørensen 1948, Dice 1945) */
export class Dice extends Loss<DiceOptions> {
  static override readonly className = 'Dice';
  static override readonly logName = 'dice';
  static override readonly defaults = { axis: null };
  protected losses(t: Value, p: Value): Value {
    const total = (x: Value): Value => reduceSum(x, { axes: this.options.axis });
    return sub(1, div(mul(2, total(mul(t, p))), add(add(total(t), total(p)), EPSILON)));
  }
}
export const dice: LossFactory<Dice, DiceOptions> = /* @__PURE__ */ lossFactory(Dice);

export interface TverskyOptions extends DiceOptions {
  /** How much what is missed, Σ y·(1 − p), counts. Default 0.5. */
  alpha?: number;
  /** How much what is wrongly found, Σ (1 − y)·p, counts. Default 0.5. */
  beta?: number;
}

/** 1 − Σ y·p / (Σ y·p + α·Σ y·(1 − p) + β·Σ (1 − y)·p); Dice with α = β = ½ (Salehi et al. 2017, https://arxiv.org/abs/1706.05721) */
export class Tversky extends Loss<TverskyOptions> {
  static override readonly className = 'Tversky';
  static override readonly logName = 'tversky';
  static override readonly defaults = { alpha: 0.5, beta: 0.5, axis: null };
  protected losses(t: Value, p: Value): Value {
    const { alpha, beta, axis } = this.options;
    const total = (x: Value): Value => reduceSum(x, { axes: axis });
    const overlap = total(mul(t, p));
    const missed = mul(total(mul(t, sub(1, p))), alpha);
    const wrong = mul(total(mul(p, sub(1, t))), beta);
    return sub(1, div(overlap, add(add(add(overlap, missed), wrong), EPSILON)));
  }
}
export const tversky: LossFactory<Tversky, TverskyOptions> = /* @__PURE__ */ lossFactory(Tversky);
