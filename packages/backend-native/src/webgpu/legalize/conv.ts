/**
 * Convolutions as products without unfolding (implicit GEMM): the window of a place is an expression of the row and of (tap, channel), so that
 * the product gathers it straight from the image. Groups are the batch.
 *
 * - conv: y[place, cout] = Σ x[window(place, tap), cin] · kernel[(tap, cin), cout]
 * - convInputGrad: dx[place, cin] = Σ over (tap, cout) of dy[the window whose tap is at place, cout] · kernel[tap, cin, cout]
 * - convKernelGrad: dkernel[(tap, cin), cout] = Σ over places of x[window(place, tap), cin] · dy[place, cout]
 */
import { sizeOf } from '@weftjs/graph';
import { float, guard, load, type Bound, type Expression, type Storage } from '../../kernel/expression.ts';
import { along, flatten, makeAxis, plus, quotient, rangeOf, remainder, times, unflatten, type Position } from '../../kernel/position.ts';
import type { ConvTemplate } from '../../kernel/template.ts';
import type { PlainProduct } from '../products/product.ts';

type Triple = readonly [number, number, number];

/** One element of an image [batch, …extents, channels] at a place that may be outside, where it is 0. */
function imageAt(image: Storage, batch: Position, place: readonly Position[], extents: Triple, channels: number, channel: Position, more: readonly Bound[] = []): Expression {
  const bounds = [...more];
  place.forEach((position, i) => {
    const high = extents[i] as number;
    const [least, greatest] = rangeOf(position);
    if (least < 0 || greatest >= high) bounds.push({ position, low: 0, high });
  });
  return guard(bounds, load(image, flatten([batch, ...place, channel], [1, ...extents, channels])), float(0));
}

export function convAsProduct({ op, geometry, operands, output }: ConvTemplate): PlainProduct {
  const { batch, channelsIn, channelsOut, groups, input, output: places, kernel, strides, low, dilations } = geometry;
  const [inWidth, outWidth] = [channelsIn / groups, channelsOut / groups];
  const [first, second] = operands;
  const group = makeAxis(groups);
  const channelOf = (width: number, within: Position): Position => plus(times(along(group), width), within);
  // what rows of the product are, and what is summed over
  const isInputGrad = op === 'convInputGrad';
  const [windows, taps] = [[batch, ...(isInputGrad ? input : places)], [...kernel, isInputGrad ? outWidth : inWidth]];
  const [rows, sums] = op === 'convKernelGrad' ? [taps, windows] : [windows, taps];
  const [m, n, depth] = [makeAxis(sizeOf(rows)), makeAxis(isInputGrad ? inWidth : outWidth), sums.map(makeAxis)];
  const [ofRows, ofSums] = [unflatten(along(m), rows), depth.map(along)];
  const [ofWindows, ofTaps] = op === 'convKernelGrad' ? [ofSums, ofRows] : [ofRows, ofSums];
  const [image, ...place] = ofWindows as [Position, ...Position[]];
  const [t0, t1, t2, channel] = ofTaps as [Position, Position, Position, Position];
  const tap = [t0, t1, t2];
  const make = (a: Expression, b: Position, position: Position): PlainProduct => ({
    type: output.type, batch: group, m, n, depth: depth.filter(({ extent }) => extent > 1), a, b: load(second, b), output, place: position,
  });
  if (!isInputGrad) {
    const at = place.map((position, i) => plus(plus(times(position, strides[i] as number), times(tap[i] as Position, dilations[i] as number)), -(low[i] as number)));
    const column = channelOf(outWidth, along(n));
    const a = imageAt(first, image, at, input, channelsIn, channelOf(inWidth, channel));
    return make(a, flatten([...ofSums, column], [...sums, channelsOut]), plus(times(along(m), channelsOut), column));
  }
  const whole: Bound[] = [];
  const window = place.map((position, i) => {
    const stride = strides[i] as number;
    const scaled = plus(plus(position, times(tap[i] as Position, -(dilations[i] as number))), low[i] as number);
    const rest = remainder(scaled, stride);
    if (rangeOf(rest)[1] > 0) whole.push({ position: rest, low: 0, high: 1 });
    return quotient(scaled, stride);
  });
  const channelOut = channelOf(outWidth, channel);
  const a = imageAt(first, image, window, places, channelsOut, channelOut, whole);
  return make(a, flatten([...tap, along(n), channelOut], [...kernel, inWidth, channelsOut]), plus(times(along(m), channelsIn), channelOf(inWidth, along(n))));
}
