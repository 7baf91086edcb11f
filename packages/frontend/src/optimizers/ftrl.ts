/** Follow the regularized leader: for sparse linear models. */
import { add, div, maximum, minimum, mul, pow, sub, type Value } from '@weftjs/graph';
import { finiteNumber } from '../options/strict.ts';
import { Optimizer, type OptimizerOptions, type Update } from './optimizer.ts';

export interface FtrlOptions extends OptimizerOptions {
  /** How steps shrink, at most 0: 0 keeps the learning rate. Default −0.5. */
  learningRatePower?: number;
  /** Default 0.1. */
  initialAccumulatorValue?: number;
  l1RegularizationStrength?: number;
  l2RegularizationStrength?: number;
  /** Like L2, but of the gradients only. */
  l2ShrinkageRegularizationStrength?: number;
  beta?: number;
}

const AT_LEAST_ZERO = [
  'initialAccumulatorValue', 'l1RegularizationStrength', 'l2RegularizationStrength', 'l2ShrinkageRegularizationStrength',
] as const;

/**
 * z ← z + g − (n'ᵖ − nᵖ)·w / η with n' = n + g²; w = (clip(z, ±λ₁) − z) / (n'ᵖ / η + 2·λ₂ + β / η), p = −learningRatePower
 * (McMahan et al. 2013, https://research.google/pubs/pub41159/)
 */
export class Ftrl extends Optimizer<FtrlOptions> {
  static override readonly className = 'Ftrl';
  static override readonly defaults = {
    learningRate: 0.001, learningRatePower: -0.5, initialAccumulatorValue: 0.1, l1RegularizationStrength: 0, l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0, beta: 0,
  };

  constructor(options: FtrlOptions = {}) {
    super(options);
    for (const name of AT_LEAST_ZERO) finiteNumber('ftrl', name, this.options[name], { min: 0 });
    finiteNumber('ftrl', 'learningRatePower', this.options.learningRatePower, { max: 0 });
  }

  protected slots(): Record<string, number> {
    return { squares: this.options.initialAccumulatorValue, linear: 0 };
  }
  protected update({ weight, gradient, slots, scalars }: Update): { weight: Value; slots: Record<string, Value> } {
    const { learningRatePower, l1RegularizationStrength: l1, l2RegularizationStrength, l2ShrinkageRegularizationStrength, beta } = this.options;
    const rate = scalars.learningRate as Value;
    const power = (x: Value): Value => pow(x, -learningRatePower);
    const before = slots.squares as Value;
    const squares = add(before, mul(gradient, gradient));
    const shrunk = add(gradient, mul(weight, 2 * l2ShrinkageRegularizationStrength));
    const linear = add(slots.linear as Value, sub(shrunk, mul(div(sub(power(squares), power(before)), rate), weight)));
    const l2 = add(div(beta / 2, rate), l2RegularizationStrength);
    const quadratic = add(div(power(squares), rate), mul(l2, 2));
    const clipped = minimum(maximum(linear, -l1), l1);
    return { weight: div(sub(clipped, linear), quadratic), slots: { squares, linear } };
  }
}
