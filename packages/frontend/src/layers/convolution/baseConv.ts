/** What convolution layers of 1 to 3 spatial axes share. */
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { add } from '../../ops/arithmetic.ts';
import { conv, type ConvOptions as ConvWindow } from '../../ops/conv.ts';
import { reshape } from '../../ops/shape.ts';
import { dataFormatFrom, type DataFormat } from '../../ops/windows.ts';
import { savedForm } from '../../options/named.ts';
import { boolean, oneOf, optionError, positiveInteger, sizes } from '../../options/strict.ts';
import { regularizerFrom, type RegularizerLike } from '../../regularizers/index.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { knownExtent } from '../shared/shapes.ts';
import {
  layerOptions,
  weightConfig,
  weightNames,
  weightRules,
  type WeightOptions,
  type WeightRules,
} from '../shared/weights.ts';

/** The options of one window that slides over the input. */
export interface WindowOptions {
  /** Extents of the window: one number for all spatial axes, or one each. */
  kernelSize: number | readonly number[];
  strides?: number | readonly number[];
  /** `'valid'`: the window stays inside; `'same'`: zeros are added so that strides alone decide the output's extent. */
  padding?: 'valid' | 'same';
  /** `'channelsFirst'` inputs are [batch, channels, …space]. */
  dataFormat?: DataFormat;
  /** Steps between the elements that a window takes. */
  dilationRate?: number | readonly number[];
}

export interface ConvLayerOptions extends LayerOptions, WindowOptions, WeightOptions<'kernel' | 'bias'> {
  /** Number of output channels. */
  filters: number;
  /** Channels are split into so many groups that do not see each other. */
  groups?: number;
  activation?: ActivationLike;
  useBias?: boolean;
  /** A penalty on the outputs. */
  activityRegularizer?: RegularizerLike;
}

/** The option names of a window. */
export const WINDOW_NAMES: readonly string[] = ['kernelSize', 'strides', 'padding', 'dataFormat', 'dilationRate'];

/** A checked window. */
export interface Window {
  readonly kernelSize: number[];
  readonly strides: number[];
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dataFormat: DataFormat;
  readonly dilationRate: number[];
}

export function windowFrom(
  owner: string,
  rank: number,
  options: Omit<WindowOptions, 'padding'> & { padding?: string },
): Window {
  const paddings = rank === 1 ? (['valid', 'same', 'causal'] as const) : (['valid', 'same'] as const);
  const window = {
    kernelSize: sizes(owner, 'kernelSize', options.kernelSize, rank),
    strides: sizes(owner, 'strides', options.strides ?? 1, rank),
    padding: oneOf<'valid' | 'same' | 'causal'>(owner, 'padding', options.padding ?? 'valid', paddings),
    dataFormat: dataFormatFrom(owner, options.dataFormat ?? 'channelsLast'),
    dilationRate: sizes(owner, 'dilationRate', options.dilationRate ?? 1, rank),
  };
  if (Math.max(...window.strides) > 1 && Math.max(...window.dilationRate) > 1) {
    throw optionError(owner, 'strides', '1 where `dilationRate` is above 1', options.strides, 'Use one of the two');
  }
  return window;
}

/** The base of Conv1D and Conv2D. */
export abstract class BaseConv extends Layer {
  readonly filters: number;
  readonly groups: number;
  readonly window: Window;
  readonly activation: Activation;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  private readonly spatialRank: number;
  private readonly kernelRules: WeightRules;
  private readonly biasRules: WeightRules;

  constructor(owner: string, rank: number, options: Omit<ConvLayerOptions, 'padding'> & { padding?: string }) {
    super(
      layerOptions(owner, options, [
        'filters',
        ...WINDOW_NAMES,
        'groups',
        'activation',
        'useBias',
        'activityRegularizer',
        ...weightNames('kernel', 'bias'),
      ]),
    );
    this.spatialRank = rank;
    this.filters = positiveInteger(owner, 'filters', options?.filters);
    this.groups = positiveInteger(owner, 'groups', options.groups ?? 1);
    if (this.filters % this.groups !== 0)
      throw optionError(owner, 'filters', `a multiple of \`groups\` = ${this.groups}`, this.filters);
    this.window = windowFrom(owner, rank, options);
    this.activation = activationFrom(options.activation);
    this.useBias = boolean(owner, 'useBias', options.useBias ?? true);
    this.kernelRules = weightRules(options, 'kernel', 'glorotUniform');
    this.biasRules = weightRules(options, 'bias', 'zeros');
    this.activityRegularizer = regularizerFrom(options.activityRegularizer);
    this.inputSpec = { rank: rank + 2 };
  }

  override build(inputShape: OpenShape): void {
    const axis = this.window.dataFormat === 'channelsLast' ? -1 : 1;
    const channels = knownExtent(this.name, inputShape, axis);
    if (channels % this.groups !== 0)
      throw optionError(this.name, 'groups', `a divisor of the ${channels} input channels`, this.groups);
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.window.kernelSize, channels / this.groups, this.filters],
      ...this.kernelRules,
    });
    if (this.useBias) this.bias = this.addWeight({ name: 'bias', shape: [this.filters], ...this.biasRules });
    this.inputSpec = { rank: this.spatialRank + 2, axes: { [axis]: channels } };
  }

  override call(inputs: Tensor): Tensor {
    const { kernelSize: _, ...window } = this.window;
    const y = conv(inputs, this.kernel as Variable, window as ConvWindow);
    return this.activation(this.bias ? addBias(y, this.bias, this.window.dataFormat) : y);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      filters: this.filters,
      ...this.window,
      groups: this.groups,
      activation: activationName(this.activation),
      useBias: this.useBias,
      ...weightConfig('kernel', this.kernelRules),
      ...weightConfig('bias', this.biasRules),
      activityRegularizer: savedForm(this.activityRegularizer),
    };
  }
}

/** Adds one number to each channel. */
export function addBias(x: Tensor, bias: Variable, dataFormat: DataFormat): Tensor {
  if (dataFormat === 'channelsLast') return add(x, bias);
  return add(x, reshape(bias, [1, bias.size, ...x.shape.slice(2).map(() => 1)]));
}
