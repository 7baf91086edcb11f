/** Reading and adding by index. tfjs neither clamps nor, on wasm, has a segment sum: indices are clipped here, and sums go through ScatterNd. */
import { sizeOf, type TensorType } from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { typeAt, type Lowering, type LoweringContext } from './lowering.ts';
import { transposeMove } from './view.ts';

type Clip = (indices: Tensor) => Tensor;

/** Indices, as one row, clipped into [0, extent). */
function clipping(context: Pick<LoweringContext, 'engine' | 'keep'>, type: TensorType, extent: number): Clip {
  const { engine, keep } = context;
  const [low, high] = [0, extent - 1].map((limit) =>
    keep(() => engine.upload(new Int32Array([limit]), 'int32', [])),
  ) as [Tensor, Tensor];
  const size = sizeOf(type.shape);
  return (indices) =>
    engine.run('Minimum', { a: engine.run('Maximum', { a: engine.reshape(indices, [size]), b: low }), b: high });
}

/** For flat tables: row b·extent + index, for every index of every batch b. */
function flatRows(
  context: Pick<LoweringContext, 'engine' | 'keep'>,
  batch: number,
  extent: number,
  perBatch: number,
): Clip {
  if (batch === 1) return (indices) => indices;
  const { engine, keep } = context;
  const starts = new Int32Array(batch * perBatch);
  for (let i = 0; i < starts.length; i++) starts[i] = Math.floor(i / perBatch) * extent;
  const offsets = keep(() => engine.upload(starts, 'int32', [batch * perBatch]));
  return (indices) => engine.run('Add', { a: indices, b: offsets });
}

interface Layout {
  readonly batch: number;
  readonly middle: number;
  readonly rest: number;
}

/** [B…, P…, at, S…] as [batch, middle, at, rest]. */
function layoutOf(shape: readonly number[], batchDims: number, axis: number, axes: number): Layout {
  return {
    batch: sizeOf(shape.slice(0, batchDims)),
    middle: sizeOf(shape.slice(batchDims, axis)),
    rest: sizeOf(shape.slice(axis + axes)),
  };
}

export const gather: Lowering<'gather'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const [x, indices] = [typeAt(inputs, 0), typeAt(inputs, 1)];
  const out = typeAt(outputs, 0).shape;
  const extent = x.shape[attrs.axis] as number;
  const { batch, middle, rest } = layoutOf(x.shape, attrs.batchDims, attrs.axis, 1);
  const perBatch = sizeOf(indices.shape) / batch;
  const clip = clipping(context, indices, extent);
  // [batch, middle, extent, rest] -> rows [batch·extent, middle·rest] -> [batch, perBatch, middle, rest] -> back
  const toRows = batch > 1 ? transposeMove(engine, [batch, middle, extent, rest], [0, 2, 1, 3]) : null;
  const rows = flatRows(context, batch, extent, perBatch);
  const fromRows = batch > 1 ? transposeMove(engine, [batch, perBatch, middle, rest], [0, 2, 1, 3]) : null;
  return ([source, at]) => {
    const clipped = clip(at as Tensor);
    if (!toRows || !fromRows) {
      const found = take(engine, engine.reshape(source as Tensor, [middle, extent, rest]), clipped, 1);
      return [engine.reshape(found, out)];
    }
    const table = engine.reshape(toRows(engine.reshape(source as Tensor, [batch, middle, extent, rest])), [
      batch * extent,
      middle * rest,
    ]);
    const found = take(engine, table, rows(clipped), 0);
    return [engine.reshape(fromRows(engine.reshape(found, [batch, perBatch, middle, rest])), out)];
  };
};

const take = (engine: Engine, x: Tensor, indices: Tensor, axis: number): Tensor =>
  engine.run('GatherV2', { x, indices }, { axis, batchDims: 0 });

export const scatterAdd: Lowering<'scatterAdd'> = (context) => {
  const { engine, inputs, outputs, attrs } = context;
  const [updates, indices] = [typeAt(inputs, 0), typeAt(inputs, 1)];
  const out = typeAt(outputs, 0).shape;
  const { batchDims, axis, size } = attrs;
  const { batch, middle, rest } = layoutOf(updates.shape, batchDims, axis, indices.shape.length - batchDims);
  const perBatch = sizeOf(indices.shape) / batch;
  const clip = clipping(context, indices, size);
  const rows = flatRows(context, batch, size, perBatch);
  const toRows = transposeMove(engine, [batch, middle, perBatch, rest], [0, 2, 1, 3]);
  const fromRows = transposeMove(engine, [batch, size, middle, rest], [0, 2, 1, 3]);
  return ([values, at]) => {
    const moved = engine.reshape(toRows(engine.reshape(values as Tensor, [batch, middle, perBatch, rest])), [
      batch * perBatch,
      middle * rest,
    ]);
    const found = engine.reshape(rows(clip(at as Tensor)), [batch * perBatch, 1]);
    const sums = engine.run('ScatterNd', { indices: found, updates: moved }, { shape: [batch * size, middle * rest] });
    return [engine.reshape(fromRows(engine.reshape(sums, [batch, size, middle, rest])), out)];
  };
};
