/**
 * Convolutions as products without unfolding (implicit GEMM): the window of a place is an expression of the row and of (tap, channel), so that
 * the product gathers it straight from the image. Groups are the batch.
 *
 * - conv: y[place, cout] = Σ x[window(place, tap), cin] · kernel[(tap, cin), cout]
 * - convInputGrad: dx[place, cin] = Σ over (tap, cout) of dy[the window whose tap is at place, cout] · kernel[tap, cin, cout]
 * - convKernelGrad: dkernel[(tap, cin), cout] = Σ over places of x[window(place, tap), cin] · dy[place, cout]
 */
import { float, guard, load, type Bound, type Expression, type Storage } from '../../kernel/expression.ts';
import { along, flatten, makeAxis, plus, quotient, rangeOf, remainder, times, unflatten, type Axis, type Position } from '../../kernel/position.ts';
import type { ConvTemplate } from '../../kernel/template.ts';
import type { PlainProduct } from '../products/product.ts';

type Triple = readonly [number, number, number];
const sizeOf = ([a, b, c]: Triple): number => a * b * c;

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
  const tapAt = (o: readonly Position[], tap: readonly Position[]): Position[] =>
    o.map((position, i) => plus(plus(times(position, strides[i] as number), times(tap[i] as Position, dilations[i] as number)), -(low[i] as number)));
  const make = (m: Axis, n: Axis, depth: readonly Axis[], a: Expression, b: Expression, position: Position): PlainProduct => ({
    type: output.type, batch: group, m, n, depth: depth.filter(({ extent }) => extent > 1), a, b, output, place: position,
  });
  switch (op) {
    case 'conv': {
      const [m, n, depth] = [makeAxis(batch * sizeOf(places)), makeAxis(outWidth), [...kernel, inWidth].map(makeAxis)];
      const [image, ...o] = unflatten(along(m), [batch, ...places]) as [Position, Position, Position, Position];
      const [t0, t1, t2, channel] = depth.map(along) as [Position, Position, Position, Position];
      const a = imageAt(first, image, tapAt(o, [t0, t1, t2]), input, channelsIn, channelOf(inWidth, channel));
      const column = channelOf(outWidth, along(n));
      return make(m, n, depth, a, load(second, flatten([t0, t1, t2, channel, column], [...kernel, inWidth, channelsOut])), plus(times(along(m), channelsOut), column));
    }
    case 'convInputGrad': {
      const [m, n, depth] = [makeAxis(batch * sizeOf(input)), makeAxis(inWidth), [...kernel, outWidth].map(makeAxis)];
      const [image, ...place] = unflatten(along(m), [batch, ...input]) as [Position, Position, Position, Position];
      const [t0, t1, t2, channel] = depth.map(along) as [Position, Position, Position, Position];
      const tap = [t0, t1, t2];
      const whole: Bound[] = [];
      const o = place.map((position, i) => {
        const stride = strides[i] as number;
        const scaled = plus(plus(position, times(tap[i] as Position, -(dilations[i] as number))), low[i] as number);
        const rest = remainder(scaled, stride);
        if (rangeOf(rest)[1] > 0) whole.push({ position: rest, low: 0, high: 1 });
        return quotient(scaled, stride);
      });
      const channelOut = channelOf(outWidth, channel);
      const a = imageAt(first, image, o, places, channelsOut, channelOut, whole);
      const kernelAt = flatten([t0, t1, t2, along(n), channelOut], [1, kernel[1], kernel[2], inWidth, channelsOut]);
      return make(m, n, depth, a, load(second, kernelAt), plus(times(along(m), channelsIn), channelOf(inWidth, along(n))));
    }
    case 'convKernelGrad': {
      const [m, n, depth] = [makeAxis(sizeOf(kernel) * inWidth), makeAxis(outWidth), [batch, ...places].map(makeAxis)];
      const [t0, t1, t2, channel] = unflatten(along(m), [...kernel, inWidth]) as [Position, Position, Position, Position];
      const [image, ...o] = depth.map(along) as [Position, Position, Position, Position];
      const a = imageAt(first, image, tapAt(o, [t0, t1, t2]), input, channelsIn, channelOf(inWidth, channel));
      const column = channelOf(outWidth, along(n));
      const dy = load(second, flatten([image, ...o, column], [batch, ...places, channelsOut]));
      return make(m, n, depth, a, dy, plus(times(along(m), channelsOut), column));
    }
  }
}
