/** The leaky rectifier. */
import { leakyRelu as leakyReluFunction } from '../../activations/functions.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { finiteNumber } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface LeakyReLUOptions extends LayerOptions {
  /** Slope below 0. */
  negativeSlope?: number;
}

/**
 * x for x ≥ 0, else `negativeSlope` · x.
 * {@link https://keras.io/api/layers/activation_layers/leaky_relu/}
 *
 * @example
 * layers.leakyRelu({ negativeSlope: 0.1 })(x);
 */
export class LeakyReLU extends Layer {
  static override readonly className = 'LeakyReLU';
  readonly negativeSlope: number;

  constructor(options?: LeakyReLUOptions) {
    super(layerOptions('leakyRelu', options, ['negativeSlope']));
    this.negativeSlope = finiteNumber('leakyRelu', 'negativeSlope', options?.negativeSlope ?? 0.3, { min: 0 });
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return leakyReluFunction(inputs, { negativeSlope: this.negativeSlope });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), negativeSlope: this.negativeSlope };
  }
}

/** The leaky rectifier: `new LeakyReLU(options)`. */
export const leakyRelu = (options?: LeakyReLUOptions): LeakyReLU => new LeakyReLU(options);
