/** Convolution over images. */
import { BaseConv, type ConvLayerOptions } from './baseConv.ts';

export type Conv2DOptions = ConvLayerOptions;

/**
 * y[h, w, c] = activation(Σ over i, j, k of x[h·stride + i, w·stride + j, k] · kernel[i, j, k, c] + bias[c])
 *
 * Input [batch, height, width, channels], output [batch, height', width', filters]; `kernel` [rows, columns, channels /
 * groups, filters].
 * {@link https://keras.io/api/layers/convolution_layers/convolution2d/}
 *
 * @example
 * layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' })(images);
 */
export class Conv2D extends BaseConv {
  static override readonly className = 'Conv2D';

  constructor(options: Conv2DOptions) {
    super('conv2d', 2, options);
  }
}

/** Convolution over images: `new Conv2D(options)`. */
export const conv2d = (options: Conv2DOptions): Conv2D => new Conv2D(options);
