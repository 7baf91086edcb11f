/** Average pooling over images. */
import { BasePooling, type PoolingOptions } from './basePooling.ts';

/**
 * The mean of each window, channel by channel. Padding does not count. Input [batch, height, width, channels].
 * {@link https://keras.io/api/layers/pooling_layers/average_pooling2d/}
 *
 * @example
 * layers.averagePooling2d({ poolSize: 2 })(images); // [32, 28, 28, 8] → [32, 14, 14, 8]
 */
export class AveragePooling2D extends BasePooling {
  static override readonly className = 'AveragePooling2D';

  constructor(options: PoolingOptions) {
    super('averagePooling2d', 'average', 2, options);
  }
}

/** Average pooling over images: `new AveragePooling2D(options)`. */
export const averagePooling2d = (options: PoolingOptions): AveragePooling2D => new AveragePooling2D(options);
