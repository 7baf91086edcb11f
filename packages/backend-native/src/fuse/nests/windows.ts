/**
 * Pooling, and convolution with few channels a group, as loop nests over windows. Forward, a window reads the input at o·stride − low + k·dilation.
 * Backward, an input element p gathers from the windows that cover it: those o with o·stride = p + low − k·dilation, where that is whole
 * and in range. Gathering needs no atomics and no order.
 */
import { internalError, type AttrsOf, type Node, type Value } from '@weftjs/graph';
import { accumulated, apply, float, guard, indexOf, int, select, type Bound, type Expression } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Accumulator, type Stage } from '../../kernel/nest.ts';
import { along, flatten, makeAxis, plus, quotient, rangeOf, remainder, times, type Axis, type Position } from '../../kernel/position.ts';
import { within, type Inliner } from '../inline.ts';

interface Windows {
  readonly strides: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
  readonly dilations: readonly number[];
}

/** Where window `o` has its tap `k`, along each spatial axis; may be outside. */
function tapOf(o: readonly Position[], k: readonly Axis[], { strides, padding, dilations }: Windows): Position[] {
  return o.map((position, i) =>
    plus(plus(times(position, strides[i] as number), times(along(k[i] as Axis), dilations[i] as number)), -(padding[i]?.[0] as number)),
  );
}

