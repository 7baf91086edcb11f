/** Another shape. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { reshape as reshapeOp } from '../../ops/shape.ts';
import { optionError } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ReshapeOptions extends LayerOptions {
  /** Shape of one sample afterwards; one extent may be −1 and is computed. */
  targetShape: readonly number[];
}

/**
 * The elements of each sample, in row-major order, under another shape.
 * {@link https://keras.io/api/layers/reshaping_layers/reshape/}
 *
 * @example
 * layers.reshape({ targetShape: [-1, 2] })(x); // [8, 12] → [8, 6, 2]
 */
export class Reshape extends Layer {
  static override readonly className = 'Reshape';
  readonly targetShape: readonly number[];

  constructor(options: ReshapeOptions) {
    super(layerOptions('reshape', options, ['targetShape']));
    const { targetShape } = options ?? {};
    const valid =
      Array.isArray(targetShape) &&
      targetShape.every((extent) => Number.isSafeInteger(extent) && extent >= -1) &&
      targetShape.filter((extent) => extent === -1).length <= 1;
    if (!valid)
      throw optionError(
        'reshape',
        'targetShape',
        'an array of whole numbers, at most one of them -1',
        targetShape,
        'Write `{ targetShape: [3, 4] }`',
      );
    this.targetShape = targetShape;
  }

  override call(inputs: Tensor): Tensor {
    return reshapeOp(inputs, [inputs.shape[0] as number, ...this.targetShape]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), targetShape: [...this.targetShape] };
  }
}

/** Another shape for each sample: `new Reshape(options)`. */
export const reshape = (options: ReshapeOptions): Reshape => new Reshape(options);
