/**
 * Pooling, channels first. The engine reports maxima as positions in the whole flat tensor; the graph wants them within their windows. A
 * gradient in the same model takes the flat positions directly, through a note on the operand, and the conversion falls away unused.
 */
import { sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import { Operand } from '../layout/operand.ts';
import { firstShape, padsOf } from './conv.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings, Site } from './site.ts';

type PoolAttrs = AttrsOf<'maxPool'>;
type Pair = readonly [low: number, high: number];

const first = (site: Site<unknown>, i: number): Ref => (site.operands[i] as Operand).in('first', site.e);

/** The engine wants padding below the window's extent; a dilated window may have more, which is then put around the tensor itself. */
function paddedFor(e: Emitter, x: Ref, attrs: PoolAttrs, fill: number): { x: Ref; padding: readonly Pair[] } {
  const fits = attrs.padding.every(([low, high], i) => low < (attrs.window[i] as number) && high < (attrs.window[i] as number));
  if (fits) return { x, padding: attrs.padding };
  return { x: e.pad(x, [[0, 0], [0, 0], ...attrs.padding], fill), padding: attrs.padding.map(() => [0, 0]) };
}

/** Along each spatial axis of the first-order shape [N, C, …out], as int64: where the window begins. */
function windowStarts(e: Emitter, shape: readonly number[], axis: number, stride: number, low: number): Ref {
  const count = shape[axis + 2] as number;
  const starts = Array.from({ length: count }, (_, o) => o * stride - low);
  return e.constant('int64', shape.map((_, i) => (i === axis + 2 ? count : 1)).slice(axis + 2), starts);
}

const int64 = (e: Emitter, op: string, a: Ref, by: number): Ref => e.binary(op, a, e.scalar('int64', by));

/** Flat positions in [N, C, …spatial] as positions in the window, row-major. */
function inWindow(e: Emitter, flat: Ref, spatial: readonly number[], padding: readonly Pair[], attrs: PoolAttrs): Ref {
  let rest = int64(e, 'Mod', flat, sizeOf(spatial));
  let position: Ref | null = null;
  for (let axis = spatial.length - 1, stride = 1; axis >= 0; axis--) {
    const extent = spatial[axis] as number;
    const at = axis === 0 ? rest : int64(e, 'Mod', rest, extent);
    if (axis > 0) rest = int64(e, 'Div', rest, extent);
    const start = windowStarts(e, flat.shape, axis, attrs.strides[axis] as number, (padding[axis] as Pair)[0]);
    const tap = int64(e, 'Mul', int64(e, 'Div', e.binary('Sub', at, start), attrs.dilations[axis] as number), stride);
    position = position ? e.binary('Add', position, tap) : tap;
    stride *= attrs.window[axis] as number;
  }
  return e.cast(position as Ref, 'int32');
}

function maxPool(site: Site<PoolAttrs>): readonly Operand[] {
  const { e, attrs, outputs } = site;
  const { x, padding } = paddedFor(e, first(site, 0), attrs, -3.4028234663852886e38);
  const shape = firstShape(outputs[0] as TensorType);
  const [values, flat] = e.nodes(
    'MaxPool',
    [x],
    { kernel_shape: attrs.window, strides: attrs.strides, dilations: attrs.dilations, pads: padsOf(padding) },
    [{ dtype: x.dtype, shape }, { dtype: 'int64', shape }],
  ) as [Ref, Ref];
  const positions = Operand.channelsFirst(e, inWindow(e, flat, x.shape.slice(2), padding, attrs));
  if (padding === attrs.padding) site.notes.set(positions, flat);
  return [Operand.channelsFirst(e, values), positions];
}

/** Positions in windows as positions in the flat [N, C, …spatial], clamped, and whether they are inside of the tensor. */
function inTensor(e: Emitter, positions: Ref, shape: readonly number[], attrs: PoolAttrs): { flat: Ref; inside: Ref } {
  const [batch, channels, ...spatial] = shape as [number, number, ...number[]];
  const planes = Array.from({ length: batch * channels }, (_, i) => i * sizeOf(spatial));
  let flat = e.constant('int64', [batch, channels, ...spatial.map(() => 1)], planes);
  let inside = e.scalar('bool', 1);
  let rest = e.cast(positions, 'int64');
  for (let axis = spatial.length - 1, stride = 1; axis >= 0; axis--) {
    const [extent, window] = [spatial[axis], attrs.window[axis]] as [number, number];
    const tap = int64(e, 'Mod', rest, window);
    rest = int64(e, 'Div', rest, window);
    const start = windowStarts(e, positions.shape, axis, attrs.strides[axis] as number, (attrs.padding[axis] as Pair)[0]);
    const at = e.binary('Add', start, int64(e, 'Mul', tap, attrs.dilations[axis] as number));
    const clamped = e.clampIndices(at, extent);
    inside = e.compare('And', inside, e.compare('Equal', at, clamped));
    flat = e.binary('Add', flat, int64(e, 'Mul', clamped, stride));
    stride *= extent;
  }
  return { flat, inside };
}

/** Positions that name padding, which no maximum is, add nothing. */
function maxPoolGrad(site: Site<AttrsOf<'maxPoolGrad'>>): readonly Operand[] {
  const { e, attrs, operands, outputs } = site;
  const dy = first(site, 0);
  const shape = firstShape(outputs[0] as TensorType);
  const positions = operands[1] as Operand;
  const known = site.notes.get(positions);
  const found = known ? { flat: known, updates: dy } : fromPositions(e, positions.in('first', e), dy, shape, attrs);
  const size = sizeOf(dy.shape);
  const sums = e.scatterAddFlat(sizeOf(shape), e.reshape(found.flat, [size]), e.reshape(found.updates, [size]));
  return [Operand.channelsFirst(e, e.reshape(sums, shape))];
}

function fromPositions(e: Emitter, positions: Ref, dy: Ref, shape: readonly number[], attrs: PoolAttrs): { flat: Ref; updates: Ref } {
  const { flat, inside } = inTensor(e, positions, shape, attrs);
  return { flat, updates: e.where(inside, dy, e.same(dy, 0)) };
}

function avgPool(site: Site<AttrsOf<'avgPool'>>): readonly Operand[] {
  const { e, attrs, outputs } = site;
  const x = first(site, 0);
  const type = { dtype: x.dtype, shape: firstShape(outputs[0] as TensorType) };
  const fits = paddedFor(e, x, attrs, 0).x === x;
  if (fits) {
    const windows = { kernel_shape: attrs.window, strides: attrs.strides, dilations: attrs.dilations, pads: padsOf(attrs.padding) };
    return [Operand.channelsFirst(e, e.node('AveragePool', [x], type, { ...windows, count_include_pad: attrs.countPadding ? 1 : 0 }))];
  }
  const sums = windowed(e, 'Conv', x, type.shape, attrs, {});
  return [Operand.channelsFirst(e, e.binary('Mul', sums, inverseCounts(e, x.shape.slice(2), type.shape.slice(2), attrs)))];
}

/** A convolution with ones, or its transpose, on every channel by itself. */
function windowed(
  e: Emitter, op: 'Conv' | 'ConvTranspose', x: Ref, shape: readonly number[], attrs: PoolAttrs, extra: Record<string, readonly number[]>,
): Ref {
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const planes = e.reshape(x, [batch * channels, 1, ...spatial]);
  const ones = e.constant(x.dtype, [1, 1, ...attrs.window], new Array<number>(sizeOf(attrs.window)).fill(1));
  const windows = { kernel_shape: attrs.window, strides: attrs.strides, dilations: attrs.dilations, pads: padsOf(attrs.padding) };
  const result = e.node(op, [planes, ones], { dtype: x.dtype, shape: [batch * channels, 1, ...shape.slice(2)] }, { ...windows, ...extra });
  return e.reshape(result, shape);
}

/** 1 / how many elements each window averages over, [...out]: the product of the counts along the axes. */
function inverseCounts(e: Emitter, spatial: readonly number[], out: readonly number[], attrs: AttrsOf<'avgPool'>): Ref {
  let result = e.scalar('float32', attrs.countPadding ? 1 / sizeOf(attrs.window) : 1);
  if (attrs.countPadding) return result;
  out.forEach((count, axis) => {
    const [stride, dilation, window] = [attrs.strides[axis], attrs.dilations[axis], attrs.window[axis]] as [number, number, number];
    const inverse = Array.from({ length: count }, (_, o) => {
      const start = o * stride - (attrs.padding[axis] as Pair)[0];
      const inside = Array.from({ length: window }, (_, k) => start + k * dilation).filter((at) => at >= 0 && at < (spatial[axis] as number));
      return 1 / inside.length;
    });
    result = e.binary('Mul', result, e.constant('float32', [count, ...out.slice(axis + 1).map(() => 1)], inverse));
  });
  return result;
}

function avgPoolGrad(site: Site<AttrsOf<'avgPoolGrad'>>): readonly Operand[] {
  const { e, attrs, outputs } = site;
  const dy = first(site, 0);
  const shape = firstShape(outputs[0] as TensorType);
  const { inputShape, window, dilations, strides, padding } = attrs;
  const shares = e.binary('Mul', dy, inverseCounts(e, inputShape, dy.shape.slice(2), attrs));
  const lost = inputShape.map((extent, i) => {
    const [low, high] = padding[i] as Pair;
    const reach = (dilations[i] as number) * ((window[i] as number) - 1) + 1;
    return extent - (((dy.shape[i + 2] as number) - 1) * (strides[i] as number) - low - high + reach);
  });
  return [Operand.channelsFirst(e, windowed(e, 'ConvTranspose', shares, shape, attrs, { output_padding: lost }))];
}

export const pooling = { maxPool, maxPoolGrad, avgPool, avgPoolGrad } satisfies Partial<Lowerings>;
