/** Convolution of each channel by itself. */
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { depthwiseConv, type ConvOptions } from '../../ops/conv.ts';
import { savedForm } from '../../options/named.ts';
import { boolean, positiveInteger } from '../../options/strict.ts';
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
import { WINDOW_NAMES, addBias, windowFrom, type Window, type WindowOptions } from './baseConv.ts';

export interface DepthwiseConv2DOptions extends LayerOptions, WindowOptions, WeightOptions<'depthwise' | 'bias'> {
  /** Output channels for each input channel. */
  depthMultiplier?: number;
  activation?: ActivationLike;
  useBias?: boolean;
  /** A penalty on the outputs. */
  activityRegularizer?: RegularizerLike;
}

/**
 * y[h, w, k·m + q] = activation(Σ over i, j of x[h·stride + i, w·stride + j, k] · kernel[i, j, k, q] + bias)
 *
 * Input [batch, height, width, channels], output [batch, height', width', channels · depthMultiplier].
 * {@link https://keras.io/api/layers/convolution_layers/depthwise_convolution2d/}
 *
 * @example
 * layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' })(images);
 */
export class DepthwiseConv2D extends Layer {
  static override readonly className = 'DepthwiseConv2D';
  readonly depthMultiplier: number;
  readonly window: Window;
  readonly activation: Activation;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  private readonly kernelRules: WeightRules;
  private readonly biasRules: WeightRules;

  constructor(options: DepthwiseConv2DOptions) {
    const owner = 'depthwiseConv2d';
    super(
      layerOptions(owner, options, [
        ...WINDOW_NAMES,
        'depthMultiplier',
        'activation',
        'useBias',
        'activityRegularizer',
        ...weightNames('depthwise', 'bias'),
      ]),
    );
    this.window = windowFrom(owner, 2, options ?? {});
    this.depthMultiplier = positiveInteger(owner, 'depthMultiplier', options.depthMultiplier ?? 1);
    this.activation = activationFrom(options.activation);
    this.useBias = boolean(owner, 'useBias', options.useBias ?? true);
    this.kernelRules = weightRules(options, 'depthwise', 'glorotUniform');
    this.biasRules = weightRules(options, 'bias', 'zeros');
    this.activityRegularizer = regularizerFrom(options.activityRegularizer);
    this.inputSpec = { rank: 4 };
  }

  override build(inputShape: OpenShape): void {
    const axis = this.window.dataFormat === 'channelsLast' ? -1 : 1;
    const channels = knownExtent(this.name, inputShape, axis);
    this.kernel = this.addWeight({
      name: 'kernel',
      shape: [...this.window.kernelSize, channels, this.depthMultiplier],
      ...this.kernelRules,
    });
    if (this.useBias)
      this.bias = this.addWeight({ name: 'bias', shape: [channels * this.depthMultiplier], ...this.biasRules });
    this.inputSpec = { rank: 4, axes: { [axis]: channels } };
  }

  override call(inputs: Tensor): Tensor {
    const { kernelSize: _, ...window } = this.window;
    const y = depthwiseConv(inputs, this.kernel as Variable, window as ConvOptions);
    return this.activation(this.bias ? addBias(y, this.bias, this.window.dataFormat) : y);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      ...this.window,
      depthMultiplier: this.depthMultiplier,
      activation: activationName(this.activation),
      useBias: this.useBias,
      ...weightConfig('depthwise', this.kernelRules),
      ...weightConfig('bias', this.biasRules),
      activityRegularizer: savedForm(this.activityRegularizer),
    };
  }
}

/** Convolution of each channel by itself: `new DepthwiseConv2D(options)`. */
export const depthwiseConv2d = (options: DepthwiseConv2DOptions): DepthwiseConv2D => new DepthwiseConv2D(options);
