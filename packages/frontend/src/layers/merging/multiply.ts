/** The product of several tensors. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { multiply as times } from '../../ops/arithmetic.ts';
import { logicalOr, where } from '../../ops/compare.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, stepMask, type Masks, type MergeFactory } from './merge.ts';

/**
 * a · b · …, shapes broadcast. Steps that a mask leaves out count as 1, and give 0 where no input counts.
 * {@link https://keras.io/api/layers/merging_layers/multiply/}
 *
 * @example
 * layers.multiply([a, b]);
 */
export class Multiply extends Merge {
  static override readonly className = 'Multiply';

  constructor(options?: LayerOptions) {
    super('multiply', options);
  }

  protected override merge(inputs: readonly Tensor[], masks: Masks | null): Tensor {
    const kept = inputs.map((input, i) => {
      const mask = masks?.[i];
      return mask ? where(stepMask(mask, input), input, 1) : input;
    });
    const product = kept.reduce((all, each) => times(all, each));
    if (!masks || masks.some((mask) => mask === null)) return product;
    const any = masks
      .map((mask, i) => stepMask(mask as Tensor, inputs[i] as Tensor))
      .reduce((all, each) => logicalOr(all, each));
    return where(any, product, 0);
  }
}

/** The layer `new Multiply(options)`, or at once its result for an array of tensors. */
export const multiply: MergeFactory<Multiply, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Multiply(options),
);
