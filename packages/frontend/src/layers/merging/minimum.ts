/** The smallest of several tensors, element by element. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { minimum as extreme } from '../../ops/arithmetic.ts';
import { extremeOf } from './extreme.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type Masks, type MergeFactory } from './merge.ts';

/**
 * min(a, b, …), shapes broadcast. Steps that a mask leaves out do not take part.
 * {@link https://keras.io/api/layers/merging_layers/minimum/}
 *
 * @example
 * layers.minimum([a, b]);
 */
export class Minimum extends Merge {
  static override readonly className = 'Minimum';

  constructor(options?: LayerOptions) {
    super('minimum', options);
  }

  protected override merge(inputs: readonly Tensor[], masks: Masks | null): Tensor {
    return extremeOf(extreme, inputs, masks);
  }
}

/** The layer `new Minimum(options)`, or at once its result for an array of tensors. */
export const minimum: MergeFactory<Minimum, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Minimum(options),
);
