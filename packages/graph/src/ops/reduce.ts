/** Reductions over axes. An empty reduction gives the identity: 0, 1, −∞, ∞, false, true (integers: their least and greatest). */
import { apply1, defineOp, requireDType, requireShape, resolveAxes, resolveAxis, type OpDef } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { sizeOf, type DType, type Shape, type TensorType } from '../core/types.ts';
import { mul, div } from './elementwise/arithmetic.ts';
import { equal } from './elementwise/compare.ts';
import { BOOL, SIGNED } from './dtypes.ts';
import { cast } from './elementwise/select.ts';
import { cumProd } from './cumulative.ts';
import { broadcastTo, inversePermutation, reshape, shiftAxis, transpose } from './movement.ts';

export interface ReduceAttrs {
  /** Sorted. */
  readonly axes: readonly number[];
  /** Reduced axes stay, with extent 1. */
  readonly keepDims: boolean;
  readonly [name: string]: readonly number[] | boolean;
}

interface ReduceOptions {
  /** Which axes; all by default. */
  axes?: number | readonly number[] | null;
  keepDims?: boolean;
}

const keptShape = (shape: Shape, axes: readonly number[]): number[] => shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
const droppedShape = (shape: Shape, axes: readonly number[]): number[] => shape.filter((_, i) => !axes.includes(i));

/** A reduced value (or its cotangent) with the reduced axes back, extent 1. */
const restore = (reduced: Value, x: Value, axes: readonly number[]): Value => reshape(reduced, keptShape(x.type.shape, axes));

type ReduceGradient = (x: Value, y: Value, dy: Value, axes: readonly number[]) => Value;

/** `gradient` gets y and dy with the reduced axes kept. */
function reduceOp<const N extends string>(name: N, accepts: readonly DType[], gradient?: ReduceGradient): OpDef<N, ReduceAttrs> {
  return defineOp<N, ReduceAttrs>({
    name,
    infer: ([x], { axes, keepDims }) => {
      const type = x as TensorType;
      requireDType(name, type, accepts);
      resolveAxes(name, axes, type.shape.length);
      return [{ dtype: type.dtype, shape: keepDims ? keptShape(type.shape, axes) : droppedShape(type.shape, axes) }];
    },
    ...(gradient && {
      gradient: ({ inputs: [x], outputs: [y], grads: [dy], attrs: { axes } }) => [
        gradient(x as Value, restore(y as Value, x as Value, axes), restore(dy as Value, x as Value, axes), axes),
      ],
    }),
  });
}

function applyReduce(def: OpDef<string, ReduceAttrs>, x: Value, { axes, keepDims = false }: ReduceOptions): Value {
  return apply1(def, [x], { axes: resolveAxes(def.name, axes, x.type.shape.length), keepDims });
}

/** Ties share the cotangent equally. */
const shareAmongTies: ReduceGradient = (x, y, dy, axes) => {
  const ties = cast(equal(x, y), x.type.dtype);
  return mul(ties, div(dy, reduceSum(ties, { axes, keepDims: true })));
};

export const reduceSumOp = /* @__PURE__ */ reduceOp('reduceSum', SIGNED, (x, _, dy) => broadcastTo(dy, x.type.shape));
/** Σ over axes */
export const reduceSum = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceSumOp, x, options);

export const reduceProdOp = /* @__PURE__ */ reduceOp('reduceProd', SIGNED, (x, _, dy, axes) => mul(dy, productOfOthers(x, axes)));
/** Π over axes */
export const reduceProd = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceProdOp, x, options);

export const reduceMaxOp = /* @__PURE__ */ reduceOp('reduceMax', SIGNED, shareAmongTies);
/** The largest along axes */
export const reduceMax = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceMaxOp, x, options);

export const reduceMinOp = /* @__PURE__ */ reduceOp('reduceMin', SIGNED, shareAmongTies);
/** The smallest along axes */
export const reduceMin = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceMinOp, x, options);

export const reduceAnyOp = /* @__PURE__ */ reduceOp('reduceAny', BOOL);
/** Whether any element along axes is true */
export const reduceAny = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceAnyOp, x, options);

export const reduceAllOp = /* @__PURE__ */ reduceOp('reduceAll', BOOL);
/** Whether all elements along axes are true */
export const reduceAll = (x: Value, options: ReduceOptions = {}): Value => applyReduce(reduceAllOp, x, options);

/** For each element the product of the other elements along axes; right where some are 0. */
function productOfOthers(x: Value, axes: readonly number[]): Value {
  const { shape } = x.type;
  const others = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...others, ...axes];
  const moved = transpose(x, order);
  const last = others.length;
  const rows = reshape(moved, [...others.map((i) => shape[i] as number), sizeOf(axes.map((i) => shape[i] as number))]);
  const before = shiftAxis(cumProd(rows, { axis: last }), last, 1);
  const after = cumProd(rows, { axis: last, reverse: true, exclusive: true });
  return transpose(reshape(mul(before, after), moved.type.shape), inversePermutation(order));
}

export interface ArgAttrs {
  readonly axis: number;
  readonly [name: string]: number;
}

function argOp<const N extends string>(name: N): OpDef<N, ArgAttrs> {
  return defineOp<N, ArgAttrs>({
    name,
    infer: ([x], { axis }) => {
      const type = x as TensorType;
      requireDType(name, type, SIGNED);
      resolveAxis(name, axis, type.shape.length);
      requireShape(type.shape[axis] !== 0, name, `at least one element along axis ${axis}`, type.shape);
      return [{ dtype: 'int32', shape: droppedShape(type.shape, [axis]) }];
    },
  });
}

export const argMaxOp = /* @__PURE__ */ argOp('argMax');
/** The position of the first largest element along an axis, int32 */
export const argMax = (x: Value, axis: number): Value => apply1(argMaxOp, [x], { axis: resolveAxis('argMax', axis, x.type.shape.length) });

export const argMinOp = /* @__PURE__ */ argOp('argMin');
/** The position of the first smallest element along an axis, int32 */
export const argMin = (x: Value, axis: number): Value => apply1(argMinOp, [x], { axis: resolveAxis('argMin', axis, x.type.shape.length) });
