/** Maximum pooling: a maximum and its position come from one pass over the elements of the window, each a strided slice. */
import { sizeOf, type PoolAttrs, type Shape } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { positionsOf } from './spatial.ts';
import { typeAt, type Lowering } from './lowering.ts';
import { padMove, sliceMove } from './view.ts';

type Pair = readonly [number, number];
type Framing = Pick<PoolAttrs, 'padding' | 'window' | 'strides' | 'dilations'>;

/** Padding of all axes of x, batch and channels included. */
export const frameOf = (x: Shape, { padding }: Framing): Pair[] =>
  x.map((_, axis) => (axis === 0 ? [0, 0] : (padding[axis - 1] ?? [0, 0])));
export const framedShape = (x: Shape, frame: readonly Pair[]): number[] =>
  x.map((extent, axis) => extent + (frame[axis] as Pair)[0] + (frame[axis] as Pair)[1]);

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
      return [
        maxima,
        engine.reshape(locate(clipped(engine, surround ? surround(source as Tensor) : (source as Tensor)), maxima), y),
      ];
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
const clipped = (engine: Engine, x: Tensor): Tensor =>
  engine.run('ClipByValue', { x }, { clipValueMin: -LARGEST, clipValueMax: LARGEST });

/**
 * Positions of known maxima, by the ops that tfjs-wasm has in SIMD: the position is the number of elements before the first that equals the
 * maximum, Σ_t Π_{s ≤ t} [x_s < maximum]. Comparisons and choices cost several times as much there.
 */
function leadersOf(
  engine: Engine,
  taps: readonly ((x: Tensor) => Tensor)[],
  size: number,
): (x: Tensor, maxima: Tensor) => Tensor {
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

const hasPoolKernel = ({ window, dilations }: PoolAttrs): boolean =>
  window.length <= 2 && sizeOf(window) > 1 && dilations.every((d) => d === 1);

/** Without positions, the engine's own kernel over two axes. */
function valuesOnly(engine: Engine, attrs: PoolAttrs, x: Shape, y: Shape) {
  const two = <T>(values: readonly T[], one: T): T[] => (values.length === 2 ? [...values] : [one, ...values]);
  const flat = x.length === 4 ? x : [x[0] as number, 1, ...x.slice(1)];
  const pad = [[0, 0], ...two<Pair>(attrs.padding, [0, 0]).map(([low, high]) => [low, high]), [0, 0]];
  const kernelAttrs = {
    filterSize: two(attrs.window, 1),
    strides: two(attrs.strides, 1),
    pad,
    dimRoundingMode: 'floor',
  };
  return ([source]: readonly Tensor[]): readonly Tensor[] => {
    const values = engine.reshape(engine.run('MaxPool', { x: engine.reshape(source as Tensor, flat) }, kernelAttrs), y);
    return [values, values];
  };
}
