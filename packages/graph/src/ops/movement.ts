/** Ops that move elements without computing: shape, order, windows and joins. All dtypes. */
import { apply1, defineOp, requireShape, resolveAxes, resolveAxis } from '../core/define.ts';
import { requireSameDType, type Value } from '../core/graph.ts';
import { sameShape, sizeOf, broadcastShapes, type Shape, type TensorType } from '../core/types.ts';
import { unbroadcast } from './elementwise/rules.ts';
import { scatterAdd } from './indexing.ts';
import { full } from './literals.ts';
import { iota } from './iota.ts';
import { add, mul } from './elementwise/arithmetic.ts';

type Pair = readonly [low: number, high: number];

/** The same elements in row-major order under another shape of equal size. */
export const reshapeOp = /* @__PURE__ */ defineOp<'reshape', { readonly shape: Shape }>({
  name: 'reshape',
  infer: ([x], { shape }) => {
    const { dtype, shape: from } = x as TensorType;
    requireShape(sizeOf(from) === sizeOf(shape), 'reshape', `a shape of ${sizeOf(from)} elements, as [${from.join(',')}] has`, shape);
    return [{ dtype, shape }];
  },
  gradient: ({ inputs: [x], grads: [dy] }) => [reshape(dy as Value, (x as Value).type.shape)],
});

/** `x` under another shape; one extent may be −1 and is then computed. */
export function reshape(x: Value, shape: Shape): Value {
  const known = sizeOf(shape.filter((extent) => extent !== -1));
  const full = shape.map((extent) => (extent === -1 ? sizeOf(x.type.shape) / Math.max(1, known) : extent));
  requireShape(
    shape.filter((extent) => extent === -1).length <= 1 && full.every((extent) => Number.isInteger(extent) && extent >= 0),
    'reshape',
    `a shape of ${sizeOf(x.type.shape)} elements with at most one -1`,
    shape,
  );
  return sameShape(full, x.type.shape) ? x : apply1(reshapeOp, [x], { shape: full });
}

/** Output axis i is input axis permutation[i]. */
export const transposeOp = /* @__PURE__ */ defineOp<'transpose', { readonly permutation: readonly number[] }>({
  name: 'transpose',
  infer: ([x], { permutation }) => {
    const { dtype, shape } = x as TensorType;
    const sorted = [...permutation].sort((a, b) => a - b);
    requireShape(
      sorted.length === shape.length && sorted.every((axis, i) => axis === i),
      'transpose',
      `a permutation of the ${shape.length} axes`,
      permutation,
    );
    return [{ dtype, shape: permutation.map((axis) => shape[axis] as number) }];
  },
  gradient: ({ attrs, grads: [dy] }) => [transpose(dy as Value, inversePermutation(attrs.permutation))],
});

/** Permutes the axes; without a permutation, reverses them. */
export function transpose(x: Value, permutation?: readonly number[]): Value {
  const rank = x.type.shape.length;
  const order = permutation?.map((axis) => resolveAxis('transpose', axis, rank)) ?? x.type.shape.map((_, i) => rank - 1 - i);
  return order.length === rank && order.every((axis, i) => axis === i) ? x : apply1(transposeOp, [x], { permutation: order });
}

export function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => (inverse[axis] = i));
  return inverse;
}

/** Repeats along axes of extent 1 and new leading axes. */
export const broadcastToOp = /* @__PURE__ */ defineOp<'broadcastTo', { readonly shape: Shape }>({
  name: 'broadcastTo',
  infer: ([x], { shape }) => {
    const { dtype, shape: from } = x as TensorType;
    const joined = broadcastShapes(from, shape);
    requireShape(joined !== null && sameShape(joined, shape), 'broadcastTo', `a shape that [${from.join(',')}] broadcasts to`, shape);
    return [{ dtype, shape }];
  },
  gradient: ({ inputs: [x], grads: [dy] }) => [unbroadcast(dy as Value, (x as Value).type.shape)],
});

export function broadcastTo(x: Value, shape: Shape): Value {
  return sameShape(x.type.shape, shape) ? x : apply1(broadcastToOp, [x], { shape });
}

export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly limits: readonly number[];
  readonly strides: readonly number[];
  readonly [name: string]: readonly number[];
}

/** Along each axis the elements start, start + stride, … below limit; strides are at least 1. */
export const sliceOp = /* @__PURE__ */ defineOp<'slice', SliceAttrs>({
  name: 'slice',
  infer: ([x], { starts, limits, strides }) => {
    const { dtype, shape } = x as TensorType;
    const rank = shape.length;
    requireShape(starts.length === rank && limits.length === rank && strides.length === rank, 'slice', `${rank} starts, limits and strides`, starts);
    const result = shape.map((extent, axis) => {
      const [start, limit, stride] = [starts[axis], limits[axis], strides[axis]] as [number, number, number];
      requireShape(
        Number.isInteger(start) && start >= 0 && start <= limit && limit <= extent && Number.isInteger(stride) && stride >= 1,
        'slice',
        `0 <= start <= limit <= ${extent} and stride >= 1 along axis ${axis}`,
        [start, limit, stride],
      );
      return Math.ceil((limit - start) / stride);
    });
    return [{ dtype, shape: result }];
  },
  gradient: ({ inputs: [x], grads: [dy], attrs }) => {
    const { shape } = (x as Value).type;
    let grad = dy as Value;
    // strided axes are scattered one by one, the others padded together
    const padding = shape.map((extent, axis): Pair => {
      const [start, limit, stride] = [attrs.starts[axis], attrs.limits[axis], attrs.strides[axis]] as [number, number, number];
      if (stride === 1) return [start, extent - limit];
      const positions = add(mul(iota('int32', [grad.type.shape[axis] as number], 0), stride), start);
      grad = scatterAdd(grad, positions, { axis, size: extent });
      return [0, 0];
    });
    return [pad(grad, padding)];
  },
});

