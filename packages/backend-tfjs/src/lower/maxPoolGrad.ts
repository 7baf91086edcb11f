/** The gradient of maximum pooling: each window adds its dy at the element that its position names. */
import { sizeOf, stridesOf, type Shape } from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';
import { positionsOf } from './spatial.ts';
import { typeAt, type Lowering, type LoweringContext } from './lowering.ts';
import { framedShape, frameOf } from './maxPool.ts';
import { sliceMove } from './view.ts';

/** A scatter into flat x with its padding, from which the padding is cut. */
export const maxPoolGrad: Lowering<'maxPoolGrad'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const dy = typeAt(inputs, 0).shape;
  const dx = typeAt(outputs, 0).shape;
  const frame = frameOf(dx, attrs);
  const framed = framedShape(dx, frame);
  const strides = stridesOf(framed);
  const unframe = sliceMove(
    engine,
    framed,
    frame.map(([before]) => before),
    dx,
    dx.map(() => 1),
  );
  const isFramed = frame.some(([before, after]) => before + after > 0);
  const [size, total] = [sizeOf(dy), sizeOf(framed)];
  const steps = attrs.window.map((_, i) => (attrs.dilations[i] as number) * (strides[i + 1] as number));
  const corners = cornersOf(dy, strides, attrs.strides);
  const isExact = total < EXACT_IN_FLOAT32 && sizeOf(attrs.window) > 1;
  const locate = isExact
    ? locateByFloats(context, attrs.window, steps, corners)
    : locateByTable(context, attrs.window, steps, corners);
  return ([grad, at]) => {
    const indices = engine.reshape(locate(engine.reshape(at as Tensor, [size])), [size, 1]);
    const sums = engine.run(
      'ScatterNd',
      { indices, updates: engine.reshape(grad as Tensor, [size]) },
      { shape: [total] },
    );
    const whole = engine.reshape(sums, framed);
    return [isFramed ? unframe(whole) : whole];
  };
};

/** Positions in windows, clipped into them, as flat positions in x. */
type Locate = (positions: Tensor) => Tensor;
const EXACT_IN_FLOAT32 = 1 << 24;

/** corner + Σ digit·step, where the digits of a position are its coordinates in the window. */
function locateByTable(
  { engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>,
  window: Shape,
  steps: readonly number[],
  corners: Int32Array,
): Locate {
  const offsets = positionsOf(window).map((position) =>
    position.reduce((sum, k, i) => sum + k * (steps[i] as number), 0),
  );
  const table = keep(() => engine.upload(Int32Array.from(offsets), 'int32', [offsets.length]));
  const starts = keep(() => engine.upload(corners, 'int32', [corners.length]));
  const [low, high] = [0, offsets.length - 1].map((limit) =>
    keep(() => engine.upload(new Int32Array([limit]), 'int32', [])),
  ) as [Tensor, Tensor];
  return (positions) => {
    const inRange = engine.run('Minimum', { a: engine.run('Maximum', { a: positions, b: low }), b: high });
    return engine.run('Add', {
      a: engine.run('GatherV2', { x: table, indices: inRange }, { axis: 0, batchDims: 0 }),
      b: starts,
    });
  };
}

/**
 * The same in float32, which tfjs-wasm computes much faster, where all positions are exact in it. With q_i = ⌊position / Π of the extents
 * after axis i⌋, the digits are q_i − extent_i·q_{i−1}, so that the sum is Σ q_i·(step_i − extent_{i+1}·step_{i+1}).
 */
function locateByFloats(
  { engine, keep }: Pick<LoweringContext, 'engine' | 'keep'>,
  window: Shape,
  steps: readonly number[],
  corners: Int32Array,
): Locate {
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
      const middle = isLast
        ? digits
        : engine.run('Multiply', { a: engine.run('Add', { a: digits, b: half }), b: inverse });
      const whole = isLast ? middle : engine.run('Floor', { x: middle });
      return engine.run('Add', { a: total, b: engine.run('Multiply', { a: whole, b: factor }) });
    }, starts);
    return engine.run('Cast', { x: sum }, { dtype: 'int32' });
  };
}

/** For every element of y the flat position in framed x of the first element of its window. */
function cornersOf(y: Shape, strides: readonly number[], steps: readonly number[]): Int32Array {
  const corners = new Int32Array(sizeOf(y));
  const along = y.map(
    (_, axis) => (strides[axis] as number) * (axis === 0 || axis === y.length - 1 ? 1 : (steps[axis - 1] as number)),
  );
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
