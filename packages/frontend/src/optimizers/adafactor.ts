/** Adam with little memory: of the squared gradients of a matrix it keeps the means of the rows and of the columns. */
import { add, div, maximum, mul, reduceSum, sqrt, sub, type Value } from '@weftjs/graph';
import { Optimizer, type OptimizerOptions, type Update } from './optimizer.ts';

export interface AdafactorOptions extends OptimizerOptions {
  /** The share of the past in the running means is 1 − t^beta2Decay. Default −0.8. */
  beta2Decay?: number;
  /** Added to squared gradients. Default 1e-30. */
  epsilon1?: number;
  /** The least root mean square of a weight that counts. Default 0.001. */
  epsilon2?: number;
  /** The largest root mean square of a step. Default 1. */
  clipThreshold?: number;
  /** Keras's switch for rates of at most 1/√t; steps are never larger, with or without it. Default true. */
  relativeStep?: boolean;
}

const mean = (x: Value, axis: number): Value =>
  div(reduceSum(x, { axes: axis, keepDims: true }), Math.max(1, x.type.shape.at(axis) as number));

function rootMeanSquare(x: Value): Value {
  const size = x.type.shape.reduce((product, extent) => product * extent, 1);
  return sqrt(div(reduceSum(mul(x, x)), Math.max(1, size)));
}

/**
 * w − max(ε₂, rms(w))·ρ·u / max(1, rms(u) / d) with u = g / √v and ρ = min(η, 1/√t) (Shazeer and Stern 2018,
 * https://arxiv.org/abs/1804.04235). For matrices v = r·cᵀ / mean(r), from the running means r of rows and c of columns of g².
 */
export class Adafactor extends Optimizer<AdafactorOptions> {
  static override readonly className = 'Adafactor';
  static override readonly defaults = {
    learningRate: 0.001, beta2Decay: -0.8, epsilon1: 1e-30, epsilon2: 1e-3, clipThreshold: 1, relativeStep: true,
  };
  protected slots(shape: readonly number[]): Record<string, number> {
    return shape.length < 2 ? { velocity: 0 } : { rows: 0, columns: 0 };
  }
  protected override slotShape(name: string, shape: readonly number[]): readonly number[] {
    return name === 'rows' ? [...shape.slice(0, -1), 1] : name === 'columns' ? [...shape.slice(0, -2), 1, ...shape.slice(-1)] : shape;
  }
  protected override scalars(t: number): Record<string, number> {
    const past = 1 - t ** this.options.beta2Decay;
    return { past, now: 1 - past, rate: Math.min(this.learningRate, 1 / Math.sqrt(t)) };
  }
  protected update({ weight, gradient, slots, scalars }: Update): { weight: Value; slots: Record<string, Value> } {
    const { epsilon1, epsilon2, clipThreshold } = this.options;
    const squared = add(mul(gradient, gradient), epsilon1);
    const blend = (old: Value, next: Value): Value => add(mul(scalars.past as Value, old), mul(scalars.now as Value, next));
    const { velocity, rows, columns } = slots;
    const kept: Record<string, Value> = velocity
      ? { velocity: blend(velocity, squared) }
      : { rows: blend(rows as Value, mean(squared, -1)), columns: blend(columns as Value, mean(squared, -2)) };
    const v = kept.velocity ?? mul(div(kept.rows as Value, mean(kept.rows as Value, -2)), kept.columns as Value);
    const step = div(gradient, sqrt(v));
    const clipped = div(step, maximum(div(rootMeanSquare(step), clipThreshold), 1));
    const alpha = mul(maximum(rootMeanSquare(weight), epsilon2), scalars.rate as Value);
    return { weight: sub(weight, mul(alpha, clipped)), slots: kept };
  }
}
