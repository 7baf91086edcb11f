/**
 * Pooling, and convolution with few channels a group, as loop nests over windows. Forward, a window reads the input at o·stride − low + k·dilation.
 * Backward, an input element p gathers from the windows that cover it: those o with o·stride = p + low − k·dilation, where that is whole
 * and in range. Gathering needs no atomics and no order.
 */
import { sizeOf, type AttrsOf, type Node, type Value } from '@weftjs/graph';
import { accumulated, apply, convert, float, guard, indexOf, int, select, type Bound, type Expression } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Stage } from '../../kernel/nest.ts';
import { along, at, flatten, makeAxis, plus, quotient, rangeOf, remainder, times, type Position } from '../../kernel/position.ts';
import { boundsOf, within } from '../inline.ts';
import { extremeOf, type MakeElements } from './reduce.ts';

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

/** A window, which of its taps, and the bounds within which there are such. */
interface Tapped {
  readonly o: readonly Position[];
  readonly tap: readonly Position[];
  readonly bounds: readonly Bound[];
}

/** The window whose tap is at `p`. */
function windowOver(p: readonly Position[], tap: readonly Position[], windows: readonly number[], { strides, padding, dilations }: Windows): Tapped {
  const bounds: Bound[] = [];
  const o = p.map((position, i) => {
    const stride = strides[i] as number;
    const scaled = plus(plus(position, times(tap[i] as Position, -(dilations[i] as number))), padding[i]?.[0] as number);
    const window = quotient(scaled, stride);
    bounds.push(...boundsOf([remainder(scaled, stride), window], [1, windows[i] as number]));
    return window;
  });
  return { o, tap, bounds };
}

/** Where windows do not overlap: the only window that may have a tap at `p`; null where they overlap. */
function onlyWindowOver(p: readonly Position[], window: readonly number[], windows: readonly number[], { strides, padding, dilations }: Windows): Tapped | null {
  if (!window.every((extent, i) => extent <= (strides[i] as number) && (extent === 1 || dilations[i] === 1))) return null;
  const shifted = p.map((position, i) => plus(position, padding[i]?.[0] as number));
  const [o, tap] = [quotient, remainder].map((part) => shifted.map((position, i) => part(position, strides[i] as number))) as [Position[], Position[]];
  return { o, tap, bounds: boundsOf([...tap, ...o], [...window, ...windows]) };
}

const spatial = <T>(list: readonly T[]): T[] => list.slice(1, -1);

/** So many taps are written out one after the other: what is constant in each of them, tests above all, is then known or the same for all channels. */
const WRITTEN_OUT = 25;

/** All taps of a small window, each as positions, in order; null where a loop is better. */
function writtenOut(window: readonly number[]): Position[][] | null {
  if (sizeOf(window) > WRITTEN_OUT) return null;
  return window.reduce<Position[][]>((taps, extent) => taps.flatMap((tap) => Array.from({ length: extent }, (_, i) => [...tap, at(i)])), [[]]);
}

/** The sum of what each tap of a window contributes. */
function sumOver(window: readonly number[], stages: Stage[], contribution: (tap: Position[]) => Expression): Expression {
  const taps = writtenOut(window);
  if (taps) return taps.map(contribution).reduce((sum, next) => apply('add', sum, next));
  const loop = window.map(makeAxis);
  const sum = makeAccumulator('float32', float(0), contribution(loop.map(along)), 'add');
  stages.push(makeStage({ loop, accumulators: [sum] }));
  return accumulated(sum);
}

/** The greatest element of a window, and at which tap it is: the first of equals. */
function greatestOf(window: readonly number[], stages: Stage[], element: (tap: Position[]) => Expression): Expression[] {
  const indexAt = (tap: Position[]): Expression => indexOf(flatten(tap, window));
  const taps = writtenOut(window);
  if (!taps) {
    const loop = window.map(makeAxis);
    const tap = loop.map(along);
    return extremeOf(loop, element(tap), indexAt(tap), true, stages);
  }
  let [best, where] = [float(-Infinity), int(0)];
  for (const tap of taps) {
    const next = element(tap);
    const isBetter = apply('less', best, next);
    [best, where] = [select(isBetter, next, best), select(isBetter, indexAt(tap), where)];
  }
  return [best, where];
}

