/**
 * Pooling, and convolution with few channels a group, as loop nests over windows. Forward, a window reads the input at o·stride − low + k·dilation.
 * Backward, an input element p gathers from the windows that cover it: those o with o·stride = p + low − k·dilation, where that is whole
 * and in range. Gathering needs no atomics and no order.
 */
import { internalError, type AttrsOf, type Node, type Value } from '@weftjs/graph';
import { accumulated, apply, float, guard, indexOf, int, select, type Bound, type Expression } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Stage } from '../../kernel/nest.ts';
import { along, at, flatten, makeAxis, plus, quotient, rangeOf, remainder, times, type Position } from '../../kernel/position.ts';
import { within, type Inliner } from '../inline.ts';

interface Windows {
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly dilations: readonly number[];
}

/** Where window `o` has its tap `k`, along each spatial axis; may be outside. */
function tapOf(o: readonly Position[], k: readonly Position[], { strides, padding, dilations }: Windows): Position[] {
  return o.map((position, i) =>
    plus(plus(times(position, strides[i] as number), times(k[i] as Position, dilations[i] as number)), -(padding[i]?.[0] as number)),
  );
}

/** The window whose tap `k` is at `p`, and the bounds within which there is one. */
function windowOver(p: readonly Position[], k: readonly Position[], windows: readonly number[], { strides, padding, dilations }: Windows): { o: Position[]; bounds: Bound[] } {
  const bounds: Bound[] = [];
  const o = p.map((position, i) => {
    const stride = strides[i] as number;
    const scaled = plus(plus(position, times(k[i] as Position, -(dilations[i] as number))), padding[i]?.[0] as number);
    const rest = remainder(scaled, stride);
    if (rangeOf(rest)[1] > 0) bounds.push({ position: rest, low: 0, high: 1 });
    const window = quotient(scaled, stride);
    const [least, greatest] = rangeOf(window);
    if (least < 0 || greatest >= (windows[i] as number)) bounds.push({ position: window, low: 0, high: windows[i] as number });
    return window;
  });
  return { o, bounds };
}

/** Where windows do not overlap: the only window that may have a tap at `p`, and which tap that is; null where they overlap. */
function onlyWindowOver(
  p: readonly Position[], window: readonly number[], windows: readonly number[], { strides, padding, dilations }: Windows,
): { o: Position[]; taps: Position[]; bounds: Bound[] } | null {
  if (!window.every((extent, i) => extent <= (strides[i] as number) && (extent === 1 || dilations[i] === 1))) return null;
  const shifted = p.map((position, i) => plus(position, padding[i]?.[0] as number));
  const o = shifted.map((position, i) => quotient(position, strides[i] as number));
  const taps = shifted.map((position, i) => remainder(position, strides[i] as number));
  return { o, taps, bounds: [...boundsOf(taps, window), ...boundsOf(o, windows)] };
}

const spatial = <T>(list: readonly T[]): T[] => list.slice(1, -1);

/** One element of each output of an op. The stage is null where it needs no loop. */
interface Element {
  readonly stage: Stage | null;
  readonly results: Expression[];
}

/** So many taps are written out one after the other: what is constant in each of them, tests above all, is then known or the same for all channels. */
const WRITTEN_OUT = 25;

/** All taps of a small window, each as positions, in order; null where a loop is better. */
function writtenOut(window: readonly number[]): Position[][] | null {
  if (window.reduce((size, extent) => size * extent, 1) > WRITTEN_OUT) return null;
  return window.reduce<Position[][]>((taps, extent) => taps.flatMap((tap) => Array.from({ length: extent }, (_, i) => [...tap, at(i)])), [[]]);
}

