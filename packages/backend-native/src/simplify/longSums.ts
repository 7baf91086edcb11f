/**
 * Long sums in two steps: many partial sums, then their sum. Rounding errors grow with the length of a chain of additions, so that two chains of
 * √K lose far less than one of K; and a GPU gets more independent points to work on.
 */
import { reduceSum, reshape, sizeOf, type AttrsOf, type Node, type Value } from '@weftjs/graph';

/** Sums of more elements are split. */
const LONG = 8192;

/** The divisor of `extent` nearest to `wanted`, less than the square of which it is; 1 when there is none but `extent`. */
function divisorNear(extent: number, wanted: number): number {
  let best = 1;
  for (let d = 2; d * d <= extent; d++) {
    if (extent % d !== 0) continue;
    for (const divisor of [d, extent / d]) if (Math.abs(Math.log(divisor / wanted)) < Math.abs(Math.log(best / wanted))) best = divisor;
  }
  return best;
}

export function splitLongSum(node: Node, [x]: readonly Value[]): Value | null {
  if (node.op !== 'reduceSum' || !x || x.type.dtype !== 'float32') return null;
  const { axes } = node.attrs as AttrsOf<'reduceSum'>;
  const { shape } = x.type;
  const count = sizeOf(axes.map((axis) => shape[axis] as number));
  if (count <= LONG) return null;
  const longest = axes.reduce((a, b) => ((shape[b] as number) > (shape[a] as number) ? b : a));
  const extent = shape[longest] as number;
  const parts = divisorNear(extent, Math.sqrt(count));
  if (parts < 8 || count / parts < 8) return null;
  const split = reshape(x, [...shape.slice(0, longest), parts, extent / parts, ...shape.slice(longest + 1)]);
  // the axis of the parts stays for the second step
  const inner = axes.map((axis) => (axis < longest ? axis : axis + 1));
  const sums = reduceSum(split, { axes: inner });
  const kept = longest - axes.filter((axis) => axis < longest).length;
  return reshape(reduceSum(sums, { axes: kept }), (node.outputs[0] as Value).type.shape);
}
