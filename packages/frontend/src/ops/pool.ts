/** Pooling over 1 to 3 spatial axes. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';
import { channelsBack, channelsLast, dataFormatFrom, perAxis, type DataFormat, type PaddingName } from './windows.ts';

export interface PoolOptions {
  /** Extents of the window. */
  poolSize: number | readonly number[];
  /** The window's extents by default: windows that do not overlap. */
  strides?: number | readonly number[] | null;
  padding?: PaddingName;
  dataFormat?: DataFormat;
}

function pool<A extends Operand>(
  name: string,
  x: A,
  options: PoolOptions,
  build: (v: Value, attrs: Parameters<typeof g.maxPool>[1]) => Value,
): ResultOf<A> {
  const format = dataFormatFrom(name, options.dataFormat ?? 'channelsLast');
  return apply1(name, [x], options, ([value]) => {
    const v = channelsLast(asFloat(value as Value), format);
    const spatial = v.type.shape.slice(1, -1);
    g.requireShape(spatial.length >= 1, name, 'a tensor [batch, …space, channels]', v.type.shape);
    const window = perAxis(name, 'poolSize', options.poolSize, spatial.length);
    const strides = perAxis(name, 'strides', options.strides ?? window, spatial.length);
    const dilations = window.map(() => 1);
    const padding = g.namedPadding(options.padding ?? 'valid', spatial, window, strides, dilations);
    return channelsBack(build(v, { window, strides, padding, dilations }), format);
  });
}

/** The largest element of each window. */
export function maxPool<A extends Operand>(x: A, options: PoolOptions): ResultOf<A> {
  return pool('maxPool', x, options, (v, attrs) => g.maxPool(v, attrs).values);
}

/** The mean of each window; padding does not count. */
export function averagePool<A extends Operand>(x: A, options: PoolOptions): ResultOf<A> {
  return pool('averagePool', x, options, (v, attrs) => g.avgPool(v, { ...attrs, countPadding: false }));
}
