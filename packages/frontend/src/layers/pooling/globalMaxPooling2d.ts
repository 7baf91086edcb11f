/** Global maximum pooling over images. */
import { GlobalPooling, type GlobalPoolingOptions } from './globalPooling.ts';

/**
 * The largest element over all pixels, channel by channel: [batch, height, width, channels] → [batch, channels].
 * {@link https://keras.io/api/layers/pooling_layers/global_max_pooling2d/}
 *
 * @example
 * layers.globalMaxPooling2d()(images);
 */
export class GlobalMaxPooling2D extends GlobalPooling {
  static override readonly className = 'GlobalMaxPooling2D';

  constructor(options?: GlobalPoolingOptions) {
    super('globalMaxPooling2d', 'max', 2, options);
  }
}

/** Global maximum pooling over images: `new GlobalMaxPooling2D(options)`. */
export const globalMaxPooling2d = (options?: GlobalPoolingOptions): GlobalMaxPooling2D =>
  new GlobalMaxPooling2D(options);