/** One element of each output of a pooling op: [values, positions] for maxPool, else one. */
export const poolElements: MakeElements = (node, positions, inline, stages) => {
  const attrs = node.attrs as AttrsOf<'avgPoolGrad'>;
  const { window } = attrs;
  const [x, second] = node.inputs as readonly [Value, Value | undefined];
  const [batch, channel] = [positions[0] as Position, positions.at(-1) as Position];
  const place = spatial(positions);
  const windows = spatial(x.type.shape);
  const full = (from: readonly Position[]): Position[] => [batch, ...from, channel];
  const elementAt = (tap: Position[], outside: number): Expression => {
    const from = tapOf(place, tap, attrs);
    return within(full(from), x.type.shape, inline(x, full(from)), float(outside));
  };
  /** What flows back to the place from the windows over it; `share` is what one of them gives to one of its taps. */
  const gather = (share: (window: Tapped) => Expression): Expression[] => {
    const flow = (from: Tapped): Expression => guard(from.bounds, share(from), float(0));
    const only = onlyWindowOver(place, window, windows, attrs);
    return [only ? flow(only) : sumOver(window, stages, (tap) => flow(windowOver(place, tap, windows, attrs)))];
  };
  switch (node.op) {
    case 'maxPool':
      return greatestOf(window, stages, (tap) => elementAt(tap, -Infinity));
    case 'maxPoolGrad':
      return gather(({ o, tap }) => {
        const isChosen = apply('equal', inline(second as Value, full(o)), indexOf(flatten(tap, window)));
        return select(isChosen, inline(x, full(o)), float(0));
      });
    case 'avgPool':
      return [apply('divide', sumOver(window, stages, (tap) => elementAt(tap, 0)), windowCount(place, windows, attrs))];
    default:
      return gather(({ o }) => apply('divide', inline(x, full(o)), windowCount(o, attrs.inputShape, attrs)));
  }
};

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
      along = convert(inside, 'float32');
    }
    count = count.kind === 'literal' && count.value === 1 ? along : apply('mul', count, along);
  });
  return count;
}

/** Convolutions with so few channels a group that a matrix product would be mostly edge: loop nests over windows. */
export function isThin(node: Node): boolean {
  const { groups = 1 } = node.attrs as Partial<AttrsOf<'conv'>>;
  return groups > 1 && kernelOf(node).at(-2) === 1;
}

/** The shape of the kernel of any of the three convolutions. */
export const kernelOf = ({ op, inputs, outputs }: Node): readonly number[] => ((op === 'convKernelGrad' ? outputs[0] : inputs[1]) as Value).type.shape;

/** One element of a convolution or of its gradients as a sum over a window: for depthwise and other thin groups. */
export const convElement: MakeElements = (node, positions, inline, stages) => {
  const attrs = node.attrs as AttrsOf<'conv'>;
  const [first, second] = node.inputs as readonly [Value, Value];
  const [outer, channel] = [positions.slice(0, -1), positions.at(-1) as Position];
  const image = spatial(first.type.shape);
  const kernel = kernelOf(node);
  const [perGroup, channelsOut] = kernel.slice(-2) as [number, number];
  const outputsPerGroup = channelsOut / attrs.groups;
  const product = (bounds: readonly Bound[], a: readonly Position[], b: readonly Position[]): Expression =>
    guard(bounds, apply('mul', inline(first, a), inline(second, b)), float(0));
  if (node.op === 'convInputGrad') {
    const [batch, ...place] = outer as [Position, ...Position[]];
    return [sumOver([...kernel.slice(0, -2), outputsPerGroup], stages, (turn) => {
      const { o, tap, bounds } = windowOver(place, turn.slice(0, -1), image, attrs);
      const channelOut = plus(times(quotient(channel, perGroup), outputsPerGroup), turn.at(-1) as Position);
      return product(bounds, [batch, ...o, channelOut], [...tap, remainder(channel, perGroup), channelOut]);
    })];
  }
  // the output counts windows and the sum their taps, or the other way round
  return [sumOver(second.type.shape.slice(0, -1), stages, (turn) => {
    const [[batch, ...o], tap] = (node.op === 'conv' ? [outer, turn] : [turn, outer]) as [[Position, ...Position[]], Position[]];
    const from = tapOf(o, tap, attrs);
    const channelIn = plus(times(quotient(channel, outputsPerGroup), perGroup), tap.at(-1) as Position);
    return product(boundsOf(from, image), [batch, ...from, channelIn], [...turn, channel]);
  })];
};
