/** Maximum pooling over sequences. */
import { BasePooling, type MaxPoolingOptions } from './basePooling.ts';

/**
 * The largest element of each window, channel by channel. Input [batch, steps, channels].
 * {@link https://keras.io/api/layers/pooling_layers/max_pooling1d/}
 *
 * @example
 * layers.maxPooling1d()(sequences); // [32, 10, 8] → [32, 5, 8]
 */
export class MaxPooling1D extends BasePooling {
  static override readonly className = 'MaxPooling1D';

  constructor(options?: MaxPoolingOptions) {
    super('maxPooling1d', 'max', 1, options);
  }
}

/** Maximum pooling over sequences: `new MaxPooling1D(options)`. */
export const maxPooling1d = (options?: MaxPoolingOptions): MaxPooling1D => new MaxPooling1D(options);
