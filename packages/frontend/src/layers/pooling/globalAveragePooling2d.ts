/** Global average pooling over images. */
import { GlobalPooling, type GlobalPoolingOptions } from './globalPooling.ts';

/**
 * The mean over all pixels, channel by channel: [batch, height, width, channels] → [batch, channels].
 * {@link https://keras.io/api/layers/pooling_layers/global_average_pooling2d/}
 *
 * @example
 * layers.globalAveragePooling2d()(images);
 */
export class GlobalAveragePooling2D extends GlobalPooling {
  static override readonly className = 'GlobalAveragePooling2D';

  constructor(options?: GlobalPoolingOptions) {
    super('globalAveragePooling2d', 'average', 2, options);
  }
}

/** Global average pooling over images: `new GlobalAveragePooling2D(options)`. */
export const globalAveragePooling2d = (options?: GlobalPoolingOptions): GlobalAveragePooling2D =>
  new GlobalAveragePooling2D(options);
