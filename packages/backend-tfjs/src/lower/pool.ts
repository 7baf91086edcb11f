/**
 * Pooling. A maximum and its position come from one pass over the elements of the window, each a strided slice; a mean is a depthwise
 * convolution with ones, divided by how many elements each window has.
 */
import { sizeOf, stridesOf, type AvgPoolAttrs, type ConvAttrs, type PoolAttrs, type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { positionsOf, spatial, type Form } from './conv.ts';
import { typeAt, type Lowering, type LoweringContext } from './lowering.ts';
import { broadcastMove, padMove, sliceMove } from './view.ts';

type Pair = readonly [number, number];
type Framing = Pick<PoolAttrs, 'padding' | 'window' | 'strides' | 'dilations'>;

/** Padding of all axes of x, batch and channels included. */
const frameOf = (x: Shape, { padding }: Framing): Pair[] => x.map((_, axis) => (axis === 0 ? [0, 0] : (padding[axis - 1] ?? [0, 0])));
const framedShape = (x: Shape, frame: readonly Pair[]): number[] => x.map((extent, axis) => extent + (frame[axis] as Pair)[0] + (frame[axis] as Pair)[1]);

export const maxPool: Lowering<'maxPool'> = (context) => {
  const { engine, inputs, outputs, attrs, isUsed, keep } = context;
  const x = typeAt(inputs, 0).shape;
  const y = typeAt(outputs, 0).shape;
  if (!isUsed(1) && hasPoolKernel(attrs)) return valuesOnly(engine, attrs, x, y);
  const frame = frameOf(x, attrs);
  const framed = framedShape(x, frame);
  const surround = frame.every(([low, high]) => low + high === 0) ? null : padMove(engine, x, frame, -Infinity);
  const size = sizeOf(y);
  const taps = positionsOf(attrs.window).map((position) => {
    const starts = [0, ...position.map((k, i) => k * (attrs.dilations[i] as number)), 0];
    return sliceMove(engine, framed, starts, y, [1, ...attrs.strides, 1]);
  });
  const lowest = keep(() => engine.upload(new Float32Array([-Infinity]), 'float32', []));
  return ([source]) => {
    const from = surround ? surround(source as Tensor) : (source as Tensor);
    let values = engine.fill('float32', [size], -Infinity);
    let positions = engine.fill('int32', [size], 0);
    taps.forEach((tap, i) => {
      const slice = tap(from);
      const candidate = engine.reshape(slice, [size]);
      // padding and NaN never win, and of equals the first does
      const condition = engine.run('Greater', { a: candidate, b: i === 0 ? lowest : values });
      const best = engine.run('Select', { condition, t: candidate, e: values });
      const mark = engine.fill('int32', [size], i);
      const at = engine.run('Select', { condition, t: mark, e: positions });
      for (const done of [values, positions, condition, mark, candidate, slice]) engine.release(done);
      [values, positions] = [best, at];
    });
    return [engine.reshape(values, y), engine.reshape(positions, y)];
  };
};

const hasPoolKernel = ({ window, dilations }: PoolAttrs): boolean => window.length <= 2 && sizeOf(window) > 1 && dilations.every((d) => d === 1);

/** Without positions, the engine's own kernel over two axes. */
function valuesOnly(engine: Engine, attrs: PoolAttrs, x: Shape, y: Shape) {
  const two = <T>(values: readonly T[], one: T): T[] => (values.length === 2 ? [...values] : [one, ...values]);
  const flat = x.length === 4 ? x : [x[0] as number, 1, ...x.slice(1)];
  const pad = [[0, 0], ...two<Pair>(attrs.padding, [0, 0]).map(([low, high]) => [low, high]), [0, 0]];
  const kernelAttrs = { filterSize: two(attrs.window, 1), strides: two(attrs.strides, 1), pad, dimRoundingMode: 'floor' };
  return ([source]: readonly Tensor[]): readonly Tensor[] => {
    const values = engine.reshape(engine.run('MaxPool', { x: engine.reshape(source as Tensor, flat) }, kernelAttrs), y);
    return [values, values];
  };
}

/** Each window adds its dy at one element of the framed x: a scatter into flat x, from which the frame is cut. */
export const maxPoolGrad: Lowering<'maxPoolGrad'> = (context) => {
  const { engine, inputs, outputs, attrs, keep } = context;
  const dy = typeAt(inputs, 0).shape;
  const dx = typeAt(outputs, 0).shape;
  const frame = frameOf(dx, attrs);
  const framed = framedShape(dx, frame);
  const strides = stridesOf(framed);
  const positions = positionsOf(attrs.window);
  const offsets = positions.map((position) => position.reduce((sum, k, i) => sum + k * (attrs.dilations[i] as number) * (strides[i + 1] as number), 0));
  const table = keep(() => engine.upload(Int32Array.from(offsets), 'int32', [offsets.length]));
  const corners = keep(() => engine.upload(cornersOf(dy, strides, attrs.strides), 'int32', [sizeOf(dy)]));
  const [low, high] = [0, positions.length - 1].map((limit) => keep(() => engine.upload(new Int32Array([limit]), 'int32', []))) as [Tensor, Tensor];
  const unframe = sliceMove(engine, framed, frame.map(([before]) => before), dx, dx.map(() => 1));
  const isFramed = frame.some(([before, after]) => before + after > 0);
  const [size, total] = [sizeOf(dy), sizeOf(framed)];
  return ([grad, at]) => {
    const inRange = engine.run('Minimum', { a: engine.run('Maximum', { a: engine.reshape(at as Tensor, [size]), b: low }), b: high });
    const offset = engine.run('GatherV2', { x: table, indices: inRange }, { axis: 0, batchDims: 0 });
    const indices = engine.reshape(engine.run('Add', { a: offset, b: corners }), [size, 1]);
    const sums = engine.run('ScatterNd', { indices, updates: engine.reshape(grad as Tensor, [size]) }, { shape: [total] });
    const whole = engine.reshape(sums, framed);
    return [isFramed ? unframe(whole) : whole];
  };
};

/** For every element of y the flat position in framed x of the first element of its window. */
function cornersOf(y: Shape, strides: readonly number[], steps: readonly number[]): Int32Array {
  const corners = new Int32Array(sizeOf(y));
  const along = y.map((_, axis) => (strides[axis] as number) * (axis === 0 || axis === y.length - 1 ? 1 : (steps[axis - 1] as number)));
  const yStrides = stridesOf(y);
  for (let i = 0; i < corners.length; i++) {
    let corner = 0;
    for (let axis = 0; axis < y.length; axis++) {
      corner += (Math.floor(i / (yStrides[axis] as number)) % (y[axis] as number)) * (along[axis] as number);
    }
    corners[i] = corner;
  }
  return corners;
}

/** Sums over windows, or their transpose. */
function windowSums(context: Pick<LoweringContext, 'engine' | 'keep'>, form: Form, attrs: AvgPoolAttrs, x: Shape, y: Shape): (value: Tensor) => Tensor {
  const { engine, keep } = context;
  const kernel = [...attrs.window, x[x.length - 1] as number, 1];
  const ones = keep(() => engine.fill('float32', kernel, 1));
  const { strides, padding, dilations } = attrs;
  const convAttrs: ConvAttrs = { strides, padding, dilations, groups: 1 };
  const op = spatial(engine, form, convAttrs, { x, y, kernel }, true);
  return (value) => op(value, ones);
}

/** How many elements each window averages over, under a shape that broadcasts to y. */
function windowCounts({ engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>, attrs: AvgPoolAttrs, x: Shape, y: Shape): Tensor {
  const along = attrs.window.map((reach, axis) =>
    Array.from({ length: y[axis + 1] as number }, (_, out) => {
      if (attrs.countPadding) return reach;
      const start = out * (attrs.strides[axis] as number) - (attrs.padding[axis] as Pair)[0];
      const inside = Array.from({ length: reach }, (_unused, k) => start + k * (attrs.dilations[axis] as number));
      return inside.filter((at) => at >= 0 && at < (x[axis + 1] as number)).length;
    }),
  );
  const counts = along.reduce<number[]>((products, line) => products.flatMap((product) => line.map((count) => product * count)), [1]);
  const shape = [1, ...y.slice(1, -1), 1];
  const data = Float32Array.from(counts, (count) => Math.max(1, count));
  return keep(() => broadcastMove(engine, shape, y)(engine.upload(data, 'float32', shape)));
}

export const avgPool: Lowering<'avgPool'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const [x, y] = [typeAt(inputs, 0).shape, typeAt(outputs, 0).shape];
  const sums = windowSums(context, 'forward', attrs, x, y);
  const counts = windowCounts(context, attrs, x, y);
  return ([source]) => [engine.run('RealDiv', { a: sums(source as Tensor), b: counts })];
};

export const avgPoolGrad: Lowering<'avgPoolGrad'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const [dy, dx] = [typeAt(inputs, 0).shape, typeAt(outputs, 0).shape];
  const spread = windowSums(context, 'inputGrad', attrs, dx, dy);
  const counts = windowCounts(context, attrs, dx, dy);
  return ([grad]) => [spread(engine.run('RealDiv', { a: grad as Tensor, b: counts }))];
};
