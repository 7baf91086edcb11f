/** What pooling layers with a window share. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { averagePool, maxPool } from '../../ops/pool.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { oneOf, sizes } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface PoolingOptions extends LayerOptions {
  /** Extents of the window: one number for all spatial axes, or one each. */
  poolSize: number | readonly number[];
  /** The window's extents by default: windows that do not overlap. */
  strides?: number | readonly number[] | null;
  padding?: 'valid' | 'same';
  /** `'channelsFirst'` inputs are [batch, channels, …space]. */
  dataFormat?: DataFormat;
}

/** Maximum pooling has windows of 2 by default. */
export type MaxPoolingOptions = Omit<PoolingOptions, 'poolSize'> & Partial<Pick<PoolingOptions, 'poolSize'>>;

/** The base of MaxPooling and AveragePooling. */
export abstract class BasePooling extends Layer {
  readonly poolSize: number[];
  readonly strides: number[];
  readonly padding: 'valid' | 'same';
  readonly dataFormat: DataFormat;
  private readonly pool: typeof maxPool;

  constructor(owner: string, kind: 'max' | 'average', rank: number, options: MaxPoolingOptions | undefined) {
    super(layerOptions(owner, options, ['poolSize', 'strides', 'padding', 'dataFormat']));
    this.pool = kind === 'max' ? maxPool : averagePool;
    this.poolSize = sizes(owner, 'poolSize', options?.poolSize ?? (kind === 'max' ? 2 : undefined), rank);
    this.strides = sizes(owner, 'strides', options?.strides ?? this.poolSize, rank);
    this.padding = oneOf(owner, 'padding', options?.padding ?? 'valid', ['valid', 'same']);
    this.dataFormat = dataFormatFrom(owner, options?.dataFormat ?? 'channelsLast');
    this.inputSpec = { rank: rank + 2 };
  }

  override call(inputs: Tensor): Tensor {
    const { poolSize, strides, padding, dataFormat } = this;
    return this.pool(inputs, { poolSize, strides, padding, dataFormat });
  }

  override getConfig(): Record<string, unknown> {
    const { poolSize, strides, padding, dataFormat } = this;
    return { ...super.getConfig(), poolSize, strides, padding, dataFormat };
  }
}