/** The window whose tap `k` is at `p`, and the bounds within which there is one. */
function windowOver(p: readonly Position[], k: readonly Axis[], windows: readonly number[], { strides, padding, dilations }: Windows): { o: Position[]; bounds: Bound[] } {
  const bounds: Bound[] = [];
  const o = p.map((position, i) => {
    const stride = strides[i] as number;
    const scaled = plus(plus(position, times(along(k[i] as Axis), -(dilations[i] as number))), padding[i]?.[0] as number);
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

/** One element of each output of a pooling op: [values, positions] for maxPool, else one. The stage is null where no loop is needed. */
export function poolStage(node: Node, positions: readonly Position[], inline: Inliner): { stage: Stage | null; results: Expression[] } {
  const attrs = node.attrs as AttrsOf<'avgPoolGrad'>;
  const loop = attrs.window.map(makeAxis);
  const [x, second] = node.inputs as readonly [Value, Value | undefined];
  const [batch, channel] = [positions[0] as Position, positions[positions.length - 1] as Position];
  const place = spatial(positions);
  const full = (from: readonly Position[]): Position[] => [batch, ...from, channel];
  const tapIndex = flatten(loop.map(along), attrs.window);
  const finish = (accumulators: Accumulator[], results: Expression[]): { stage: Stage; results: Expression[] } => ({
    stage: makeStage({ loop, accumulators }),
    results,
  });
  switch (node.op) {
    case 'maxPool': {
      const from = tapOf(place, loop, attrs);
      const element = within(full(from), x.type.shape, inline(x, full(from)), float(-Infinity));
      const best = makeAccumulator('float32', float(-Infinity), element);
      const where = makeAccumulator('int32', int(0), int(0));
      const better = apply('less', accumulated(best), element);
      best.next = select(better, element, accumulated(best));
      where.next = select(better, indexOf(tapIndex), accumulated(where));
      return finish([best, where], [accumulated(best), accumulated(where)]);
    }
    case 'maxPoolGrad': {
      const only = onlyWindowOver(place, attrs.window, spatial(x.type.shape), attrs);
      if (only) {
        const isChosen = apply('equal', inline(second as Value, full(only.o)), indexOf(flatten(only.taps, attrs.window)));
        return { stage: null, results: [guard(only.bounds, select(isChosen, inline(x, full(only.o)), float(0)), float(0))] };
      }
      const { o, bounds } = windowOver(place, loop, spatial(x.type.shape), attrs);
      const chosen = apply('equal', inline(second as Value, full(o)), indexOf(tapIndex));
      const sum = makeAccumulator('float32', float(0), guard(bounds, select(chosen, inline(x, full(o)), float(0)), float(0)), 'add');
      return finish([sum], [accumulated(sum)]);
    }
    case 'avgPool': {
      const from = tapOf(place, loop, attrs);
      const sum = makeAccumulator('float32', float(0), within(full(from), x.type.shape, inline(x, full(from)), float(0)), 'add');
      return finish([sum], [apply('divide', accumulated(sum), windowCount(place, spatial(x.type.shape), attrs))]);
    }
    case 'avgPoolGrad': {
      const only = onlyWindowOver(place, attrs.window, spatial(x.type.shape), attrs);
      if (only) {
        const part = apply('divide', inline(x, full(only.o)), windowCount(only.o, attrs.inputShape, attrs));
        return { stage: null, results: [guard(only.bounds, part, float(0))] };
      }
      const { o, bounds } = windowOver(place, loop, spatial(x.type.shape), attrs);
      const share = apply('divide', inline(x, full(o)), windowCount(o, attrs.inputShape, attrs));
      const sum = makeAccumulator('float32', float(0), guard(bounds, share, float(0)), 'add');
      return finish([sum], [accumulated(sum)]);
    }
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
export function convStage(node: Node, positions: readonly Position[], inline: Inliner): { stage: Stage; results: Expression[] } {
  const attrs = node.attrs as AttrsOf<'conv'>;
  const [first, second] = node.inputs as readonly [Value, Value];
  const output = (node.outputs[0] as Value).type.shape;
  const sumOver = (loop: Axis[], bounds: readonly Bound[], a: Expression, b: Expression): { stage: Stage; results: Expression[] } => {
    const sum = makeAccumulator('float32', float(0), guard(bounds, apply('mul', a, b), float(0)), 'add');
    return { stage: makeStage({ loop, accumulators: [sum] }), results: [accumulated(sum)] };
  };
  const place = spatial(positions);
  const [head, channel] = [positions[0] as Position, positions[positions.length - 1] as Position];
  const groups = attrs.groups;
  if (node.op === 'conv') {
    const perGroup = second.type.shape[second.type.shape.length - 2] as number;
    const outputsPerGroup = (output[output.length - 1] as number) / groups;
    const taps = second.type.shape.slice(0, -2).map(makeAxis);
    const inner = makeAxis(perGroup);
    const from = tapOf(place, taps, attrs);
    const channelIn = plus(times(quotient(channel, outputsPerGroup), perGroup), along(inner));
    const bounds = boundsOf(from, spatial(first.type.shape));
    const a = inline(first, [head, ...from, channelIn]);
    return sumOver([...taps, inner], bounds, a, inline(second, [...taps.map(along), along(inner), channel]));
  }
  if (node.op === 'convInputGrad') {
    const rank = second.type.shape.length;
    const [perGroup, channelsOut] = second.type.shape.slice(rank - 2) as [number, number];
    const taps = second.type.shape.slice(0, -2).map(makeAxis);
    const inner = makeAxis(channelsOut / groups);
    const { o, bounds } = windowOver(place, taps, spatial(first.type.shape), attrs);
    const channelOut = plus(times(quotient(channel, perGroup), inner.extent), along(inner));
    const a = inline(first, [head, ...o, channelOut]);
    return sumOver([...taps, inner], bounds, a, inline(second, [...taps.map(along), remainder(channel, perGroup), channelOut]));
  }
  const perGroup = output[output.length - 2] as number;
  const outputsPerGroup = (output[output.length - 1] as number) / groups;
  const windows = second.type.shape.slice(0, -1).map(makeAxis);
  const taps = positions.slice(0, -2);
  const o = windows.slice(1).map(along);
  const from = o.map((position, i) =>
    plus(plus(times(position, attrs.strides[i] as number), times(taps[i] as Position, attrs.dilations[i] as number)), -(attrs.padding[i]?.[0] as number)),
  );
  const channelIn = plus(times(quotient(channel, outputsPerGroup), perGroup), positions[positions.length - 2] as Position);
  const batch = along(windows[0] as Axis);
  const a = inline(first, [batch, ...from, channelIn]);
  return sumOver(windows, boundsOf(from, spatial(first.type.shape)), a, inline(second, [batch, ...o, channel]));
}

function boundsOf(positions: readonly Position[], shape: readonly number[]): Bound[] {
  return positions.flatMap((position, i) => {
    const [least, greatest] = rangeOf(position);
    const high = shape[i] as number;
    return least < 0 || greatest >= high ? [{ position, low: 0, high }] : [];
  });
}
