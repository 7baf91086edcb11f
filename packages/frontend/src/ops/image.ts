/** Images of another size. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { oneOf } from '../options/strict.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';
import { channelsBack, channelsLast, dataFormatFrom, type DataFormat } from './windows.ts';

/** How values between pixels are found. */
export type Interpolation = 'nearest' | 'bilinear';

/** Images [batch, height, width, channels] (or one, without the batch axis) with new extents. */
export function resize<A extends Operand>(
  images: A,
  size: readonly number[],
  options: { interpolation?: Interpolation; dataFormat?: DataFormat } = {},
): ResultOf<A> {
  const format = dataFormatFrom('resize', options.dataFormat ?? 'channelsLast');
  const method = oneOf('resize', 'interpolation', options.interpolation ?? 'bilinear', ['nearest', 'bilinear']);
  return apply1('resize', [images], [size, method, format], ([value]) => {
    const v = asFloat(value as Value);
    const single = v.type.shape.length === size.length + 1;
    const batch = channelsLast(single ? g.expandDims(v, 0) : v, format);
    const resized = channelsBack(
      g.resize(batch, { size, method: method === 'bilinear' ? 'linear' : 'nearest' }),
      format,
    );
    return single ? g.reshape(resized, resized.type.shape.slice(1)) : resized;
  });
}
