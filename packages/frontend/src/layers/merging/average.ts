/** The mean of several tensors. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { add, divide } from '../../ops/arithmetic.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type MergeFactory } from './merge.ts';

/**
 * (a + b + …) / n, shapes broadcast.
 * {@link https://keras.io/api/layers/merging_layers/average/}
 *
 * @example
 * layers.average([a, b]);
 */
export class Average extends Merge {
  static override readonly className = 'Average';

  constructor(options?: LayerOptions) {
    super('average', options);
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return divide(
      inputs.reduce((sum, each) => add(sum, each)),
      inputs.length,
    );
  }
}

/** The layer `new Average(options)`, or at once its result for an array of tensors. */
export const average: MergeFactory<Average, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Average(options),
);
