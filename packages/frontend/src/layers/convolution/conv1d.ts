/** Convolution over sequences. */
import { BaseConv, type ConvLayerOptions } from './baseConv.ts';

export interface Conv1DOptions extends Omit<ConvLayerOptions, 'padding'> {
  /** `'causal'`: no output looks at later steps. */
  padding?: 'valid' | 'same' | 'causal';
}

/**
 * y[t, c] = activation(Σ over k, i of x[t·stride + k·dilation, i] · kernel[k, i, c] + bias[c])
 *
 * Input [batch, steps, channels], output [batch, steps', filters]; `kernel` [kernelSize, channels / groups, filters].
 * {@link https://keras.io/api/layers/convolution_layers/convolution1d/}
 *
 * @example
 * layers.conv1d({ filters: 32, kernelSize: 3, padding: 'causal' })(sequences);
 */
export class Conv1D extends BaseConv {
  static override readonly className = 'Conv1D';

  constructor(options: Conv1DOptions) {
    super('conv1d', 1, options);
  }
}

/** Convolution over sequences: `new Conv1D(options)`. */
export const conv1d = (options: Conv1DOptions): Conv1D => new Conv1D(options);
