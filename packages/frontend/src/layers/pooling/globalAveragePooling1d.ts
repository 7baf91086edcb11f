/** Global average pooling over sequences. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { divide, multiply } from '../../ops/arithmetic.ts';
import { cast } from '../../ops/compare.ts';
import { sum } from '../../ops/reduce.ts';
import { expandDims } from '../../ops/shape.ts';
import type { CallOptions } from '../base/layer.ts';
import { GlobalPooling, type GlobalPoolingOptions } from './globalPooling.ts';

/**
 * The mean over all steps, channel by channel: [batch, steps, channels] → [batch, channels]. Steps that a mask leaves
 * out do not count.
 * {@link https://keras.io/api/layers/pooling_layers/global_average_pooling1d/}
 *
 * @example
 * layers.globalAveragePooling1d()(sequences);
 */
export class GlobalAveragePooling1D extends GlobalPooling {
  static override readonly className = 'GlobalAveragePooling1D';

  constructor(options?: GlobalPoolingOptions) {
    super('globalAveragePooling1d', 'average', 1, options);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor, options: CallOptions): Tensor {
    const mask = options.mask as Tensor | null | undefined;
    if (!mask) return super.call(inputs, options);
    const kept = expandDims(cast(mask, 'float32'), this.dataFormat === 'channelsLast' ? 2 : 1);
    const by = { axis: this.axes(inputs), keepdims: this.keepdims };
    return divide(sum(multiply(inputs, kept), by), sum(kept, by));
  }

  /** The steps are gone, and their mask with them. */
  override computeMask(): null {
    return null;
  }
}

/** Global average pooling over sequences: `new GlobalAveragePooling1D(options)`. */
export const globalAveragePooling1d = (options?: GlobalPoolingOptions): GlobalAveragePooling1D =>
  new GlobalAveragePooling1D(options);
