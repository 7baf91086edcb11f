/** Marks the steps of a sequence that do not count. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { notEqual, where } from '../../ops/compare.ts';
import { any } from '../../ops/reduce.ts';
import { finiteNumber } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface MaskingOptions extends LayerOptions {
  /** Steps that hold only this value do not count. */
  maskValue?: number;
}

/**
 * Masks the steps of [batch, steps, features] whose features all equal `maskValue`, and sets them to 0.
 * {@link https://keras.io/api/layers/core_layers/masking/}
 *
 * @example
 * layers.masking({ maskValue: 0 })(sequences);
 */
export class Masking extends Layer {
  static override readonly className = 'Masking';
  readonly maskValue: number;

  constructor(options?: MaskingOptions) {
    super(layerOptions('masking', options, ['maskValue']));
    this.maskValue = finiteNumber('masking', 'maskValue', options?.maskValue ?? 0);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return where(any(notEqual(inputs, this.maskValue), { axis: -1, keepdims: true }), inputs, 0);
  }

  override computeMask(inputs: Tensor): Tensor {
    return any(notEqual(inputs, this.maskValue), { axis: -1 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), maskValue: this.maskValue };
  }
}

/** Marks the steps that do not count: `new Masking(options)`. */
export const masking = (options?: MaskingOptions): Masking => new Masking(options);
