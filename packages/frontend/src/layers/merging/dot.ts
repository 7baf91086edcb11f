/** Products of two tensors, sample by sample. */
import * as g from '@weftjs/graph';
import { WeftError, type Value } from '@weftjs/graph';
import type { SymbolicTensor } from '../../core/symbolic.ts';
import type { TensorLike } from '../../core/tensor/convert.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { apply1 } from '../../ops/define.ts';
import { normalize } from '../../ops/normalize.ts';
import { boolean, integer, optionError } from '../../options/strict.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge } from './merge.ts';

export interface DotOptions extends LayerOptions {
  /** The axis that is summed over in both, or one each; never 0, the batch. */
  axes: number | readonly [number, number];
  /** Whether vectors along these axes are first brought to length 1: the result is then the cosine. */
  normalize?: boolean;
}

/**
 * Σ of products over one axis of each input, for each sample: [batch, n] and [batch, n] give [batch, 1].
 * {@link https://keras.io/api/layers/merging_layers/dot/}
 *
 * @example
 * layers.dot({ axes: 1, normalize: true })([a, b]); // cosine similarity
 */
export class Dot extends Merge {
  static override readonly className = 'Dot';
  readonly axes: number | readonly [number, number];
  readonly normalize: boolean;

  constructor(options: DotOptions) {
    super('dot', options, ['axes', 'normalize']);
    const { axes, normalize: unit = false } = options ?? {};
    if (Array.isArray(axes) && axes.length !== 2) throw optionError('dot', 'axes', 'a whole number, or two', axes);
    this.axes = Array.isArray(axes)
      ? [integer('dot', 'axes', axes[0]), integer('dot', 'axes', axes[1])]
      : integer('dot', 'axes', axes);
    this.normalize = boolean('dot', 'normalize', unit);
  }

  protected override merge(): Tensor {
    throw g.internalError('Dot does not raise ranks');
  }

  override call(inputs: readonly Tensor[]): Tensor {
    const [a, b] = inputs;
    if (!a || !b || inputs.length !== 2) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Layer '${this.name}' multiplies two tensors. Received: ${inputs.length} inputs. Call it as layer([a, b]).`,
      );
    }
    const given = typeof this.axes === 'number' ? [this.axes, this.axes] : this.axes;
    const [axisA, axisB] = [a, b].map(({ shape }, i) => g.resolveAxis('dot', given[i] as number, shape.length)) as [
      number,
      number,
    ];
    const [x, y] = this.normalize ? [normalize(a, { axis: axisA }), normalize(b, { axis: axisB })] : [a, b];
    return apply1('batchDot', [x, y], [axisA, axisB], ([p, q]) => {
      const product = g.dot(p as Value, q as Value, {
        batchA: [0],
        batchB: [0],
        contractA: [axisA],
        contractB: [axisB],
      });
      return product.type.shape.length === 1 ? g.expandDims(product, 1) : product;
    });
  }

  override computeMask(): null {
    return null;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axes: this.axes, normalize: this.normalize };
  }
}

/** Products of two tensors: the layer `new Dot(options)`, or at once the result for two tensors and options. */
export function dot(options: DotOptions): Dot;
export function dot(inputs: readonly SymbolicTensor[], options: DotOptions): SymbolicTensor;
export function dot(inputs: readonly TensorLike[], options: DotOptions): Tensor;
export function dot(first: DotOptions | readonly unknown[], options?: DotOptions): unknown {
  return Array.isArray(first)
    ? new Dot(options as DotOptions)(first as readonly TensorLike[])
    : new Dot(first as DotOptions);
}
