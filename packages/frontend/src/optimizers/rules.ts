/** The update rules, with Keras's defaults (https://keras.io/api/optimizers/). w: weight, g: gradient, η: learning rate. */
import { abs, add, div, maximum, mul, neg, sign, sqrt, sub, type Value } from '@weftjs/graph';
import { Optimizer, type OptimizerOptions, type Update } from './optimizer.ts';

type Result = { readonly weight: Value; readonly slots?: Readonly<Record<string, Value>> };
const square = (x: Value): Value => mul(x, x);
/** rate · old + (1 − rate) · next */
const blend = (rate: number, old: Value, next: Value): Value => add(mul(rate, old), mul(1 - rate, next));

export interface SgdOptions extends OptimizerOptions {
  momentum?: number;
  nesterov?: boolean;
}

/** Gradient descent: w − η·g; with momentum m: v ← m·v − η·g and w + v; nesterov: w + m·v − η·g */
export class SGD extends Optimizer<SgdOptions> {
  static override readonly className = 'SGD';
  static override readonly defaults = { learningRate: 0.01, momentum: 0, nesterov: false };
  protected slots(): Record<string, number> {
    return this.options.momentum ? { momentum: 0 } : {};
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { momentum, nesterov } = this.options;
    const step = mul(gradient, scalars.learningRate as Value);
    if (!momentum) return { weight: sub(weight, step) };
    const velocity = sub(mul(slots.momentum as Value, momentum), step);
    return { weight: add(weight, nesterov ? sub(mul(velocity, momentum), step) : velocity), slots: { momentum: velocity } };
  }
}

export interface RmspropOptions extends OptimizerOptions {
  rho?: number;
  momentum?: number;
  epsilon?: number;
  centered?: boolean;
}

/** Divides by a running root mean square of gradients (Hinton 2012) */
export class RMSprop extends Optimizer<RmspropOptions> {
  static override readonly className = 'RMSprop';
  static override readonly defaults = { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false };
  protected slots(): Record<string, number> {
    const { momentum, centered } = this.options;
    return { velocity: 0, ...(momentum ? { momentum: 0 } : {}), ...(centered ? { average_gradient: 0 } : {}) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { rho, momentum, epsilon, centered } = this.options;
    const velocity = blend(rho, slots.velocity as Value, square(gradient));
    const average = centered ? blend(rho, slots.average_gradient as Value, gradient) : null;
    const denominator = add(average ? sub(velocity, square(average)) : velocity, epsilon);
    const step = div(mul(scalars.learningRate as Value, gradient), sqrt(denominator));
    const next = { velocity, ...(average && { average_gradient: average }) };
    if (!momentum) return { weight: sub(weight, step), slots: next };
    const run = add(mul(momentum, slots.momentum as Value), step);
    return { weight: sub(weight, run), slots: { ...next, momentum: run } };
  }
}

export interface AdamOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  amsgrad?: boolean;
}

/** m, v: running means of g and g²; w − α·m / (√v + ε) with α = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ) (Kingma and Ba 2014) */
export class Adam extends Optimizer<AdamOptions> {
  static override readonly className: string = 'Adam';
  static override readonly defaults: Readonly<Record<string, unknown>> = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false };
  protected slots(): Record<string, number> {
    return { momentum: 0, velocity: 0, ...(this.options.amsgrad ? { velocity_hat: 0 } : {}) };
  }
  protected override scalars(t: number): Record<string, number> {
    const { beta1, beta2 } = this.options;
    return { alpha: (this.learningRate * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { beta1, beta2, epsilon, amsgrad } = this.options;
    const momentum = blend(beta1, slots.momentum as Value, gradient);
    const velocity = blend(beta2, slots.velocity as Value, square(gradient));
    const hat = amsgrad ? maximum(slots.velocity_hat as Value, velocity) : null;
    const step = div(mul(momentum, scalars.alpha as Value), add(sqrt(hat ?? velocity), epsilon));
    return { weight: sub(weight, step), slots: { momentum, velocity, ...(hat && { velocity_hat: hat }) } };
  }
}

/** Adam with weight decay apart from the gradient (Loshchilov and Hutter 2017) */
export class AdamW extends Adam {
  static override readonly className = 'AdamW';
  static override readonly defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false, weightDecay: 0.004 };
}

export interface AdagradOptions extends OptimizerOptions {
  initialAccumulatorValue?: number;
  epsilon?: number;
}

