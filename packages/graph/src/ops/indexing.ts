/**
 * Reading and adding by index. `gather` and `scatterAdd` are each other's transpose. Indices are int32; those out of range clamp.
 */
import { apply1, defineOp, requireDType, requireShape, resolveAxis } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { sameShape, type TensorType } from '../core/types.ts';

export interface GatherAttrs {
  /** The axis of `x` that the indices select from. */
  readonly axis: number;
  /** So many leading axes are shared by `x` and `indices`; at most `axis`. */
  readonly batchDims: number;
  readonly [name: string]: number;
}

/**
 * x[B…, P…, N, S…] read at indices[B…, I…] gives [B…, P…, I…, S…], where N is `axis` and B are the `batchDims` leading axes:
 * y[b, p, i, s] = x[b, p, clamp(indices[b, i], 0, N − 1), s].
 */
export const gatherOp = /* @__PURE__ */ defineOp<'gather', GatherAttrs>({
  name: 'gather',
  infer: ([x, indices], { axis, batchDims }) => {
    const source = x as TensorType;
    const index = indices as TensorType;
    requireDType('gather (indices)', index, ['int32']);
    resolveAxis('gather', axis, source.shape.length);
    requireShape(
      batchDims >= 0 && batchDims <= axis && sameShape(source.shape.slice(0, batchDims), index.shape.slice(0, batchDims)),
      'gather',
      `${batchDims} leading axes that the tensor [${source.shape.join(',')}] and the indices share, before axis ${axis}`,
      index.shape,
    );
    const shape = [...source.shape.slice(0, axis), ...index.shape.slice(batchDims), ...source.shape.slice(axis + 1)];
    requireShape(source.shape[axis] !== 0 || shape.includes(0), 'gather', `at least one element along axis ${axis} to read`, source.shape);
    return [{ dtype: source.dtype, shape }];
  },
  gradient: ({ inputs: [x, indices], grads: [dy], attrs: { axis, batchDims } }) => [
    scatterAdd(dy as Value, indices as Value, { axis, batchDims, size: (x as Value).type.shape[axis] as number }),
    null,
  ],
});

/** Elements of `x` along `axis` (default 0) at `indices`. */
export function gather(x: Value, indices: Value, options: { axis?: number; batchDims?: number } = {}): Value {
  const { axis = 0, batchDims = 0 } = options;
  return apply1(gatherOp, [x, indices], { axis: resolveAxis('gather', axis, x.type.shape.length), batchDims });
}

export interface ScatterAddAttrs extends GatherAttrs {
  /** The extent of the output along `axis`. */
  readonly size: number;
}

/**
 * The transpose of gather: updates[B…, P…, I…, S…] are added, in the order of the indices, into zeros [B…, P…, size, S…] at
 * indices[B…, I…] along `axis`.
 */
export const scatterAddOp = /* @__PURE__ */ defineOp<'scatterAdd', ScatterAddAttrs>({
  name: 'scatterAdd',
  infer: ([updates, indices], { axis, batchDims, size }) => {
    const update = updates as TensorType;
    const index = indices as TensorType;
    requireDType('scatterAdd (indices)', index, ['int32']);
    requireDType('scatterAdd', update, ['float32', 'float16', 'int32']);
    const indexAxes = index.shape.length - batchDims;
    requireShape(
      batchDims >= 0 &&
        batchDims <= axis &&
        Number.isInteger(size) &&
        size >= 0 &&
        sameShape(update.shape.slice(0, batchDims), index.shape.slice(0, batchDims)) &&
        sameShape(update.shape.slice(axis, axis + indexAxes), index.shape.slice(batchDims)),
      'scatterAdd',
      `updates whose axes from ${axis} are those of the indices [${index.shape.join(',')}] after ${batchDims} shared leading axes`,
      update.shape,
    );
    return [{ dtype: update.dtype, shape: [...update.shape.slice(0, axis), size, ...update.shape.slice(axis + indexAxes)] }];
  },
  gradient: ({ inputs: [, indices], grads: [dy], attrs: { axis, batchDims } }) => [
    gather(dy as Value, indices as Value, { axis, batchDims }),
    null,
  ],
});

/** Sums `updates` into a zero tensor with extent `size` along `axis`, at `indices`. */
export function scatterAdd(updates: Value, indices: Value, options: { size: number; axis?: number; batchDims?: number }): Value {
  const { axis = 0, batchDims = 0, size } = options;
  return apply1(scatterAddOp, [updates, indices], { axis, batchDims, size });
}