/** A window of `x`; missing limits are the extents, missing strides 1. */
export function slice(x: Value, starts: readonly number[], limits?: readonly number[], strides?: readonly number[]): Value {
  const { shape } = x.type;
  const attrs = { starts, limits: limits ?? shape, strides: strides ?? shape.map(() => 1) };
  const whole =
    starts.length === shape.length && starts.every((s, i) => s === 0 && attrs.limits[i] === shape[i] && attrs.strides[i] === 1);
  return whole ? x : apply1(sliceOp, [x], attrs);
}

/** A window along one axis. */
export function sliceAxis(x: Value, axis: number, start: number, limit: number): Value {
  const at = resolveAxis('slice', axis, x.type.shape.length);
  return slice(
    x,
    x.type.shape.map((_, i) => (i === at ? start : 0)),
    x.type.shape.map((extent, i) => (i === at ? limit : extent)),
  );
}

/** Adds elements of one value before and after, along each axis. */
export const padOp = /* @__PURE__ */ defineOp<'pad', { readonly padding: readonly Pair[]; readonly value: number }>({
  name: 'pad',
  infer: ([x], { padding }) => {
    const { dtype, shape } = x as TensorType;
    requireShape(
      padding.length === shape.length && padding.every(([low, high]) => Number.isInteger(low) && low >= 0 && Number.isInteger(high) && high >= 0),
      'pad',
      `a pair of whole numbers >= 0 for each of the ${shape.length} axes`,
      padding,
    );
    return [{ dtype, shape: shape.map((extent, axis) => extent + (padding[axis] as Pair)[0] + (padding[axis] as Pair)[1]) }];
  },
  gradient: ({ inputs: [x], grads: [dy], attrs: { padding } }) => [
    slice(
      dy as Value,
      padding.map(([low]) => low),
      (x as Value).type.shape.map((extent, axis) => extent + (padding[axis] as Pair)[0]),
    ),
  ],
});

export function pad(x: Value, padding: readonly Pair[], value = 0): Value {
  return padding.every(([low, high]) => low === 0 && high === 0) ? x : apply1(padOp, [x], { padding, value });
}

/** Joins tensors along an axis. */
export const concatOp = /* @__PURE__ */ defineOp<'concat', { readonly axis: number }>({
  name: 'concat',
  infer: (types, { axis }) => {
    requireShape(types.length > 0, 'concat', 'at least one tensor', []);
    const { shape } = types[0] as TensorType;
    const dtype = requireSameDType('concat', types);
    for (const type of types) {
      requireShape(
        type.shape.length === shape.length && type.shape.every((extent, i) => i === axis || extent === shape[i]),
        'concat',
        `shapes that agree in every axis but ${axis}`,
        types.map((t) => t.shape),
      );
    }
    const joined = types.reduce((sum, type) => sum + (type.shape[axis] as number), 0);
    return [{ dtype, shape: shape.map((extent, i) => (i === axis ? joined : extent)) }];
  },
  gradient: ({ inputs, grads: [dy], attrs: { axis }, needs }) => {
    let start = 0;
    return inputs.map((x, i) => {
      const limit = start + (x.type.shape[axis] as number);
      const part = needs[i] ? sliceAxis(dy as Value, axis, start, limit) : null;
      start = limit;
      return part;
    });
  },
});

export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  requireShape(first !== undefined, 'concat', 'at least one tensor', []);
  return values.length === 1 ? first : apply1(concatOp, values, { axis: resolveAxis('concat', axis, first.type.shape.length) });
}

/** Reverses the order along axes. */
export const reverseOp = /* @__PURE__ */ defineOp<'reverse', { readonly axes: readonly number[] }>({
  name: 'reverse',
  infer: ([x], { axes }) => {
    resolveAxes('reverse', axes, (x as TensorType).shape.length);
    return [x as TensorType];
  },
  gradient: ({ grads: [dy], attrs: { axes } }) => [reverse(dy as Value, axes)],
});

export function reverse(x: Value, axes: number | readonly number[]): Value {
  const resolved = resolveAxes('reverse', axes, x.type.shape.length);
  return resolved.length === 0 ? x : apply1(reverseOp, [x], { axes: resolved });
}

/** A new axis of extent 1. */
export function expandDims(x: Value, axis: number): Value {
  const { shape } = x.type;
  const at = resolveAxis('expandDims', axis, shape.length + 1);
  return reshape(x, [...shape.slice(0, at), 1, ...shape.slice(at)]);
}

/** Joins tensors along a new axis. */
export function stack(values: readonly Value[], axis = 0): Value {
  return concat(values.map((value) => expandDims(value, axis)), axis);
}

/** `x` with other elements in front along an axis, and as many dropped at its end. */
export function shiftAxis(x: Value, axis: number, fill: number): Value {
  const extent = x.type.shape[axis] as number;
  if (extent === 0) return x;
  const front = full(x.type.dtype, x.type.shape.map((e, i) => (i === axis ? 1 : e)), fill);
  return concat([front, sliceAxis(x, axis, 0, extent - 1)], axis);
}
