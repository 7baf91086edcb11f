/** Adam with steps in proportion to each weight's norm, for large batches. */
import { add, div, greater, logicalAnd, mul, reduceSum, select, sqrt, sub, type Value } from '@weftjs/graph';
import { Optimizer, type OptimizerOptions, type Update } from './optimizer.ts';

export interface LambOptions extends OptimizerOptions {
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/** w − η·(‖w‖ / ‖u‖)·u with u = m̂ / (√v̂ + ε), Adam's step (You et al. 2019, https://arxiv.org/abs/1904.00962) */
export class Lamb extends Optimizer<LambOptions> {
  static override readonly className = 'Lamb';
  static override readonly defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
  protected slots(): Record<string, number> {
    return { momentum: 0, velocity: 0 };
  }
  protected override scalars(t: number): Record<string, number> {
    const { beta1, beta2 } = this.options;
    return { fromMomentum: 1 / (1 - beta1 ** t), fromVelocity: 1 / (1 - beta2 ** t) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): { weight: Value; slots: Record<string, Value> } {
    const { beta1, beta2, epsilon } = this.options;
    const towards = (old: Value, next: Value, rate: number): Value => add(old, mul(sub(next, old), 1 - rate));
    const momentum = towards(slots.momentum as Value, gradient, beta1);
    const velocity = towards(slots.velocity as Value, mul(gradient, gradient), beta2);
    const root = sqrt(mul(velocity, scalars.fromVelocity as Value));
    const step = div(mul(momentum, scalars.fromMomentum as Value), add(root, epsilon));
    const norm = (x: Value): Value => sqrt(reduceSum(mul(x, x)));
    const [size, length] = [norm(weight), norm(step)];
    const known = logicalAnd(greater(size, 0), greater(length, 0));
    const ratio = select(known, div(size, select(known, length, 1)), 1);
    return { weight: sub(weight, mul(mul(ratio, scalars.learningRate as Value), step)), slots: { momentum, velocity } };
  }
}
