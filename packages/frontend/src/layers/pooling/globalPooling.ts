/** What global pooling layers share: one number a channel, over all of space. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { max, mean } from '../../ops/reduce.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { boolean } from '../../options/strict.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface GlobalPoolingOptions extends LayerOptions {
  /** `'channelsFirst'` inputs are [batch, channels, …space]. */
  dataFormat?: DataFormat;
  /** Whether the spatial axes stay, with extent 1. */
  keepdims?: boolean;
}

/** The base of GlobalMaxPooling and GlobalAveragePooling. */
export abstract class GlobalPooling extends Layer {
  readonly dataFormat: DataFormat;
  readonly keepdims: boolean;
  private readonly reduce: typeof max;

  constructor(owner: string, kind: 'max' | 'average', rank: number, options: GlobalPoolingOptions | undefined) {
    super(layerOptions(owner, options, ['dataFormat', 'keepdims']));
    this.reduce = kind === 'max' ? max : mean;
    this.dataFormat = dataFormatFrom(owner, options?.dataFormat ?? 'channelsLast');
    this.keepdims = boolean(owner, 'keepdims', options?.keepdims ?? false);
    this.inputSpec = { rank: rank + 2 };
  }

  /** The spatial axes. */
  protected axes(inputs: Tensor): number[] {
    const first = this.dataFormat === 'channelsLast' ? 1 : 2;
    return inputs.shape.slice(2).map((_, i) => first + i);
  }

  override call(inputs: Tensor, _options: CallOptions): Tensor {
    return this.reduce(inputs, { axis: this.axes(inputs), keepdims: this.keepdims });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), dataFormat: this.dataFormat, keepdims: this.keepdims };
  }
}