/** Divides by the root of the sum of all squared gradients (Duchi et al. 2011) */
export class Adagrad extends Optimizer<AdagradOptions> {
  static override readonly className = 'Adagrad';
  static override readonly defaults = { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 };
  protected slots(): Record<string, number> {
    return { sum: this.options.initialAccumulatorValue };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const sum = add(slots.sum as Value, square(gradient));
    return { weight: sub(weight, div(mul(scalars.learningRate as Value, gradient), sqrt(add(sum, this.options.epsilon)))), slots: { sum } };
  }
}

export interface AdadeltaOptions extends OptimizerOptions {
  rho?: number;
  epsilon?: number;
}

/** Steps sized by running means of past gradients and past steps (Zeiler 2012) */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  static override readonly className = 'Adadelta';
  static override readonly defaults = { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 };
  protected slots(): Record<string, number> {
    return { accumulated_grad: 0, accumulated_delta_var: 0 };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { rho, epsilon } = this.options;
    const rms = (x: Value): Value => sqrt(add(x, epsilon));
    const grad = blend(rho, slots.accumulated_grad as Value, square(gradient));
    const delta = neg(div(mul(rms(slots.accumulated_delta_var as Value), gradient), rms(grad)));
    const deltas = blend(rho, slots.accumulated_delta_var as Value, square(delta));
    return { weight: add(weight, mul(scalars.learningRate as Value, delta)), slots: { accumulated_grad: grad, accumulated_delta_var: deltas } };
  }
}

/** Adam with the largest gradient in place of the mean square (Kingma and Ba 2014, §7.1) */
export class Adamax extends Optimizer<Omit<AdamOptions, 'amsgrad'>> {
  static override readonly className = 'Adamax';
  static override readonly defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  protected slots(): Record<string, number> {
    return { momentum: 0, norm: 0 };
  }
  protected override scalars(t: number): Record<string, number> {
    return { alpha: this.learningRate / (1 - this.options.beta1 ** t) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { beta1, beta2, epsilon } = this.options;
    const momentum = blend(beta1, slots.momentum as Value, gradient);
    const norm = maximum(mul(beta2, slots.norm as Value), abs(gradient));
    return { weight: sub(weight, div(mul(scalars.alpha as Value, momentum), add(norm, epsilon))), slots: { momentum, norm } };
  }
}

/** Adam with Nesterov momentum (Dozat 2016) */
export class Nadam extends Optimizer<Omit<AdamOptions, 'amsgrad'>> {
  static override readonly className = 'Nadam';
  static override readonly defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  /** Products of the momentum schedule up to each step. */
  private readonly products = [1];
  protected slots(): Record<string, number> {
    return { momentum: 0, velocity: 0 };
  }
  protected override scalars(t: number): Record<string, number> {
    const { beta1, beta2 } = this.options;
    const u = (step: number): number => beta1 * (1 - 0.5 * 0.96 ** step);
    for (let step = this.products.length; step <= t + 1; step++) this.products.push((this.products[step - 1] as number) * u(step));
    const [product, next] = [this.products[t] as number, this.products[t + 1] as number];
    return { fromMomentum: u(t + 1) / (1 - next), fromGradient: (1 - u(t)) / (1 - product), fromVelocity: 1 / (1 - beta2 ** t) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { beta1, beta2, epsilon } = this.options;
    const momentum = blend(beta1, slots.momentum as Value, gradient);
    const velocity = blend(beta2, slots.velocity as Value, square(gradient));
    const m = add(mul(scalars.fromMomentum as Value, momentum), mul(scalars.fromGradient as Value, gradient));
    const v = mul(scalars.fromVelocity as Value, velocity);
    return { weight: sub(weight, div(mul(m, scalars.learningRate as Value), add(sqrt(v), epsilon))), slots: { momentum, velocity } };
  }
}

export interface LionOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
}

/** w − η·sign(β₁·m + (1 − β₁)·g) (Chen et al. 2023) */
export class Lion extends Optimizer<LionOptions> {
  static override readonly className = 'Lion';
  static override readonly defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.99 };
  protected slots(): Record<string, number> {
    return { momentum: 0 };
  }
  protected update({ weight, gradient, slots, scalars }: Update): Result {
    const { beta1, beta2 } = this.options;
    const momentum = slots.momentum as Value;
    return {
      weight: sub(weight, mul(scalars.learningRate as Value, sign(blend(beta1, momentum, gradient)))),
      slots: { momentum: blend(beta2, momentum, gradient) },
    };
  }
}
