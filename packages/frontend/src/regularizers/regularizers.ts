/**
 * Penalties that keep weights small: scalars that are added to the loss.
 * {@link https://keras.io/api/layers/regularizers/}
 */
import * as g from '@weftjs/graph';
import { WeftError, formatType, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import { toTensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { NamedFunction } from '../options/named.ts';
import { checkOptions, finiteNumber, oneOf } from '../options/strict.ts';

/** A penalty: a scalar from a weight or an output. */
export type Regularizer = (value: Tensor) => Tensor;

export interface BaseRegularizer {
  (value: Tensor): Tensor;
}

/** The base of all regularizers. */
export abstract class BaseRegularizer extends NamedFunction {
  abstract override apply(value: Tensor): Tensor;
}

/** `l1` · Σ|x| + `l2` · Σx² */
export class L1L2 extends BaseRegularizer {
  static override readonly className: string = 'L1L2';
  readonly l1: number;
  readonly l2: number;

  constructor(options?: { l1?: number; l2?: number }) {
    super();
    const { l1 = 0, l2 = 0 } = checkOptions('l1L2', options, ['l1', 'l2']);
    this.l1 = finiteNumber('l1L2', 'l1', l1, { min: 0 });
    this.l2 = finiteNumber('l1L2', 'l2', l2, { min: 0 });
  }

  override apply(value: Tensor): Tensor {
    const { l1, l2 } = this;
    return computeOne('l1L2', [value], [l1, l2], ([x]) => {
      const v = x as Value;
      const sum = l1 > 0 ? g.mul(g.reduceSum(g.abs(v)), l1) : g.full(v.type.dtype, [], 0);
      return l2 > 0 ? g.add(sum, g.mul(g.reduceSum(g.mul(v, v)), l2)) : sum;
    });
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1, l2: this.l2 };
  }
}

/** `l1` · Σ|x|: drives weights to exactly 0. */
export class L1 extends L1L2 {
  static override readonly className = 'L1';

  constructor(options?: { l1?: number }) {
    super({ l1: (checkOptions('l1', options, ['l1']) as { l1?: number }).l1 ?? 0.01 });
  }

  override getConfig(): Record<string, unknown> {
    return { l1: this.l1 };
  }
}

/** `l2` · Σx²: keeps weights small (weight decay). */
export class L2 extends L1L2 {
  static override readonly className = 'L2';

  constructor(options?: { l2?: number }) {
    super({ l2: (checkOptions('l2', options, ['l2']) as { l2?: number }).l2 ?? 0.01 });
  }

  override getConfig(): Record<string, unknown> {
    return { l2: this.l2 };
  }
}

/**
 * `factor` · the mean of |cos| over pairs of rows (or columns): pushes them apart. Twice over, as in Keras: each pair
 * counts once.
 */
export class OrthogonalRegularizer extends BaseRegularizer {
  static override readonly className = 'OrthogonalRegularizer';
  readonly factor: number;
  readonly mode: 'rows' | 'columns';

  constructor(options?: { factor?: number; mode?: 'rows' | 'columns' }) {
    super();
    const { factor = 0.01, mode = 'rows' } = checkOptions('orthogonalRegularizer', options, ['factor', 'mode']);
    this.factor = finiteNumber('orthogonalRegularizer', 'factor', factor);
    this.mode = oneOf('orthogonalRegularizer', 'mode', mode, ['rows', 'columns']);
  }

  override apply(value: Tensor): Tensor {
    const { factor, mode } = this;
    const x = toTensor(value);
    if (x.shape.length !== 2) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `orthogonalRegularizer needs a matrix. Received: ${formatType(x)}. Use it on kernels of dense layers.`,
      );
    }
    return computeOne('orthogonalRegularizer', [x], [factor, mode], ([w]) => {
      const v = mode === 'rows' ? (w as Value) : g.transpose(w as Value);
      const count = v.type.shape[0] as number;
      const unit = g.mul(v, g.rsqrt(g.maximum(g.reduceSum(g.mul(v, v), { axes: 1, keepDims: true }), 1e-12)));
      const products = g.abs(g.dot(unit, unit, { contractA: [1], contractB: [1] }));
      const other = g.notEqual(g.iota('int32', [count, 1], 0), g.iota('int32', [1, count], 1));
      const pairs = (count * (count - 1)) / 2;
      return g.div(g.mul(g.reduceSum(g.select(other, products, 0)), factor * 0.5), pairs);
    });
  }

  override getConfig(): Record<string, unknown> {
    return { factor: this.factor, mode: this.mode };
  }
}
