/** Mean pooling: a depthwise convolution with ones, divided by how many elements each window has. */
import { type AvgPoolAttrs, type ConvAttrs, type Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { spatial, type Form } from './spatial.ts';
import { typeAt, type Lowering, type LoweringContext } from './lowering.ts';
import { broadcastMove } from './view.ts';

type Pair = readonly [number, number];

/** Sums over windows, or their transpose. */
function windowSums(
  context: Pick<LoweringContext, 'engine' | 'keep'>,
  form: Form,
  attrs: AvgPoolAttrs,
  x: Shape,
  y: Shape,
): (value: Tensor) => Tensor {
  const { engine, keep } = context;
  const kernel = [...attrs.window, x[x.length - 1] as number, 1];
  const ones = keep(() => engine.fill('float32', kernel, 1));
  const { strides, padding, dilations } = attrs;
  const convAttrs: ConvAttrs = { strides, padding, dilations, groups: 1 };
  const op = spatial(engine, form, convAttrs, { x, y, kernel }, true);
  return (value) => op(value, ones);
}

/** How many elements each window averages over, under a shape that broadcasts to y. */
function windowCounts(
  { engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>,
  attrs: AvgPoolAttrs,
  x: Shape,
  y: Shape,
): Tensor {
  const along = attrs.window.map((reach, axis) =>
    Array.from({ length: y[axis + 1] as number }, (_, out) => {
      if (attrs.countPadding) return reach;
      const start = out * (attrs.strides[axis] as number) - (attrs.padding[axis] as Pair)[0];
      const inside = Array.from({ length: reach }, (_unused, k) => start + k * (attrs.dilations[axis] as number));
      return inside.filter((at) => at >= 0 && at < (x[axis + 1] as number)).length;
    }),
  );
  const counts = along.reduce<number[]>(
    (products, line) => products.flatMap((product) => line.map((count) => product * count)),
    [1],
  );
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