/** The sum of what each tap of a window contributes; `finish` makes the result of it. */
function sumOver(window: readonly number[], contribution: (tap: Position[]) => Expression, finish: (sum: Expression) => Expression = (sum) => sum): Element {
  const taps = writtenOut(window);
  if (taps) return { stage: null, results: [finish(taps.map(contribution).reduce((sum, next) => apply('add', sum, next)))] };
  const loop = window.map(makeAxis);
  const sum = makeAccumulator('float32', float(0), contribution(loop.map(along)), 'add');
  return { stage: makeStage({ loop, accumulators: [sum] }), results: [finish(accumulated(sum))] };
}

/** The greatest element of a window, and at which tap it is: the first of equals. */
function greatestOf(window: readonly number[], element: (tap: Position[]) => Expression): Element {
  const indexAt = (tap: Position[]): Expression => indexOf(flatten(tap, window));
  const taps = writtenOut(window);
  if (taps) {
    let [best, where]: Expression[] = [float(-Infinity), int(0)];
    for (const tap of taps) {
      const next = element(tap);
      const isBetter = apply('less', best as Expression, next);
      [best, where] = [select(isBetter, next, best as Expression), select(isBetter, indexAt(tap), where as Expression)];
    }
    return { stage: null, results: [best as Expression, where as Expression] };
  }
  const loop = window.map(makeAxis);
  const tap = loop.map(along);
  const next = element(tap);
  const best = makeAccumulator('float32', float(-Infinity), next);
  const where = makeAccumulator('int32', int(0), int(0));
  const isBetter = apply('less', accumulated(best), next);
  best.next = select(isBetter, next, accumulated(best));
  where.next = select(isBetter, indexAt(tap), accumulated(where));
  return { stage: makeStage({ loop, accumulators: [best, where] }), results: [accumulated(best), accumulated(where)] };
}

/** One element of each output of a pooling op: [values, positions] for maxPool, else one. */
export function poolStage(node: Node, positions: readonly Position[], inline: Inliner): Element {
  const attrs = node.attrs as AttrsOf<'avgPoolGrad'>;
  const { window } = attrs;
  const [x, second] = node.inputs as readonly [Value, Value | undefined];
  const [batch, channel] = [positions[0] as Position, positions[positions.length - 1] as Position];
  const place = spatial(positions);
  const windows = spatial(x.type.shape);
  const full = (from: readonly Position[]): Position[] => [batch, ...from, channel];
  const elementAt = (tap: Position[], outside: number): Expression => {
    const from = tapOf(place, tap, attrs);
    return within(full(from), x.type.shape, inline(x, full(from)), float(outside));
  };
  /** What flows back to the place from the windows over it; `share` is what one of them gives to one of its taps. */
  const gather = (share: (o: Position[], tap: Position[]) => Expression): Element => {
    const only = onlyWindowOver(place, window, windows, attrs);
    if (only) return { stage: null, results: [guard(only.bounds, share(only.o, only.taps), float(0))] };
    return sumOver(window, (tap) => {
      const { o, bounds } = windowOver(place, tap, windows, attrs);
      return guard(bounds, share(o, tap), float(0));
    });
  };
  switch (node.op) {
    case 'maxPool':
      return greatestOf(window, (tap) => elementAt(tap, -Infinity));
    case 'maxPoolGrad':
      return gather((o, tap) => {
        const isChosen = apply('equal', inline(second as Value, full(o)), indexOf(flatten(tap, window)));
        return select(isChosen, inline(x, full(o)), float(0));
      });
    case 'avgPool':
      return sumOver(window, (tap) => elementAt(tap, 0), (sum) => apply('divide', sum, windowCount(place, windows, attrs)));
    case 'avgPoolGrad':
      return gather((o) => apply('divide', inline(x, full(o)), windowCount(o, attrs.inputShape, attrs)));
    default:
      throw internalError(`${node.op} is not a pooling op`);
  }
}

