/** What layers that join several tensors of one shape share. */
import { WeftError, received } from '@weftjs/graph';
import type { OpenShape, SymbolicTensor } from '../../core/symbolic.ts';
import type { TensorLike } from '../../core/tensor/convert.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { logicalOr } from '../../ops/compare.ts';
import { expandDims } from '../../ops/shape.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

/** The masks of several inputs, null where one has none. */
export type Masks = readonly (Tensor | null)[];

/** The base of merging layers: they take an array of tensors. */
export abstract class Merge extends Layer<readonly Tensor[], Tensor> {
  constructor(owner: string, options: LayerOptions | undefined, known: readonly string[] = []) {
    super(layerOptions(owner, options, known));
    this.supportsMasking = true;
  }

  /** Joins inputs of one rank. */
  protected abstract merge(inputs: readonly Tensor[], masks: Masks | null): Tensor;

  override build(inputShape: readonly OpenShape[]): void {
    if (!Array.isArray(inputShape[0])) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Layer '${this.name}' joins an array of tensors. ` +
          `Received: one tensor of shape ${received(inputShape)}. Call it as layer([a, b]).`,
      );
    }
  }

  override call(inputs: readonly Tensor[], { mask }: CallOptions): Tensor {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    // inputs of fewer axes get extents 1 after the batch
    const raised = inputs.map((input) =>
      input.shape.length === rank
        ? input
        : expandDims(
            input,
            Array.from({ length: rank - input.shape.length }, (_, i) => i + 1),
          ),
    );
    return this.merge(raised, Array.isArray(mask) ? (mask as Masks) : null);
  }

  /** A step counts where it counts in any input; without a mask for each there is none. */
  override computeMask(_inputs: readonly Tensor[], mask: unknown): Tensor | null {
    if (!Array.isArray(mask) || mask.some((each) => each === null)) return null;
    return (mask as Tensor[]).reduce((all, each) => logicalOr(all, each));
  }
}

/** A mask over the steps of `x`, with an axis for its features. */
export const stepMask = (mask: Tensor, x: Tensor): Tensor =>
  mask.shape.length < x.shape.length ? expandDims(mask, -1) : mask;

/** What a merge factory gives: the layer from options, the result from tensors. */
export interface MergeFactory<L, O extends LayerOptions> {
  (options?: O): L;
  (inputs: readonly SymbolicTensor[]): SymbolicTensor;
  (inputs: readonly TensorLike[]): Tensor;
}

/** A factory that joins at once when it is given an array. */
export function mergeFactory<L extends Layer<readonly Tensor[], Tensor>, O extends LayerOptions>(
  make: (options?: O) => L,
): MergeFactory<L, O> {
  return ((given?: O | readonly TensorLike[]) =>
    Array.isArray(given) ? make()(given as readonly TensorLike[]) : make(given as O | undefined)) as MergeFactory<L, O>;
}
