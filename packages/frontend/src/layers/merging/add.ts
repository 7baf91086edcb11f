/** The sum of several tensors. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { add as plus } from '../../ops/arithmetic.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type MergeFactory } from './merge.ts';

/**
 * a + b + …, shapes broadcast.
 * {@link https://keras.io/api/layers/merging_layers/add/}
 *
 * @example
 * layers.add([a, b]); // or layers.add()([a, b])
 */
export class Add extends Merge {
  static override readonly className = 'Add';

  constructor(options?: LayerOptions) {
    super('add', options);
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return inputs.reduce((sum, each) => plus(sum, each));
  }
}

/** The layer `new Add(options)`, or at once its result for an array of tensors. */
export const add: MergeFactory<Add, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Add(options),
);
