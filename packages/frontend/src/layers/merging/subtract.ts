/** The difference of two tensors. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { WeftError } from '@weftjs/graph';
import { subtract as minus } from '../../ops/arithmetic.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type MergeFactory } from './merge.ts';

/**
 * a − b
 * {@link https://keras.io/api/layers/merging_layers/subtract/}
 *
 * @example
 * layers.subtract([a, b]);
 */
export class Subtract extends Merge {
  static override readonly className = 'Subtract';

  constructor(options?: LayerOptions) {
    super('subtract', options);
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    const [a, b] = inputs;
    if (!a || !b || inputs.length !== 2) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Layer '${this.name}' subtracts one tensor from another. ` +
          `Received: ${inputs.length} inputs. Call it as layer([a, b]).`,
      );
    }
    return minus(a, b);
  }
}

/** The layer `new Subtract(options)`, or at once its result for an array of tensors. */
export const subtract: MergeFactory<Subtract, LayerOptions> = /* @__PURE__ */ mergeFactory(
  (options?: LayerOptions) => new Subtract(options),
);
