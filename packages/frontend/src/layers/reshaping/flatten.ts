/** All axes but the first as one. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { reshape, transpose } from '../../ops/shape.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface FlattenOptions extends LayerOptions {
  /** With channels first they are moved to the end before flattening. */
  dataFormat?: DataFormat;
}

/**
 * [batch, a, b, …] becomes [batch, a·b·…]; [batch] becomes [batch, 1].
 * {@link https://keras.io/api/layers/reshaping_layers/flatten/}
 *
 * @example
 * layers.flatten()(images); // [32, 28, 28, 1] → [32, 784]
 */
export class Flatten extends Layer {
  static override readonly className = 'Flatten';
  readonly dataFormat: DataFormat;

  constructor(options?: FlattenOptions) {
    super(layerOptions('flatten', options, ['dataFormat']));
    this.dataFormat = dataFormatFrom('flatten', options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { minRank: 1 };
  }

  override call(inputs: Tensor): Tensor {
    const [batch = 0, ...rest] = inputs.shape;
    const rank = inputs.shape.length;
    const last =
      this.dataFormat === 'channelsFirst' && rank > 2
        ? transpose(inputs, [0, ...rest.slice(1).map((_, i) => i + 2), 1])
        : inputs;
    return reshape(last, [batch, rest.reduce((size, extent) => size * extent, 1)]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat };
  }
}

/** All axes but the first as one: `new Flatten(options)`. */
export const flatten = (options?: FlattenOptions): Flatten => new Flatten(options);
