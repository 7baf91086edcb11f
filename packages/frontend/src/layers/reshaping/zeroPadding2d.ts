/** A frame of zeros around images. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { pad } from '../../ops/shape.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { marginsFrom, type Margin } from '../shared/margins.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ZeroPadding2DOptions extends LayerOptions {
  /** On all sides; [rows, columns]; or [[top, bottom], [left, right]]. */
  padding?: number | readonly [number, number] | readonly [Margin, Margin];
  /** `'channelsFirst'` inputs are [batch, channels, height, width]. */
  dataFormat?: DataFormat;
}

/**
 * [batch, height, width, channels] with rows and columns of zeros around.
 * {@link https://keras.io/api/layers/reshaping_layers/zero_padding2d/}
 *
 * @example
 * layers.zeroPadding2d({ padding: [[1, 0], [1, 0]] })(images);
 */
export class ZeroPadding2D extends Layer {
  static override readonly className = 'ZeroPadding2D';
  readonly padding: readonly Margin[];
  readonly dataFormat: DataFormat;

  constructor(options?: ZeroPadding2DOptions) {
    super(layerOptions('zeroPadding2d', options, ['padding', 'dataFormat']));
    this.padding = marginsFrom('zeroPadding2d', 'padding', options?.padding ?? 1, 2);
    this.dataFormat = dataFormatFrom('zeroPadding2d', options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { rank: 4 };
  }

  override call(inputs: Tensor): Tensor {
    return pad(
      inputs,
      this.dataFormat === 'channelsLast' ? [[0, 0], ...this.padding, [0, 0]] : [[0, 0], [0, 0], ...this.padding],
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.padding, dataFormat: this.dataFormat };
  }
}

/** A frame of zeros around images: `new ZeroPadding2D(options)`. */
export const zeroPadding2d = (options?: ZeroPadding2DOptions): ZeroPadding2D => new ZeroPadding2D(options);
