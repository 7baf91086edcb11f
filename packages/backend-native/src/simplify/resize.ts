/**
 * Resizing one axis at a time, by gather and its transpose. Output i is centred at input (i + ½)·n/size − ½. Positions are computed in whole
 * numbers over the common denominator 2·size, so that they are exact.
 */
import {
  add, cast, div, floorDiv, gather, iota, maximum, minimum, mul, reshape, scatterAdd, sub,
  type AttrsOf, type Node, type Value,
} from '@weftjs/graph';

/** Where each of `to` outputs reads among `from` inputs: an index, and for linear the part of the next element. */
function taps(from: number, to: number, isLinear: boolean): { low: Value; part: Value | null } {
  const doubled = mul(add(mul(iota('int32', [to], 0), 2), 1), from);
  if (!isLinear) return { low: minimum(floorDiv(doubled, 2 * to), from - 1), part: null };
  const position = minimum(maximum(sub(doubled, to), 0), (from - 1) * 2 * to);
  const low = floorDiv(position, 2 * to);
  return { low, part: div(cast(sub(position, mul(low, 2 * to)), 'float32'), 2 * to) };
}

export function resizeByGather(node: Node, [x]: readonly Value[]): readonly Value[] {
  const forward = node.op === 'resize';
  const { method } = node.attrs as AttrsOf<'resize'>;
  let result = x as Value;
  const { shape } = (node.outputs[0] as Value).type;
  for (let axis = 1; axis < shape.length - 1; axis++) {
    const [extent, wanted] = [result.type.shape[axis], shape[axis]] as [number, number];
    if (extent === wanted) continue;
    const { low, part } = forward ? taps(extent, wanted, method === 'linear') : taps(wanted, extent, method === 'linear');
    const along = (value: Value): Value => cast(reshape(value, [...value.type.shape, ...shape.slice(axis + 1).map(() => 1)]), result.type.dtype);
    const move = (value: Value, indices: Value): Value =>
      forward ? gather(value, indices, { axis }) : scatterAdd(value, indices, { axis, size: wanted });
    if (part === null) {
      result = move(result, low);
      continue;
    }
    const [here, next, source] = [sub(1, along(part)), along(part), result];
    // past the end the index clamps, where the part is 0
    result = forward
      ? add(mul(move(source, low), here), mul(move(source, add(low, 1)), next))
      : add(move(mul(source, here), low), move(mul(source, next), add(low, 1)));
  }
  return [result];
}
