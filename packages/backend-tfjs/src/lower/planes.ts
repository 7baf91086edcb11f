/**
 * Convolution over two spatial axes, in the three forms that training needs. tfjs-wasm has the forward form only, and no engine has the
 * gradients with dilations; both gradients are forward convolutions of rearranged operands:
 *
 * - of x: dy with zeros between its elements (one less than the stride), convolved with the kernel turned round;
 * - of the kernel: x convolved with dy as the kernel, batch and channels exchanged, stride and dilation exchanged.
 */
import { type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { padMove, reverseMove, sliceMove, transposeMove } from './view.ts';

type Pair = readonly [number, number];

/** Geometry of windows over two axes. */
export interface Plane {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: readonly [Pair, Pair];
}

export type PlaneOp = (a: Tensor, b: Tensor) => Tensor;

const DENSE: Plane = {
  strides: [1, 1],
  dilations: [1, 1],
  padding: [
    [0, 0],
    [0, 0],
  ],
};
const both = (f: (axis: 0 | 1) => number): [number, number] => [f(0), f(1)];

function explicitPad(padding: readonly [Pair, Pair]): number[][] {
  return [[0, 0], [...padding[0]], [...padding[1]], [0, 0]];
}

/** Forward: x [N, H, W, Ci], kernel [kh, kw, Ci, Co] or, depthwise, [kh, kw, Ci, multiplier]. */
export function planeConv(engine: Engine, { strides, dilations, padding }: Plane, depthwise = false): PlaneOp {
  const kernel = depthwise ? 'DepthwiseConv2dNative' : 'Conv2D';
  const attrs = { dilations: [...dilations], pad: explicitPad(padding), dataFormat: 'NHWC', dimRoundingMode: 'floor' };
  const isBoth = Math.max(...strides) > 1 && Math.max(...dilations) > 1;
  if (!isBoth || engine.name === 'wasm')
    return (x, filter) => engine.run(kernel, { x, filter }, { ...attrs, strides: [...strides] });
  // tfjs refuses strides together with dilations: every window, of which some are kept
  return (x, filter) => {
    const all = engine.run(kernel, { x, filter }, { ...attrs, strides: [1, 1] });
    const kept = all.shape.map((extent, axis) =>
      axis === 1 || axis === 2 ? Math.ceil(extent / (strides[axis - 1] as number)) : extent,
    );
    return sliceMove(engine, all.shape, [0, 0, 0, 0], kept, [1, ...strides, 1])(all);
  };
}

/**
 * Brings x from extent n to `wanted` elements with `low` new ones in front: as padding of the convolution where that can be, by cutting where
 * an end is negative.
 */
function fit(
  engine: Engine,
  shape: Shape,
  low: Pair,
  wanted: Pair,
): { cut: (x: Tensor) => Tensor; padding: [Pair, Pair] } {
  const high = both((axis) => wanted[axis] - low[axis] - (shape[axis + 1] as number));
  const starts = [0, ...both((axis) => Math.max(0, -low[axis])), 0];
  const out = shape.map((extent, i) =>
    i === 1 || i === 2 ? extent - (starts[i] as number) - Math.max(0, -(high[i - 1] as number)) : extent,
  );
  const isCut = out.some((extent, i) => extent !== shape[i]);
  const move = sliceMove(engine, shape, starts, out, [1, 1, 1, 1]);
  const padding = [0, 1].map((axis): Pair => [Math.max(0, low[axis] as number), Math.max(0, high[axis] as number)]) as [
    Pair,
    Pair,
  ];
  return { cut: isCut ? move : (x) => x, padding };
}

/** dx [N, H, W, Ci] from dy and the kernel. */
export function planeInputGrad(
  engine: Engine,
  plane: Plane,
  x: Shape,
  kernel: Shape,
  dy: Shape,
  depthwise = false,
): PlaneOp {
  const { strides, dilations, padding } = plane;
  if (
    !depthwise &&
    engine.name !== 'wasm' &&
    dilations[0] === 1 &&
    dilations[1] === 1 &&
    engine.has('Conv2DBackpropInput')
  ) {
    const attrs = {
      strides: [...strides],
      pad: explicitPad(padding),
      dataFormat: 'NHWC',
      dimRoundingMode: 'floor',
      inputShape: [...x],
    };
    return (grad, filter) => engine.run('Conv2DBackpropInput', { dy: grad, filter }, attrs);
  }
  const between = [0, strides[0] - 1, strides[1] - 1, 0];
  const spread =
    strides[0] > 1 || strides[1] > 1
      ? padMove(
          engine,
          dy,
          dy.map(() => [0, 0] as const),
          0,
          between,
        )
      : null;
  const wide = dy.map((extent, axis) => (extent - 1) * ((between[axis] as number) + 1) + 1);
  const reach = both((axis) => dilations[axis] * ((kernel[axis] as number) - 1) + 1);
  const { cut, padding: pads } = fit(
    engine,
    wide,
    both((axis) => reach[axis] - 1 - padding[axis][0]),
    both((axis) => (x[axis + 1] as number) + reach[axis] - 1),
  );
  const turn = kernel[0] === 1 && kernel[1] === 1 ? null : reverseMove(engine, kernel, [0, 1]);
  const exchange = depthwise ? null : transposeMove(engine, kernel, [0, 1, 3, 2]);
  const convolve = planeConv(engine, { ...DENSE, dilations, padding: pads }, depthwise);
  return (grad, filter) => {
    const turned = turn ? turn(filter) : filter;
    return convolve(cut(spread ? spread(grad) : grad), exchange ? exchange(turned) : turned);
  };
}

/** dkernel [kh, kw, Ci, Co] from x and dy. */
export function planeKernelGrad(engine: Engine, plane: Plane, x: Shape, kernel: Shape, dy: Shape): PlaneOp {
  const { strides, dilations, padding } = plane;
  if (dilations[0] === 1 && dilations[1] === 1 && engine.has('Conv2DBackpropFilter')) {
    const attrs = {
      strides: [...strides],
      pad: explicitPad(padding),
      dataFormat: 'NHWC',
      dimRoundingMode: 'floor',
      filterShape: [...kernel],
    };
    return (source, grad) => engine.run('Conv2DBackpropFilter', { x: source, dy: grad }, attrs);
  }
  const channelsFirst = transposeMove(engine, x, [3, 1, 2, 0]);
  const moved = [x[3], x[1], x[2], x[0]] as number[];
  const { cut, padding: pads } = fit(
    engine,
    moved,
    both((axis) => padding[axis][0]),
    both(
      (axis) => ((dy[axis + 1] as number) - 1) * strides[axis] + 1 + ((kernel[axis] as number) - 1) * dilations[axis],
    ),
  );
  const asKernel = transposeMove(engine, dy, [1, 2, 0, 3]);
  const convolve = planeConv(engine, { strides: dilations, dilations: strides, padding: pads });
  const back = transposeMove(engine, [x[3], kernel[0], kernel[1], dy[3]] as number[], [1, 2, 0, 3]);
  return (source, grad) => back(convolve(cut(channelsFirst(source)), asKernel(grad)));
}
