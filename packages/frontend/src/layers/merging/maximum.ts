/** The largest of several tensors, element by element. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { maximum as extreme } from '../../ops/arithmetic.ts';
import { extremeOf } from './extreme.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type Masks, type MergeFactory } from './merge.ts';

/**
 * max(a, b, …), shapes broadcast. Steps that a mask leaves out do not take part.
 * {@link https://keras.io/api/layers/merging_layers/maximum/}
 *
 * @example
 * layers.maximum([a, b]);
 */
export class Maximum extends Merge {
  static override readonly className = 'Maximum';

  constructor(options?: LayerOptions) {
    super('maximum', options);
  }

  protected override merge(inputs: readonly Tensor[], masks: Masks | null): Tensor {
    return extremeOf(extreme, inputs, masks);
  }
}

/** The layer `new Maximum(options)`, or at once its result for an array of tensors. */
export const maximum: MergeFactory<Maximum, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Maximum(options),
);
