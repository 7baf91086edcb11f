/** Maximum pooling over images. */
import { BasePooling, type MaxPoolingOptions } from './basePooling.ts';

/**
 * The largest element of each window, channel by channel. Input [batch, height, width, channels].
 * {@link https://keras.io/api/layers/pooling_layers/max_pooling2d/}
 *
 * @example
 * layers.maxPooling2d()(images); // [32, 28, 28, 8] → [32, 14, 14, 8]
 */
export class MaxPooling2D extends BasePooling {
  static override readonly className = 'MaxPooling2D';

  constructor(options?: MaxPoolingOptions) {
    super('maxPooling2d', 'max', 2, options);
  }
}

/** Maximum pooling over images: `new MaxPooling2D(options)`. */
export const maxPooling2d = (options?: MaxPoolingOptions): MaxPooling2D => new MaxPooling2D(options);
