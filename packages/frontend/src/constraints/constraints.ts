/**
 * Constraints: applied to a weight after every update.
 * {@link https://keras.io/api/layers/constraints/}
 */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { NamedFunction } from '../options/named.ts';
import { checkOptions, finiteNumber, integer, probability } from '../options/strict.ts';

/** From an updated weight to one that is allowed. */
export type Constraint = (value: Tensor) => Tensor;

/** Which axes a norm is over: those of one unit. For a dense kernel [in, out] axis 0, for a convolution [0, 1, 2]. */
export type ConstraintAxis = number | readonly number[];

export interface BaseConstraint {
  (value: Tensor): Tensor;
}

/** The base of all constraints. */
export abstract class BaseConstraint extends NamedFunction {
  abstract override apply(value: Tensor): Tensor;
}

const EPSILON = 1e-7;

const axisOf = (owner: string, axis: unknown): ConstraintAxis =>
  Array.isArray(axis) ? axis.map((item: unknown) => integer(owner, 'axis', item)) : integer(owner, 'axis', axis);

const normOver = (x: Value, axes: ConstraintAxis): Value => g.sqrt(g.reduceSum(g.mul(x, x), { axes, keepDims: true }));

/** Norms of at most `maxValue` (Srivastava et al. 2014). */
export class MaxNorm extends BaseConstraint {
  static override readonly className = 'MaxNorm';
  readonly maxValue: number;
  readonly axis: ConstraintAxis;

  constructor(options?: { maxValue?: number; axis?: ConstraintAxis }) {
    super();
    const { maxValue = 2, axis = 0 } = checkOptions('maxNorm', options, ['maxValue', 'axis']);
    this.maxValue = finiteNumber('maxNorm', 'maxValue', maxValue, { min: 0 });
    this.axis = axisOf('maxNorm', axis);
  }

  override apply(value: Tensor): Tensor {
    const { maxValue, axis } = this;
    return computeOne('maxNorm', [value], [maxValue, axis], ([x]) => {
      const norm = normOver(x as Value, axis);
      return g.mul(x as Value, g.div(g.minimum(norm, maxValue), g.add(norm, EPSILON)));
    });
  }

  override getConfig(): Record<string, unknown> {
    return { maxValue: this.maxValue, axis: this.axis };
  }
}

/** No weight below 0. */
export class NonNeg extends BaseConstraint {
  static override readonly className = 'NonNeg';

  constructor(options?: Record<never, never>) {
    super();
    checkOptions('nonNeg', options, []);
  }

  override apply(value: Tensor): Tensor {
    return computeOne('nonNeg', [value], null, ([x]) => g.maximum(x as Value, 0));
  }
}

/** Norms of exactly 1. */
export class UnitNorm extends BaseConstraint {
  static override readonly className = 'UnitNorm';
  readonly axis: ConstraintAxis;

  constructor(options?: { axis?: ConstraintAxis }) {
    super();
    const { axis = 0 } = checkOptions('unitNorm', options, ['axis']);
    this.axis = axisOf('unitNorm', axis);
  }

  override apply(value: Tensor): Tensor {
    const { axis } = this;
    return computeOne('unitNorm', [value], axis, ([x]) =>
      g.div(x as Value, g.add(normOver(x as Value, axis), EPSILON)),
    );
  }

  override getConfig(): Record<string, unknown> {
    return { axis: this.axis };
  }
}

/** Norms between two bounds; `rate` below 1 moves them there step by step. */
export class MinMaxNorm extends BaseConstraint {
  static override readonly className = 'MinMaxNorm';
  readonly minValue: number;
  readonly maxValue: number;
  readonly rate: number;
  readonly axis: ConstraintAxis;

  constructor(options?: { minValue?: number; maxValue?: number; rate?: number; axis?: ConstraintAxis }) {
    super();
    const {
      minValue = 0,
      maxValue = 1,
      rate = 1,
      axis = 0,
    } = checkOptions('minMaxNorm', options, ['minValue', 'maxValue', 'rate', 'axis']);
    this.minValue = finiteNumber('minMaxNorm', 'minValue', minValue, { min: 0 });
    this.maxValue = finiteNumber('minMaxNorm', 'maxValue', maxValue, { min: this.minValue });
    this.rate = probability('minMaxNorm', 'rate', rate);
    this.axis = axisOf('minMaxNorm', axis);
  }

  override apply(value: Tensor): Tensor {
    const { minValue, maxValue, rate, axis } = this;
    return computeOne('minMaxNorm', [value], [minValue, maxValue, rate, axis], ([x]) => {
      const norm = normOver(x as Value, axis);
      const wanted = g.add(g.mul(g.minimum(g.maximum(norm, minValue), maxValue), rate), g.mul(norm, 1 - rate));
      return g.mul(x as Value, g.div(wanted, g.add(norm, EPSILON)));
    });
  }

  override getConfig(): Record<string, unknown> {
    return { minValue: this.minValue, maxValue: this.maxValue, rate: this.rate, axis: this.axis };
  }
}
