/** Another order of axes. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { transpose } from '../../ops/shape.ts';
import { optionError } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface PermuteOptions extends LayerOptions {
  /** The axes of a sample in their new order, counted from 1: [2, 1] exchanges the first two. */
  dims: readonly number[];
}

/**
 * The axes of each sample in another order.
 * {@link https://keras.io/api/layers/reshaping_layers/permute/}
 *
 * @example
 * layers.permute({ dims: [2, 1] })(x); // [8, 3, 5] → [8, 5, 3]
 */
export class Permute extends Layer {
  static override readonly className = 'Permute';
  readonly dims: readonly number[];

  constructor(options: PermuteOptions) {
    super(layerOptions('permute', options, ['dims']));
    const { dims } = options ?? {};
    if (!Array.isArray(dims) || [...dims].sort((a, b) => a - b).some((axis, i) => axis !== i + 1)) {
      throw optionError(
        'permute',
        'dims',
        'the numbers 1 to the number of axes of a sample, in some order',
        dims,
        'Write `{ dims: [2, 1] }`',
      );
    }
    this.dims = dims;
    this.inputSpec = { rank: dims.length + 1 };
  }

  override call(inputs: Tensor): Tensor {
    return transpose(inputs, [0, ...this.dims]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dims: [...this.dims] };
  }
}

/** Another order of axes: `new Permute(options)`. */
export const permute = (options: PermuteOptions): Permute => new Permute(options);
