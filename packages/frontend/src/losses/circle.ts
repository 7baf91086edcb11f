/** The circle loss: embeddings of one class close together, those of different classes apart. */
import {
  add, cast, dot, equal, exp, greater, iota, less, log, logicalAnd, logicalNot, maximum, minimum, mul, notEqual, reduceMax, reduceSum, reshape, select, softplus,
  stopGradient, sub, transpose, type Value,
} from '@weftjs/graph';
import { Loss, lossFactory, type LossFactory, type LossOptions } from './loss.ts';

export interface CircleOptions extends LossOptions {
  /** The scale of the similarities. Default 80. */
  gamma?: number;
  /** How far apart the classes shall be. Default 0.4. */
  margin?: number;
  /** A sample is not its own neighbour. Default true. */
  removeDiagonal?: boolean;
}

/** Stands for −∞, whose gradients would not be numbers. */
const LOWEST = -1e30;

/** ln Σ exp over the chosen elements of each row */
function logSumExpWhere(chosen: Value, x: Value): Value {
  const kept = select(chosen, x, LOWEST);
  const top = stopGradient(reduceMax(kept, { axes: 1, keepDims: true }));
  return add(log(reduceSum(exp(sub(kept, top)), { axes: 1 })), reshape(top, [top.type.shape[0] as number]));
}

/**
 * ln(1 + Σ exp(γ·αₙ·(sₙ − Δₙ)) · Σ exp(−γ·αₚ·(sₚ − Δₚ))) for each embedding of length 1, over the others of its class (p) and of other
 * classes (n), with integer labels (Sun et al. 2020, https://arxiv.org/abs/2002.10857). Samples without a pair of both kinds do not count.
 */
export class Circle extends Loss<CircleOptions> {
  static override readonly className = 'Circle';
  static override readonly logName = 'circle';
  static override readonly defaults = { gamma: 80, margin: 0.4, removeDiagonal: true };
  override get sparseLabels(): boolean {
    return true;
  }
  protected losses(target: Value, p: Value): Value {
    const { gamma, margin, removeDiagonal } = this.options;
    const size = p.type.shape[0] as number;
    const labels = reshape(cast(target, 'int32'), [size, 1]);
    const same = equal(labels, transpose(labels, [1, 0]));
    const others = notEqual(iota('int32', [size, 1], 0), iota('int32', [1, size], 1));
    const positive = removeDiagonal ? logicalAnd(same, others) : same;
    const negative = logicalNot(same);
    const distance = maximum(sub(1, dot(p, p, { contractA: [1], contractB: [1] })), 0);
    const near = mul(mul(-gamma, add(distance, margin)), sub(margin, distance));
    const far = mul(mul(gamma, maximum(sub(1 + margin, distance), 0)), sub(1 - margin, distance));
    const both = add(logSumExpWhere(positive, near), logSumExpWhere(negative, far));
    // engines may round ln(1 + tiny) to 0, and that sample would not count
    return select(less(both, -10), exp(minimum(both, 0)), softplus(both));
  }
  override counted(_target: Value, losses: Value): Value {
    return greater(losses, 0);
  }
}
export const circle: LossFactory<Circle, CircleOptions> = /* @__PURE__ */ lossFactory(Circle);
