/** A fixed scale and offset, such as from bytes to [0, 1]. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { add, multiply } from '../../ops/arithmetic.ts';
import { cast } from '../../ops/compare.ts';
import { finiteNumber } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface RescalingOptions extends LayerOptions {
  scale: number;
  offset?: number;
}

/**
 * y = x · scale + offset
 * {@link https://keras.io/api/layers/preprocessing_layers/image_preprocessing/rescaling/}
 *
 * @example
 * layers.rescaling({ scale: 1 / 255 })(bytes);
 */
export class Rescaling extends Layer {
  static override readonly className = 'Rescaling';
  readonly scale: number;
  readonly offset: number;

  constructor(options: RescalingOptions) {
    super(layerOptions('rescaling', options, ['scale', 'offset']));
    this.scale = finiteNumber('rescaling', 'scale', options?.scale);
    this.offset = finiteNumber('rescaling', 'offset', options.offset ?? 0);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return add(multiply(cast(inputs, this.dtype), this.scale), this.offset);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), scale: this.scale, offset: this.offset };
  }
}

/** A fixed scale and offset: `new Rescaling(options)`. */
export const rescaling = (options: RescalingOptions): Rescaling => new Rescaling(options);
