/** A layer that does nothing. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

/**
 * y = x: a place for something, or a name for a point of a model.
 * {@link https://keras.io/api/layers/core_layers/identity/}
 *
 * @example
 * layers.identity({ name: 'features' })(x);
 */
export class Identity extends Layer {
  static override readonly className = 'Identity';

  constructor(options?: LayerOptions) {
    super(layerOptions('identity', options, []));
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return inputs;
  }
}

/** A layer that does nothing: `new Identity(options)`. */
export const identity = (options?: LayerOptions): Identity => new Identity(options);
