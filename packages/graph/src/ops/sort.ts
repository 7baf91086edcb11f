/** Order: sorting and the k largest. Stable (equal elements keep their order); NaN comes last. */
import { applyOp, defineOp, requireDType, requireShape, resolveAxis } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import type { TensorType } from '../core/types.ts';
import { SIGNED } from './dtypes.ts';
import { scatterAdd } from './indexing.ts';
import { inversePermutation, transpose } from './movement.ts';

export interface SortAttrs {
  readonly axis: number;
  readonly descending: boolean;
  readonly [name: string]: number | boolean;
}

/** Cotangents go back to where the elements came from. */
function scatterBack(dy: Value, indices: Value, axis: number, size: number): Value {
  const rank = dy.type.shape.length;
  const order = [...dy.type.shape.map((_, i) => i).filter((i) => i !== axis), axis];
  const grad = scatterAdd(transpose(dy, order), transpose(indices, order), { axis: rank - 1, batchDims: rank - 1, size });
  return transpose(grad, inversePermutation(order));
}

/** The sorted values along an axis, and where each came from (int32). */
export const sortOp = /* @__PURE__ */ defineOp<'sort', SortAttrs>({
  name: 'sort',
  infer: ([x], { axis }) => {
    const type = x as TensorType;
    requireDType('sort', type, SIGNED);
    resolveAxis('sort', axis, type.shape.length);
    return [type, { dtype: 'int32', shape: type.shape }];
  },
  gradient: ({ inputs: [x], outputs: [, indices], grads: [dy], attrs: { axis } }) => [
    scatterBack(dy as Value, indices as Value, axis, (x as Value).type.shape[axis] as number),
  ],
});

/** The k largest along the last axis, largest first, and where each came from (int32). */
export const topKOp = /* @__PURE__ */ defineOp<'topK', { readonly k: number }>({
  name: 'topK',
  infer: ([x], { k }) => {
    const type = x as TensorType;
    requireDType('topK', type, SIGNED);
    const last = type.shape[type.shape.length - 1];
    requireShape(last !== undefined && Number.isInteger(k) && k >= 0 && k <= last, 'topK', `0 <= k <= ${last ?? 'the last extent'}`, k);
    const shape = [...type.shape.slice(0, -1), k];
    return [
      { dtype: type.dtype, shape },
      { dtype: 'int32', shape },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices], grads: [dy] }) => {
    const { shape } = (x as Value).type;
    return [scatterBack(dy as Value, indices as Value, shape.length - 1, shape[shape.length - 1] as number)];
  },
});

export function sort(x: Value, options: { axis?: number; descending?: boolean } = {}): { values: Value; indices: Value } {
  const axis = resolveAxis('sort', options.axis ?? -1, x.type.shape.length);
  const [values, indices] = applyOp(sortOp, [x], { axis, descending: options.descending ?? false }) as readonly [Value, Value];
  return { values, indices };
}

export function topK(x: Value, k: number): { values: Value; indices: Value } {
  const [values, indices] = applyOp(topKOp, [x], { k }) as readonly [Value, Value];
  return { values, indices };
}
