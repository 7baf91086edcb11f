/** Edges cut off images. */
import { WeftError } from '@weftjs/graph';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { slice } from '../../ops/indexing.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { marginsFrom, type Margin } from '../shared/margins.ts';
import { layerOptions } from '../shared/weights.ts';

export interface Cropping2DOptions extends LayerOptions {
  /** On all sides; [rows, columns]; or [[top, bottom], [left, right]]. */
  cropping?: number | readonly [number, number] | readonly [Margin, Margin];
  /** `'channelsFirst'` inputs are [batch, channels, height, width]. */
  dataFormat?: DataFormat;
}

/**
 * [batch, height, width, channels] without rows and columns at the edges.
 * {@link https://keras.io/api/layers/reshaping_layers/cropping2d/}
 *
 * @example
 * layers.cropping2d({ cropping: 2 })(images);
 */
export class Cropping2D extends Layer {
  static override readonly className = 'Cropping2D';
  readonly cropping: readonly Margin[];
  readonly dataFormat: DataFormat;

  constructor(options?: Cropping2DOptions) {
    super(layerOptions('cropping2d', options, ['cropping', 'dataFormat']));
    this.cropping = marginsFrom('cropping2d', 'cropping', options?.cropping ?? 0, 2);
    this.dataFormat = dataFormatFrom('cropping2d', options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { rank: 4 };
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
    return { ...super.getConfig(), cropping: this.cropping, dataFormat: this.dataFormat };
  }
}

/** Edges cut off images: `new Cropping2D(options)`. */
export const cropping2d = (options?: Cropping2DOptions): Cropping2D => new Cropping2D(options);
