/**
 * Convolution over one to three axes from convolution over two: one axis gets a second of extent 1; three are a sum over the depth of the
 * kernel, with depth positions as part of the batch.
 */
import { type ConvAttrs, type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { planeConv, planeInputGrad, planeKernelGrad, type Plane, type PlaneOp } from './planes.ts';
import { concatMove, padMove, sliceMove } from './view.ts';

type Pair = readonly [number, number];
export type Form = 'forward' | 'inputGrad' | 'kernelGrad';

/** Shapes of the three tensors of a convolution. */
export interface Shapes {
  readonly x: Shape;
  readonly kernel: Shape;
  readonly y: Shape;
}

/** The operands of each form, and its result. */
export const ROLES = {
  forward: { a: 'x', b: 'kernel', out: 'y' },
  inputGrad: { a: 'y', b: 'kernel', out: 'x' },
  kernelGrad: { a: 'x', b: 'y', out: 'kernel' },
} as const;

/** The padding of a spatial axis; none of others. */
export const pairAt = (attrs: ConvAttrs, axis: number): Pair => attrs.padding[axis] ?? [0, 0];

/** All positions of a window, row-major. */
export function positionsOf(window: Shape): number[][] {
  return window.reduce<number[][]>(
    (positions, extent) => positions.flatMap((at) => Array.from({ length: extent }, (_, k) => [...at, k])),
    [[]],
  );
}

/** One group, or depthwise (kernel [...k, C, m]), over any number of axes. */
export function spatial(engine: Engine, form: Form, attrs: ConvAttrs, shapes: Shapes, isDepthwise: boolean): PlaneOp {
  const rank = attrs.strides.length;
  if (rank === 3) return overDepth(engine, form, attrs, shapes, isDepthwise);
  const plane: Plane =
    rank === 2
      ? {
          strides: pair(attrs.strides),
          dilations: pair(attrs.dilations),
          padding: [pairAt(attrs, 0), pairAt(attrs, 1)],
        }
      : {
          strides: [1, attrs.strides[0] as number],
          dilations: [1, attrs.dilations[0] as number],
          padding: [[0, 0], pairAt(attrs, 0)],
        };
  const raise = (shape: Shape, at: number): Shape =>
    rank === 2 ? shape : [...shape.slice(0, at), 1, ...shape.slice(at)];
  const flat = { x: raise(shapes.x, 1), kernel: raise(shapes.kernel, 0), y: raise(shapes.y, 1) };
  const roles = ROLES[form];
  const op =
    form === 'forward'
      ? planeConv(engine, plane, isDepthwise)
      : form === 'inputGrad'
        ? planeInputGrad(engine, plane, flat.x, flat.kernel, flat.y, isDepthwise)
        : planeKernelGrad(engine, plane, flat.x, flat.kernel, flat.y);
  return (a, b) =>
    engine.reshape(op(engine.reshape(a, flat[roles.a]), engine.reshape(b, flat[roles.b])), shapes[roles.out]);
}

const pair = (values: readonly number[]): Pair => [values[0] as number, values[1] as number];

/** Three axes: for each depth position of the kernel, a convolution of the slices of x that it meets, which join the batch. */
function overDepth(engine: Engine, form: Form, attrs: ConvAttrs, shapes: Shapes, isDepthwise: boolean): PlaneOp {
  const [low, high] = pairAt(attrs, 0);
  const [stride, dilation] = [attrs.strides[0] as number, attrs.dilations[0] as number];
  const [depth, out] = [shapes.x[1] as number, shapes.y[1] as number];
  const taps = shapes.kernel[0] as number;
  const batch = (shape: Shape): number[] => [(shape[0] as number) * (shape[1] as number), ...shape.slice(2)];
  const framed = shapes.x.map((extent, axis) => (axis === 1 ? extent + low + high : extent));
  const met = shapes.x.map((extent, axis) => (axis === 1 ? out : extent));
  const flat: Shapes = { x: batch(met), kernel: shapes.kernel.slice(1), y: batch(shapes.y) };
  const inner = spatial(
    engine,
    form,
    { ...attrs, strides: attrs.strides.slice(1), dilations: attrs.dilations.slice(1), padding: attrs.padding.slice(1) },
    flat,
    isDepthwise,
  );
  const surround =
    low + high === 0
      ? null
      : padMove(
          engine,
          shapes.x,
          shapes.x.map((_, axis) => (axis === 1 ? ([low, high] as const) : ([0, 0] as const))),
          0,
        );
  const zeros = shapes.x.map(() => 0);
  const ones = shapes.x.map(() => 1);
  const positions = Array.from({ length: taps }, (_, k) => k);
  const meet = positions.map((k) =>
    sliceMove(
      engine,
      framed,
      zeros.map((_, axis) => (axis === 1 ? k * dilation : 0)),
      met,
      ones.map((_, axis) => (axis === 1 ? stride : 1)),
    ),
  );
  const layer = positions.map((k) =>
    sliceMove(
      engine,
      shapes.kernel,
      shapes.kernel.map((_, axis) => (axis === 0 ? k : 0)),
      [1, ...flat.kernel],
      shapes.kernel.map(() => 1),
    ),
  );
  const sum = (parts: readonly Tensor[]): Tensor =>
    parts.reduce((total, part) => engine.run('Add', { a: total, b: part }));

  if (form === 'forward') {
    return (x, kernel) => {
      const source = surround ? surround(x) : x;
      return engine.reshape(
        sum(
          positions.map((k) =>
            inner(
              engine.reshape((meet[k] as Take)(source), flat.x),
              engine.reshape((layer[k] as Take)(kernel), flat.kernel),
            ),
          ),
        ),
        shapes.y,
      );
    };
  }
  if (form === 'kernelGrad') {
    const join = concatMove(
      engine,
      positions.map(() => [1, ...flat.kernel]),
      0,
    );
    return (x, dy) => {
      const source = surround ? surround(x) : x;
      const grad = engine.reshape(dy, flat.y);
      return join(
        positions.map((k) =>
          engine.reshape(inner(engine.reshape((meet[k] as Take)(source), flat.x), grad), [1, ...flat.kernel]),
        ),
      );
    };
  }
  // each part goes back to the slices it met: zeros between, before and after, then the frame is cut off
  const spread = (out - 1) * stride + 1;
  const place = positions.map((k) => {
    const front = k * dilation;
    const padding = met.map((_, axis) =>
      axis === 1 ? ([front, (framed[1] as number) - front - spread] as const) : ([0, 0] as const),
    );
    return padMove(
      engine,
      met,
      padding,
      0,
      met.map((_, axis) => (axis === 1 ? stride - 1 : 0)),
    );
  });
  const unframe = sliceMove(
    engine,
    framed,
    zeros.map((_, axis) => (axis === 1 ? low : 0)),
    framed.map((extent, axis) => (axis === 1 ? depth : extent)),
    ones,
  );
  return (dy, kernel) => {
    const grad = engine.reshape(dy, flat.y);
    const parts = positions.map((k) =>
      (place[k] as Take)(engine.reshape(inner(grad, engine.reshape((layer[k] as Take)(kernel), flat.kernel)), met)),
    );
    return low + high === 0 ? sum(parts) : unframe(sum(parts));
  };
}

type Take = (x: Tensor) => Tensor;
