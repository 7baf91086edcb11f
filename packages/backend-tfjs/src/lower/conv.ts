/** Convolution and its gradients: groups are split, and groups of one channel are depthwise. */
import { sizeOf, type ConvAttrs, type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { typeAt, type Lowering } from './lowering.ts';
import type { PlaneOp } from './planes.ts';
import { pairAt, positionsOf, ROLES, spatial, type Form, type Shapes } from './spatial.ts';
import { concatMove, padMove, sliceMove } from './view.ts';

const lastOf = (shape: Shape): number => shape[shape.length - 1] as number;
const withLast = (shape: Shape, last: number): number[] => [...shape.slice(0, -1), last];

export const conv: Lowering<'conv'> = ({ engine, inputs, outputs, attrs }) => {
  const shapes = { x: typeAt(inputs, 0).shape, kernel: typeAt(inputs, 1).shape, y: typeAt(outputs, 0).shape };
  return kernelOf(convolution(engine, 'forward', attrs, shapes));
};

export const convInputGrad: Lowering<'convInputGrad'> = ({ engine, inputs, outputs, attrs }) => {
  const shapes = { y: typeAt(inputs, 0).shape, kernel: typeAt(inputs, 1).shape, x: typeAt(outputs, 0).shape };
  return kernelOf(convolution(engine, 'inputGrad', attrs, shapes));
};

export const convKernelGrad: Lowering<'convKernelGrad'> = ({ engine, inputs, outputs, attrs }) => {
  const shapes = { x: typeAt(inputs, 0).shape, y: typeAt(inputs, 1).shape, kernel: typeAt(outputs, 0).shape };
  return kernelOf(convolution(engine, 'kernelGrad', attrs, shapes));
};

const kernelOf =
  (op: PlaneOp) =>
  ([a, b]: readonly Tensor[]): readonly Tensor[] => [op(a as Tensor, b as Tensor)];

function convolution(engine: Engine, form: Form, attrs: ConvAttrs, shapes: Shapes): PlaneOp {
  const { groups } = attrs;
  if (groups === 1) return spatial(engine, form, attrs, shapes, false);
  if (groups === lastOf(shapes.x)) return depthwise(engine, form, attrs, shapes);
  // one convolution a group, over slices of the channels
  const part: Shapes = {
    x: withLast(shapes.x, lastOf(shapes.x) / groups),
    kernel: withLast(shapes.kernel, lastOf(shapes.kernel) / groups),
    y: withLast(shapes.y, lastOf(shapes.y) / groups),
  };
  const roles = ROLES[form];
  const single = spatial(engine, form, attrs, part, false);
  const channels = (shape: Shape, of: Shape, group: number): ((x: Tensor) => Tensor) =>
    sliceMove(
      engine,
      shape,
      withLast(
        shape.map(() => 0),
        group * lastOf(of),
      ),
      of,
      shape.map(() => 1),
    );
  const turns = Array.from({ length: groups }, (_, group) => ({
    a: channels(shapes[roles.a], part[roles.a], group),
    b: channels(shapes[roles.b], part[roles.b], group),
  }));
  const join = concatMove(
    engine,
    turns.map(() => part[roles.out]),
    part[roles.out].length - 1,
  );
  return (a, b) => join(turns.map((turn) => single(turn.a(a), turn.b(b))));
}

/** One input channel a group: kernel [...k, 1, C·m] is [...k, C, m] of tfjs. */
function depthwise(engine: Engine, form: Form, attrs: ConvAttrs, shapes: Shapes): PlaneOp {
  const channels = lastOf(shapes.x);
  const multiplier = lastOf(shapes.y) / channels;
  const space = shapes.kernel.slice(0, -2);
  if (form === 'forward') {
    const forward = spatial(engine, form, attrs, { ...shapes, kernel: [...space, channels, multiplier] }, true);
    return (x, kernel) => forward(x, engine.reshape(kernel, [...space, channels, multiplier]));
  }
  const wide = withLast(shapes.x, channels * multiplier);
  if (form === 'inputGrad') {
    // each of the C·m channels on its own, then sums over m
    const grad = spatial(
      engine,
      form,
      attrs,
      { x: wide, y: shapes.y, kernel: [...space, channels * multiplier, 1] },
      true,
    );
    return (dy, kernel) => {
      const parts = grad(dy, engine.reshape(kernel, [...space, channels * multiplier, 1]));
      if (multiplier === 1) return parts;
      const rows = engine.reshape(parts, [sizeOf(shapes.x), multiplier]);
      return engine.reshape(engine.run('Sum', { x: rows }, { axis: [1], keepDims: false }), shapes.x);
    };
  }
  return depthwiseKernelGrad(engine, attrs, shapes, channels, multiplier);
}

/** For each kernel position the sum over all windows of x · dy. */
function depthwiseKernelGrad(
  engine: Engine,
  attrs: ConvAttrs,
  { x, kernel, y }: Shapes,
  channels: number,
  multiplier: number,
): PlaneOp {
  const space = kernel.slice(0, -2);
  const padded = x.map((extent, axis) => extent + pairAt(attrs, axis - 1)[0] + pairAt(attrs, axis - 1)[1]);
  const surround = padMove(
    engine,
    x,
    x.map((_, axis) => pairAt(attrs, axis - 1)),
    0,
  );
  const windows = sizeOf(y.slice(0, -1));
  const taps = positionsOf(space).map((position) => {
    const starts = [0, ...position.map((k, i) => k * (attrs.dilations[i] as number)), 0];
    return sliceMove(engine, padded, starts, withLast(y, channels), [1, ...attrs.strides, 1]);
  });
  const join = concatMove(
    engine,
    taps.map(() => [1, channels * multiplier]),
    0,
  );
  return (source, dy) => {
    const framed = surround(source);
    const grad = engine.reshape(dy, [windows, channels, multiplier]);
    const sums = taps.map((tap) => {
      const column = engine.reshape(tap(framed), [windows, channels, 1]);
      const products = engine.reshape(engine.run('Multiply', { a: column, b: grad }), [windows, channels * multiplier]);
      const sum = engine.run('Sum', { x: products }, { axis: [0], keepDims: false });
      engine.release(products);
      return engine.reshape(sum, [1, channels * multiplier]);
    });
    return engine.reshape(join(sums), kernel);
  };
}
