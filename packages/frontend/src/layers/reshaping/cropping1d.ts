/** Ends cut off a sequence. */
import { WeftError } from '@weftjs/graph';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { slice } from '../../ops/indexing.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { marginsFrom, type Margin } from '../shared/margins.ts';
import { layerOptions } from '../shared/weights.ts';

export interface Cropping1DOptions extends LayerOptions {
  /** Steps from both ends, or [before, after]. */
  cropping?: number | Margin;
  /** `'channelsFirst'` inputs are [batch, channels, steps]. */
  dataFormat?: DataFormat;
}

/**
 * [batch, steps, channels] without steps at its ends.
 * {@link https://keras.io/api/layers/reshaping_layers/cropping1d/}
 *
 * @example
 * layers.cropping1d({ cropping: [0, 2] })(sequences);
 */
export class Cropping1D extends Layer {
  static override readonly className = 'Cropping1D';
  readonly cropping: readonly Margin[];
  readonly dataFormat: DataFormat;

  constructor(options?: Cropping1DOptions) {
    super(layerOptions('cropping1d', options, ['cropping', 'dataFormat']));
    this.cropping = marginsFrom('cropping1d', 'cropping', options?.cropping ?? 1, 1);
    this.dataFormat = dataFormatFrom('cropping1d', options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { rank: 3 };
  }

  override call(inputs: Tensor): Tensor {
    const margins: readonly Margin[] =
      this.dataFormat === 'channelsLast' ? [[0, 0], ...this.cropping, [0, 0]] : [[0, 0], [0, 0], ...this.cropping];
    const rest = inputs.shape.map(
      (extent, axis) => extent - (margins[axis] as Margin)[0] - (margins[axis] as Margin)[1],
    );
    if (rest.some((extent) => extent <= 0)) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `Layer '${this.name}' must leave something of its inputs. ` +
          `Received: shape [${inputs.shape.join(', ')}] with cropping ${JSON.stringify(this.cropping)}. Crop less.`,
      );
    }
    return slice(
      inputs,
      margins.map(([before]) => before),
      rest,
    );
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), cropping: this.cropping[0], dataFormat: this.dataFormat };
  }
}

/** Ends cut off a sequence: `new Cropping1D(options)`. */
export const cropping1d = (options?: Cropping1DOptions): Cropping1D => new Cropping1D(options);
