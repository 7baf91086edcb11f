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
  if (engine.name === 'wasm' && hasPoolKernel(attrs)) {
    const values = valuesOnly(engine, attrs, x, y);
    const locate = leadersOf(engine, taps, size);
    return ([source]) => {
      const [maxima] = values([source as Tensor]) as [Tensor];
      return [maxima, engine.reshape(locate(clipped(engine, surround ? surround(source as Tensor) : (source as Tensor)), maxima), y)];
    };
  }
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

const LARGEST = 3.4028234663852886e38;
const clipped = (engine: Engine, x: Tensor): Tensor => engine.run('ClipByValue', { x }, { clipValueMin: -LARGEST, clipValueMax: LARGEST });

/**
 * Positions of known maxima, by the ops that tfjs-wasm has in SIMD: the position is the number of elements before the first that equals the
 * maximum, Σ_t Π_{s ≤ t} [x_s < maximum]. Comparisons and choices cost several times as much there.
 */
function leadersOf(engine: Engine, taps: readonly ((x: Tensor) => Tensor)[], size: number): (x: Tensor, maxima: Tensor) => Tensor {
  return (x, maxima) => {
    const most = engine.reshape(clipped(engine, maxima), [size]);
    let before: Tensor | null = null;
    let count: Tensor | null = null;
    for (const tap of taps.slice(0, -1)) {
      const slice = tap(x);
      const gap = engine.run('Sub', { a: most, b: engine.reshape(slice, [size]) });
      const isLess = engine.run('Step', { x: gap }, { alpha: 0 });
      engine.release(slice);
      engine.release(gap);
      before = before ? engine.run('Multiply', { a: before, b: isLess }) : isLess;
      count = count ? engine.run('Add', { a: count, b: before }) : before;
    }
    return count ? engine.run('Cast', { x: count }, { dtype: 'int32' }) : engine.fill('int32', [size], 0);
  };
}

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
  const { engine, inputs, outputs, attrs } = context;
  const dy = typeAt(inputs, 0).shape;
  const dx = typeAt(outputs, 0).shape;
  const frame = frameOf(dx, attrs);
  const framed = framedShape(dx, frame);
  const strides = stridesOf(framed);
  const unframe = sliceMove(engine, framed, frame.map(([before]) => before), dx, dx.map(() => 1));
  const isFramed = frame.some(([before, after]) => before + after > 0);
  const [size, total] = [sizeOf(dy), sizeOf(framed)];
  const steps = attrs.window.map((_, i) => (attrs.dilations[i] as number) * (strides[i + 1] as number));
  const corners = cornersOf(dy, strides, attrs.strides);
  const isExact = total < EXACT_IN_FLOAT32 && sizeOf(attrs.window) > 1;
  const locate = isExact ? locateByFloats(context, attrs.window, steps, corners) : locateByTable(context, attrs.window, steps, corners);
  return ([grad, at]) => {
    const indices = engine.reshape(locate(engine.reshape(at as Tensor, [size])), [size, 1]);
    const sums = engine.run('ScatterNd', { indices, updates: engine.reshape(grad as Tensor, [size]) }, { shape: [total] });
    const whole = engine.reshape(sums, framed);
    return [isFramed ? unframe(whole) : whole];
  };
};

/** Positions in windows, clipped into them, as flat positions in x. */
type Locate = (positions: Tensor) => Tensor;
const EXACT_IN_FLOAT32 = 1 << 24;

/** corner + Σ digit·step, where the digits of a position are its coordinates in the window. */
function locateByTable({ engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>, window: Shape, steps: readonly number[], corners: Int32Array): Locate {
  const offsets = positionsOf(window).map((position) => position.reduce((sum, k, i) => sum + k * (steps[i] as number), 0));
  const table = keep(() => engine.upload(Int32Array.from(offsets), 'int32', [offsets.length]));
  const starts = keep(() => engine.upload(corners, 'int32', [corners.length]));
  const [low, high] = [0, offsets.length - 1].map((limit) => keep(() => engine.upload(new Int32Array([limit]), 'int32', []))) as [Tensor, Tensor];
  return (positions) => {
    const inRange = engine.run('Minimum', { a: engine.run('Maximum', { a: positions, b: low }), b: high });
    return engine.run('Add', { a: engine.run('GatherV2', { x: table, indices: inRange }, { axis: 0, batchDims: 0 }), b: starts });
  };
}

/**
 * The same in float32, which tfjs-wasm computes much faster, where all positions are exact in it. With q_i = ⌊position / Π of the extents
 * after axis i⌋, the digits are q_i − extent_i·q_{i−1}, so that the sum is Σ q_i·(step_i − extent_{i+1}·step_{i+1}).
 */
function locateByFloats({ engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>, window: Shape, steps: readonly number[], corners: Int32Array): Locate {
  const number = (value: number): Tensor => keep(() => engine.upload(new Float32Array([value]), 'float32', []));
  const starts = keep(() => engine.upload(Float32Array.from(corners), 'float32', [corners.length]));
  const half = number(0.5);
  const terms = window.map((_, i) => ({
    inverse: number(1 / sizeOf(window.slice(i + 1))),
    factor: number((steps[i] as number) - (window[i + 1] ?? 0) * (steps[i + 1] ?? 0)),
    isLast: i === window.length - 1,
  }));
  const attrs = { clipValueMin: 0, clipValueMax: sizeOf(window) - 1 };
  return (positions) => {
    const cast = engine.run('Cast', { x: positions }, { dtype: 'float32' });
    const digits = engine.run('ClipByValue', { x: cast }, attrs);
    const sum = terms.reduce((total, { inverse, factor, isLast }) => {
      const middle = isLast ? digits : engine.run('Multiply', { a: engine.run('Add', { a: digits, b: half }), b: inverse });
      const whole = isLast ? middle : engine.run('Floor', { x: middle });
      return engine.run('Add', { a: total, b: engine.run('Multiply', { a: whole, b: factor }) });
    }, starts);
    return engine.run('Cast', { x: sum }, { dtype: 'int32' });
  };
}

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
