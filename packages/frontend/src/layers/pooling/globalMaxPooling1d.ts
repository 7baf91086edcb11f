/** Global maximum pooling over sequences. */
import { GlobalPooling, type GlobalPoolingOptions } from './globalPooling.ts';

/**
 * The largest element over all steps, channel by channel: [batch, steps, channels] → [batch, channels].
 * {@link https://keras.io/api/layers/pooling_layers/global_max_pooling1d/}
 *
 * @example
 * layers.globalMaxPooling1d()(sequences);
 */
export class GlobalMaxPooling1D extends GlobalPooling {
  static override readonly className = 'GlobalMaxPooling1D';

  constructor(options?: GlobalPoolingOptions) {
    super('globalMaxPooling1d', 'max', 1, options);
  }
}

/** Global maximum pooling over sequences: `new GlobalMaxPooling1D(options)`. */
export const globalMaxPooling1d = (options?: GlobalPoolingOptions): GlobalMaxPooling1D =>
  new GlobalMaxPooling1D(options);
