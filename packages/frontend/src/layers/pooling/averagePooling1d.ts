/** Average pooling over sequences. */
import { BasePooling, type PoolingOptions } from './basePooling.ts';

/**
 * The mean of each window, channel by channel. Padding does not count. Input [batch, steps, channels].
 * {@link https://keras.io/api/layers/pooling_layers/average_pooling1d/}
 *
 * @example
 * layers.averagePooling1d({ poolSize: 2 })(sequences); // [32, 10, 8] → [32, 5, 8]
 */
export class AveragePooling1D extends BasePooling {
  static override readonly className = 'AveragePooling1D';

  constructor(options: PoolingOptions) {
    super('averagePooling1d', 'average', 1, options);
  }
}

/** Average pooling over sequences: `new AveragePooling1D(options)`. */
export const averagePooling1d = (options: PoolingOptions): AveragePooling1D => new AveragePooling1D(options);
