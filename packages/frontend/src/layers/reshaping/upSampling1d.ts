/** Every step several times. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { repeat } from '../../ops/shape.ts';
import { positiveInteger } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface UpSampling1DOptions extends LayerOptions {
  /** How often each step comes. */
  size?: number;
}

/**
 * [batch, steps, features] becomes [batch, steps · size, features].
 * {@link https://keras.io/api/layers/reshaping_layers/up_sampling1d/}
 *
 * @example
 * layers.upSampling1d({ size: 2 })(sequences);
 */
export class UpSampling1D extends Layer {
  static override readonly className = 'UpSampling1D';
  readonly size: number;

  constructor(options?: UpSampling1DOptions) {
    super(layerOptions('upSampling1d', options, ['size']));
    this.size = positiveInteger('upSampling1d', 'size', options?.size ?? 2);
    this.inputSpec = { rank: 3 };
  }

  override call(inputs: Tensor): Tensor {
    return repeat(inputs, this.size, { axis: 1 });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size };
  }
}

/** Every step several times: `new UpSampling1D(options)`. */
export const upSampling1d = (options?: UpSampling1DOptions): UpSampling1D => new UpSampling1D(options);
