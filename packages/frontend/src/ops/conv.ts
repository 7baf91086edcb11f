/** Convolutions over 1 to 3 spatial axes. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';
import { channelsBack, channelsLast, dataFormatFrom, perAxis, type DataFormat, type PaddingName } from './windows.ts';

export interface ConvOptions {
  strides?: number | readonly number[];
  /** `'causal'`, for one spatial axis: no output looks ahead. */
  padding?: PaddingName | 'causal';
  dataFormat?: DataFormat;
  dilationRate?: number | readonly number[];
}

interface Geometry {
  readonly strides: number[];
  readonly padding: (readonly [number, number])[];
  readonly dilations: number[];
}

function geometry(op: string, spatial: readonly number[], kernel: readonly number[], options: ConvOptions): Geometry {
  const rank = spatial.length;
  const strides = perAxis(op, 'strides', options.strides ?? 1, rank);
  const dilations = perAxis(op, 'dilationRate', options.dilationRate ?? 1, rank);
  const padding = options.padding ?? 'valid';
  if (padding === 'causal') {
    return {
      strides,
      dilations,
      padding: kernel.map((extent, i) => [(dilations[i] as number) * (extent - 1), 0] as const),
    };
  }
  return { strides, dilations, padding: g.namedPadding(padding, spatial, kernel, strides, dilations) };
}

/**
 * Convolution (cross-correlation, as in every deep-learning library).
 *
 * @param x [batch, …space, channels], or channels second
 * @param kernel [...window, channels / groups, filters]
 * @example
 * ops.conv(images, kernel, { strides: 2, padding: 'same' });
 */
export function conv<A extends Operand, K extends Operand>(
  x: A,
  kernel: K,
  options: ConvOptions = {},
): ResultOf<A | K> {
  const format = dataFormatFrom('conv', options.dataFormat ?? 'channelsLast');
  return apply1<A | K>('conv', [x, kernel], options, (values) => {
    const [given, k] = unify(values, 'float16') as [Value, Value];
    const v = channelsLast(given, format);
    g.requireShape(
      v.type.shape.length === k.type.shape.length,
      'conv',
      `a tensor with ${k.type.shape.length} axes`,
      given.type.shape,
    );
    const channels = v.type.shape[v.type.shape.length - 1] as number;
    const perGroup = k.type.shape[k.type.shape.length - 2] as number;
    const attrs = geometry('conv', v.type.shape.slice(1, -1), k.type.shape.slice(0, -2), options);
    return channelsBack(g.conv(v, k, { ...attrs, groups: Math.max(1, Math.floor(channels / perGroup)) }), format);
  });
}

/**
 * Convolution of each channel by itself.
 *
 * @param kernel [...window, channels, multiplier]; the result has channels · multiplier channels
 */
export function depthwiseConv<A extends Operand, K extends Operand>(
  x: A,
  kernel: K,
  options: ConvOptions = {},
): ResultOf<A | K> {
  const format = dataFormatFrom('depthwiseConv', options.dataFormat ?? 'channelsLast');
  return apply1<A | K>('depthwiseConv', [x, kernel], options, (values) => {
    const [given, k] = unify(values, 'float16') as [Value, Value];
    const v = channelsLast(given, format);
    const window = k.type.shape.slice(0, -2);
    const [channels, multiplier] = k.type.shape.slice(-2) as [number, number];
    const attrs = geometry('depthwiseConv', v.type.shape.slice(1, -1), window, options);
    const grouped = g.reshape(k, [...window, 1, channels * multiplier]);
    return channelsBack(g.conv(v, grouped, { ...attrs, groups: channels }), format);
  });
}

/**
 * Transposed convolution: the gradient of `conv` with respect to its input, as an op that enlarges. With `'same'` the
 * extents grow by the factor of the strides.
 *
 * @param kernel [...window, filters, channels]
 */
export function convTranspose<A extends Operand, K extends Operand>(
  x: A,
  kernel: K,
  options: ConvOptions & { padding?: PaddingName } = {},
): ResultOf<A | K> {
  const format = dataFormatFrom('convTranspose', options.dataFormat ?? 'channelsLast');
  return apply1<A | K>('convTranspose', [x, kernel], options, (values) => {
    const [given, k] = unify(values, 'float16') as [Value, Value];
    const v = channelsLast(given, format);
    const window = k.type.shape.slice(0, -2);
    const strides = perAxis('convTranspose', 'strides', options.strides ?? 1, window.length);
    const dilations = perAxis('convTranspose', 'dilationRate', options.dilationRate ?? 1, window.length);
    // the extents of an input whose convolution has those of x
    const inputShape = v.type.shape.slice(1, -1).map((extent, i) => {
      const [stride, reach] = [strides[i] as number, (dilations[i] as number) * ((window[i] as number) - 1) + 1];
      return extent * stride + (options.padding === 'same' ? 0 : Math.max(reach - stride, 0));
    });
    const padding = g.namedPadding(options.padding ?? 'valid', inputShape, window, strides, dilations);
    return channelsBack(g.convInputGrad(v, k, { strides, dilations, padding, groups: 1, inputShape }), format);
  });
}
