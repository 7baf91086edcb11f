/**
 * Reading and adding by index. With shared leading axes the tensor is seen as one table of rows, and the indices become row numbers of
 * that table. ONNX has negative indices and fails beyond the end, so that indices are clamped first.
 */
import { sizeOf, type AttrsOf, type TensorType } from '@weftjs/graph';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings, Site } from './site.ts';

/** Row numbers in a table of `batch` blocks of `extent` rows each, as a vector. */
function rowNumbers(e: Emitter, indices: Ref, batchDims: number, extent: number): Ref {
  const batch = sizeOf(indices.shape.slice(0, batchDims));
  const inBlock = e.reshape(e.clampIndices(indices, extent), [batch, sizeOf(indices.shape.slice(batchDims))]);
  const firstRows = e.binary('Mul', e.reshape(e.range('int32', batch), [batch, 1]), e.scalar('int32', extent));
  const rows = batch === 1 ? inBlock : e.binary('Add', inBlock, firstRows);
  return e.reshape(rows, [sizeOf(indices.shape)]);
}

const span = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** x[B, P, N, S] at indices[B, I]: rows of x as [B·N, P·S], read to [B·I, P·S], brought to [B, P, I, S]. */
function gather({ e, input, attrs: { axis, batchDims }, outputs: [type] }: Site<AttrsOf<'gather'>>): readonly Ref[] {
  const [x, indices] = [input(0), input(1)];
  const { shape } = x;
  const extent = shape[axis] as number;
  if (batchDims === 0) return [e.gather(x, e.clampIndices(indices, extent), axis)];
  const rank = shape.length;
  const toRows = [...span(0, batchDims), axis, ...span(batchDims, axis), ...span(axis + 1, rank)];
  const ordered = e.transpose(x, toRows);
  const [blocks, width] = [sizeOf(shape.slice(0, batchDims)), sizeOf(ordered.shape.slice(batchDims + 1))];
  const read = e.gather(e.reshape(ordered, [blocks * extent, width]), rowNumbers(e, indices, batchDims, extent), 0);
  const indexAxes = indices.shape.length - batchDims;
  const between = axis - batchDims;
  const full = e.reshape(read, [...indices.shape, ...ordered.shape.slice(batchDims + 1)]);
  const afterIndices = batchDims + indexAxes;
  const back = [...span(0, batchDims), ...span(afterIndices, afterIndices + between), ...span(batchDims, afterIndices)];
  const result = e.transpose(full, [...back, ...span(afterIndices + between, full.shape.length)]);
  return [e.reshape(result, (type as TensorType).shape)];
}

/**
 * Rows added to rows. `ScatterND` is fast, but its threads overwrite each other's sums where a row number is repeated; `ScatterElements`
 * works in order with any number of threads.
 */
function addRows(e: Emitter, zeros: Ref, rows: Ref, updates: Ref): Ref {
  if (e.serial) return e.node('ScatterND', [zeros, e.cast(rows, 'int64'), updates], zeros, { reduction: 'add' });
  return e.node('ScatterElements', [zeros, e.expand(rows, updates.shape), updates], zeros, { axis: 0, reduction: 'add' });
}

/** updates[B, P, I, S] as rows [B·I, P·S], added to zeros [B·size, P·S], brought to [B, P, size, S]. */
function scatterAdd({ e, input, attrs: { axis, batchDims, size } }: Site<AttrsOf<'scatterAdd'>>): readonly Ref[] {
  const [updates, indices] = [input(0), input(1)];
  const { shape } = updates;
  const indexAxes = indices.shape.length - batchDims;
  const rank = shape.length;
  const toRows = [...span(0, batchDims), ...span(axis, axis + indexAxes), ...span(batchDims, axis), ...span(axis + indexAxes, rank)];
  const ordered = e.transpose(updates, toRows);
  const rest = ordered.shape.slice(batchDims + indexAxes);
  const [blocks, count, width] = [sizeOf(shape.slice(0, batchDims)), sizeOf(indices.shape), sizeOf(rest)];
  const rows = e.reshape(rowNumbers(e, indices, batchDims, size), [count, 1]);
  const sums = addRows(e, e.full(updates.dtype, [blocks * size, width], 0), rows, e.reshape(ordered, [count, width]));
  const full = e.reshape(sums, [...shape.slice(0, batchDims), size, ...rest]);
  const between = axis - batchDims;
  const first = batchDims + 1;
  return [e.transpose(full, [...span(0, batchDims), ...span(first, first + between), batchDims, ...span(first + between, full.shape.length)])];
}

export const indexing = { gather, scatterAdd } satisfies Partial<Lowerings>;
