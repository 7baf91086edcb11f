/** Softmax as a layer. */
import { softmax as softmaxFunction } from '../../activations/axis.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { subtract } from '../../ops/arithmetic.ts';
import { where } from '../../ops/compare.ts';
import { exp } from '../../ops/functions.ts';
import { logsumexp } from '../../ops/reduce.ts';
import { integer } from '../../options/strict.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface SoftmaxOptions extends LayerOptions {
  /** The axis along which the results sum to 1, or several. */
  axis?: number | readonly number[];
}

/**
 * eˣ / Σ eˣ along an axis. Elements that a mask leaves out get 0.
 * {@link https://keras.io/api/layers/activation_layers/softmax/}
 *
 * @example
 * layers.softmax()([[1, 2, 3]]);
 */
export class Softmax extends Layer {
  static override readonly className = 'Softmax';
  readonly axis: number | readonly number[];

  constructor(options?: SoftmaxOptions) {
    super(layerOptions('softmax', options, ['axis']));
    const { axis = -1 } = options ?? {};
    this.axis =
      typeof axis === 'object'
        ? axis.map((each) => integer('softmax', 'axis', each))
        : integer('softmax', 'axis', axis);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor, { mask }: CallOptions): Tensor {
    const kept = mask as Tensor | null | undefined;
    const x = kept ? where(kept, inputs, inputs.dtype === 'float16' ? -3e4 : -1e9) : inputs;
    const { axis } = this;
    const y =
      typeof axis === 'object' && axis.length > 1
        ? exp(subtract(x, logsumexp(x, { axis, keepdims: true })))
        : softmaxFunction(x, { axis: Number(axis) });
    return kept ? where(kept, y, 0) : y;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** Softmax as a layer: `new Softmax(options)`. */
export const softmax = (options?: SoftmaxOptions): Softmax => new Softmax(options);
