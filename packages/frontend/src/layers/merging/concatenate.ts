/** Several tensors side by side. */
import { WeftError } from '@weftjs/graph';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { broadcastTo, expandDims } from '../../ops/shape.ts';
import { concatenate as join } from '../../ops/join.ts';
import { full } from '../../ops/create.ts';
import { any } from '../../ops/reduce.ts';
import { integer } from '../../options/strict.ts';
import type { LayerOptions } from '../base/layer.ts';
import { Merge, mergeFactory, type MergeFactory } from './merge.ts';

export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which they lie side by side; the last by default. */
  axis?: number;
}

/**
 * The inputs joined along an axis; the other extents agree.
 * {@link https://keras.io/api/layers/merging_layers/concatenate/}
 *
 * @example
 * layers.concatenate([a, b]); // [8, 3] and [8, 5] → [8, 8]
 */
export class Concatenate extends Merge {
  static override readonly className = 'Concatenate';
  readonly axis: number;

  constructor(options?: ConcatenateOptions) {
    super('concatenate', options, ['axis']);
    this.axis = integer('concatenate', 'axis', options?.axis ?? -1);
  }

  override build(inputShape: readonly OpenShape[]): void {
    super.build(inputShape);
    const rank = inputShape[0]?.length ?? 0;
    const along = this.axis < 0 ? this.axis + rank : this.axis;
    const fits = inputShape.every(
      (shape) =>
        shape.length === rank &&
        shape.every(
          (extent, axis) =>
            axis === along ||
            extent === null ||
            inputShape.every((other) => other[axis] === null || other[axis] === extent),
        ),
    );
    if (!fits || along < 0 || along >= rank) {
      const shown = inputShape.map((shape) => `[${shape.map((extent) => extent ?? 'null').join(', ')}]`).join(' and ');
      throw new WeftError(
        'WEFT_E_SHAPE',
        `Layer '${this.name}' joins tensors whose extents agree except along axis ${this.axis}. ` +
          `Received: ${shown}. Reshape them, or choose another axis.`,
      );
    }
  }

  protected override merge(inputs: readonly Tensor[]): Tensor {
    return join(inputs, this.axis);
  }

  /** Inputs without a mask count everywhere. */
  override computeMask(inputs: readonly Tensor[], mask: unknown): Tensor | null {
    if (!Array.isArray(mask) || mask.every((each) => each === null)) return null;
    const masks = inputs.map((input, i) => {
      const own = mask[i] as Tensor | null;
      if (!own) return full(input.shape, 1, { dtype: 'bool' });
      return own.shape.length < input.shape.length ? broadcastTo(expandDims(own, -1), input.shape) : own;
    });
    return any(join(masks, this.axis), { axis: -1 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), axis: this.axis };
  }
}

/** The layer `new Concatenate(options)`, or at once its result for an array of tensors. */
export const concatenate: MergeFactory<Concatenate, ConcatenateOptions> = /* @__PURE__ */ mergeFactory(
  (options?: ConcatenateOptions) => new Concatenate(options),
);