/** How many elements window `o` averages over. Along an axis: all taps, less those before 0 and those at or after the extent. */
function windowCount(o: readonly Position[], input: readonly number[], attrs: AttrsOf<'avgPool'>): Expression {
  let count: Expression = float(1);
  o.forEach((position, i) => {
    const [taps, stride, dilation, extent] = [attrs.window[i], attrs.strides[i], attrs.dilations[i], input[i]] as [number, number, number, number];
    const start = plus(times(position, stride), -(attrs.padding[i]?.[0] as number));
    const [least, greatest] = rangeOf(start);
    let along: Expression = float(taps);
    if (!attrs.countPadding && (least < 0 || greatest + (taps - 1) * dilation >= extent)) {
      // taps before 0: ⌈−start / d⌉; taps below the extent: ⌈(extent − start) / d⌉
      const before = quotient(plus(times(start, -1), dilation - 1), dilation);
      const below = quotient(plus(times(start, -1), extent + dilation - 1), dilation);
      const inside = apply('sub', apply('min', indexOf(below), int(taps)), apply('max', indexOf(before), int(0)));
      along = { kind: 'apply', type: 'float32', operation: 'convert', operands: [inside] };
    }
    count = count.kind === 'literal' && count.value === 1 ? along : apply('mul', count, along);
  });
  return count;
}

/** One element of a convolution or of its gradients as a sum over a window: for depthwise and other thin groups. */
export function convStage(node: Node, positions: readonly Position[], inline: Inliner): Element {
  const attrs = node.attrs as AttrsOf<'conv'>;
  const [first, second] = node.inputs as readonly [Value, Value];
  const output = (node.outputs[0] as Value).type.shape;
  const place = spatial(positions);
  const [head, channel] = [positions[0] as Position, positions[positions.length - 1] as Position];
  const { groups } = attrs;
  const product = (bounds: readonly Bound[], a: Expression, b: Expression): Expression => guard(bounds, apply('mul', a, b), float(0));
  const image = spatial(first.type.shape);
  if (node.op === 'conv') {
    const perGroup = second.type.shape[second.type.shape.length - 2] as number;
    const outputsPerGroup = (output[output.length - 1] as number) / groups;
    return sumOver(second.type.shape.slice(0, -1), (turn) => {
      const [tap, inner] = [turn.slice(0, -1), turn[turn.length - 1] as Position];
      const from = tapOf(place, tap, attrs);
      const channelIn = plus(times(quotient(channel, outputsPerGroup), perGroup), inner);
      return product(boundsOf(from, image), inline(first, [head, ...from, channelIn]), inline(second, [...tap, inner, channel]));
    });
  }
  if (node.op === 'convInputGrad') {
    const rank = second.type.shape.length;
    const [perGroup, channelsOut] = second.type.shape.slice(rank - 2) as [number, number];
    const outputsPerGroup = channelsOut / groups;
    return sumOver([...second.type.shape.slice(0, -2), outputsPerGroup], (turn) => {
      const [tap, inner] = [turn.slice(0, -1), turn[turn.length - 1] as Position];
      const { o, bounds } = windowOver(place, tap, image, attrs);
      const channelOut = plus(times(quotient(channel, perGroup), outputsPerGroup), inner);
      return product(bounds, inline(first, [head, ...o, channelOut]), inline(second, [...tap, remainder(channel, perGroup), channelOut]));
    });
  }
  const perGroup = output[output.length - 2] as number;
  const outputsPerGroup = (output[output.length - 1] as number) / groups;
  const tap = positions.slice(0, -2);
  const channelIn = plus(times(quotient(channel, outputsPerGroup), perGroup), positions[positions.length - 2] as Position);
  return sumOver(second.type.shape.slice(0, -1), ([batch, ...o]) => {
    const from = tapOf(o, tap, attrs);
    return product(boundsOf(from, image), inline(first, [batch as Position, ...from, channelIn]), inline(second, [batch as Position, ...o, channel]));
  });
}

function boundsOf(positions: readonly Position[], shape: readonly number[]): Bound[] {
  return positions.flatMap((position, i) => {
    const [least, greatest] = rangeOf(position);
    const high = shape[i] as number;
    return least < 0 || greatest >= high ? [{ position, low: 0, high }] : [];
  });
}
