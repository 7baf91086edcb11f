/** Ops that only move elements. Most are strided views of their operand. */
import { sizeOf, stridesOf, type TensorType } from '../core/types.ts';
import type { GatherAttrs, ScatterAddAttrs } from '../ops/indexing.ts';
import type { SliceAttrs } from '../ops/movement.ts';
import { broadcastStrides, pick, viewPositions, wrapTo, type RefTensor } from './tensor.ts';

export function transpose({ type, data }: RefTensor, permutation: readonly number[], result: TensorType): Float64Array {
  const strides = stridesOf(type.shape);
  return pick(
    data,
    viewPositions(
      result.shape,
      permutation.map((axis) => strides[axis] as number),
    ),
  );
}

export function broadcastTo({ type, data }: RefTensor, result: TensorType): Float64Array {
  return pick(data, viewPositions(result.shape, broadcastStrides(type.shape, stridesOf(type.shape), result.shape)));
}

export function slice({ type, data }: RefTensor, attrs: SliceAttrs, result: TensorType): Float64Array {
  const strides = stridesOf(type.shape);
  const offset = strides.reduce((sum, stride, axis) => sum + stride * (attrs.starts[axis] as number), 0);
  return pick(
    data,
    viewPositions(
      result.shape,
      strides.map((stride, axis) => stride * (attrs.strides[axis] as number)),
      offset,
    ),
  );
}

export function reverse({ type, data }: RefTensor, axes: readonly number[]): Float64Array {
  const strides = stridesOf(type.shape);
  const offset = axes.reduce((sum, axis) => sum + ((type.shape[axis] as number) - 1) * (strides[axis] as number), 0);
  return pick(
    data,
    viewPositions(
      type.shape,
      strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
      offset,
    ),
  );
}

export function pad(
  { type, data }: RefTensor,
  padding: readonly (readonly [number, number])[],
  value: number,
  result: TensorType,
): Float64Array {
  const strides = stridesOf(result.shape);
  const offset = padding.reduce((sum, [low], axis) => sum + low * (strides[axis] as number), 0);
  const padded = new Float64Array(sizeOf(result.shape)).fill(value);
  viewPositions(type.shape, strides, offset).forEach((position, i) => (padded[position] = data[i] as number));
  return padded;
}

export function concat(inputs: readonly RefTensor[], axis: number, result: TensorType): Float64Array {
  const strides = stridesOf(result.shape);
  const joined = new Float64Array(sizeOf(result.shape));
  let start = 0;
  for (const { type, data } of inputs) {
    viewPositions(type.shape, strides, start * (strides[axis] as number)).forEach(
      (position, i) => (joined[position] = data[i] as number),
    );
    start += type.shape[axis] as number;
  }
  return joined;
}

/** Calls `visit` with the position in x [B…, P…, N, S…] and in y [B…, P…, I…, S…] of each pair that gather joins, in the order of y. */
function eachGathered(
  x: readonly number[],
  indices: RefTensor,
  { axis, batchDims }: GatherAttrs,
  visit: (inX: number, inY: number) => void,
): void {
  const size = (from: number, to?: number): number => sizeOf(x.slice(from, to));
  const [batches, prefix, extent, suffix] = [
    size(0, batchDims),
    size(batchDims, axis),
    x[axis] as number,
    size(axis + 1),
  ];
  const perBatch = sizeOf(indices.type.shape.slice(batchDims));
  let inY = 0;
  for (let b = 0; b < batches; b++) {
    for (let p = 0; p < prefix; p++) {
      for (let i = 0; i < perBatch; i++) {
        const at = Math.min(extent - 1, Math.max(0, indices.data[b * perBatch + i] as number));
        const start = ((b * prefix + p) * extent + at) * suffix;
        for (let s = 0; s < suffix; s++) visit(start + s, inY++);
      }
    }
  }
}

export function gather(x: RefTensor, indices: RefTensor, attrs: GatherAttrs, result: TensorType): Float64Array {
  const y = new Float64Array(sizeOf(result.shape));
  eachGathered(x.type.shape, indices, attrs, (inX, inY) => (y[inY] = x.data[inX] as number));
  return y;
}

export function scatterAdd(
  updates: RefTensor,
  indices: RefTensor,
  attrs: ScatterAddAttrs,
  result: TensorType,
): Float64Array {
  const wrap = wrapTo(result.dtype);
  const sums = new Float64Array(sizeOf(result.shape));
  if (attrs.size === 0) return sums;
  eachGathered(
    result.shape,
    indices,
    attrs,
    (inX, inY) => (sums[inX] = wrap((sums[inX] as number) + (updates.data[inY] as number))),
  );
  return sums;
}
