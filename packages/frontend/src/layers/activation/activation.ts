/** Any activation as a layer. */
import {
  activationFrom,
  activationName,
  type Activation as ActivationFunction,
  type ActivationLike,
} from '../../activations/from.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { requiredOption } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ActivationOptions extends LayerOptions {
  /** A name, or a function on tensors. */
  activation: ActivationLike;
}

/**
 * y = activation(x)
 * {@link https://keras.io/api/layers/core_layers/activation/}
 *
 * @example
 * layers.activation({ activation: 'softplus' })(x);
 */
export class Activation extends Layer {
  static override readonly className = 'Activation';
  readonly activation: ActivationFunction;

  constructor(options: ActivationOptions) {
    super(layerOptions('activation', options, ['activation']));
    this.activation = activationFrom(requiredOption('activation', 'activation', options?.activation) as ActivationLike);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return this.activation(inputs);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), activation: activationName(this.activation) };
  }
}

/** An activation as a layer: `new Activation(options)`. */
export const activation = (options: ActivationOptions): Activation => new Activation(options);
