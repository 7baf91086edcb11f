/** Larger images. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { resize, type Interpolation } from '../../ops/image.ts';
import { repeat } from '../../ops/shape.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { oneOf, sizes } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface UpSampling2DOptions extends LayerOptions {
  /** Factors for rows and columns: one number for both, or one each. */
  size?: number | readonly [number, number];
  /** `'channelsFirst'` inputs are [batch, channels, height, width]. */
  dataFormat?: DataFormat;
  /** `'nearest'` repeats pixels, `'bilinear'` goes smoothly from one to the next. */
  interpolation?: Interpolation;
}

/**
 * [batch, height, width, channels] becomes [batch, height · size[0], width · size[1], channels].
 * {@link https://keras.io/api/layers/reshaping_layers/up_sampling2d/}
 *
 * @example
 * layers.upSampling2d({ size: 2, interpolation: 'bilinear' })(images);
 */
export class UpSampling2D extends Layer {
  static override readonly className = 'UpSampling2D';
  readonly size: readonly number[];
  readonly dataFormat: DataFormat;
  readonly interpolation: Interpolation;

  constructor(options?: UpSampling2DOptions) {
    super(layerOptions('upSampling2d', options, ['size', 'dataFormat', 'interpolation']));
    this.size = sizes('upSampling2d', 'size', options?.size ?? 2, 2);
    this.dataFormat = dataFormatFrom('upSampling2d', options?.dataFormat ?? 'channelsLast');
    this.interpolation = oneOf('upSampling2d', 'interpolation', options?.interpolation ?? 'nearest', [
      'nearest',
      'bilinear',
    ]);
    this.inputSpec = { rank: 4 };
  }

  override call(inputs: Tensor): Tensor {
    const first = this.dataFormat === 'channelsLast' ? 1 : 2;
    const [rows, columns] = this.size as [number, number];
    if (this.interpolation === 'nearest')
      return repeat(repeat(inputs, rows, { axis: first }), columns, { axis: first + 1 });
    const size = [(inputs.shape[first] as number) * rows, (inputs.shape[first + 1] as number) * columns];
    return resize(inputs, size, { interpolation: 'bilinear', dataFormat: this.dataFormat });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), size: this.size, dataFormat: this.dataFormat, interpolation: this.interpolation };
  }
}

/** Larger images: `new UpSampling2D(options)`. */
export const upSampling2d = (options?: UpSampling2DOptions): UpSampling2D => new UpSampling2D(options);
