/** Zeros before and after a sequence. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { pad } from '../../ops/shape.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { marginsFrom, type Margin } from '../shared/margins.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ZeroPadding1DOptions extends LayerOptions {
  /** Steps on both sides, or [before, after]. */
  padding?: number | Margin;
  /** `'channelsFirst'` inputs are [batch, channels, steps]. */
  dataFormat?: DataFormat;
}

/**
 * [batch, steps, channels] with zeros before and after the steps.
 * {@link https://keras.io/api/layers/reshaping_layers/zero_padding1d/}
 *
 * @example
 * layers.zeroPadding1d({ padding: [2, 0] })(sequences);
 */
export class ZeroPadding1D extends Layer {
  static override readonly className = 'ZeroPadding1D';
  readonly padding: Margin;
  readonly dataFormat: DataFormat;

  constructor(options?: ZeroPadding1DOptions) {
    super(layerOptions('zeroPadding1d', options, ['padding', 'dataFormat']));
    this.padding = marginsFrom('zeroPadding1d', 'padding', options?.padding ?? 1, 1)[0] as Margin;
    this.dataFormat = dataFormatFrom('zeroPadding1d', options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { rank: 3 };
  }

  override call(inputs: Tensor): Tensor {
    return pad(
      inputs,
      this.dataFormat === 'channelsLast' ? [[0, 0], this.padding, [0, 0]] : [[0, 0], [0, 0], this.padding],
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), padding: this.padding, dataFormat: this.dataFormat };
  }
}

/** Zeros before and after a sequence: `new ZeroPadding1D(options)`. */
export const zeroPadding1d = (options?: ZeroPadding1DOptions): ZeroPadding1D => new ZeroPadding1D(options);
