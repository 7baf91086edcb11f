/** Tensors made from nothing but a shape, and like others. */
import * as g from '@weftjs/graph';
import { isFloat, type DType, type Shape, type Value } from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { apply1, unary, type Operand, type ResultOf } from './define.ts';

const made = (name: string, options: unknown, build: () => Value): Tensor => computeOne(name, [], options, build);

/** All zeros. */
export const zeros = (shape: Shape, options: { dtype?: DType } = {}): Tensor => full(shape, 0, options);
/** All ones. */
export const ones = (shape: Shape, options: { dtype?: DType } = {}): Tensor => full(shape, 1, options);

/** One number everywhere. */
export function full(shape: Shape, fillValue: number, options: { dtype?: DType } = {}): Tensor {
  const { dtype = 'float32' } = options;
  return made('full', [shape, String(fillValue), dtype], () => g.full(dtype, shape, fillValue));
}

/** Zeros with the shape and dtype of x. */
export const zerosLike = /* @__PURE__ */ unary('zerosLike', (x) => g.zerosLike(x));
/** Ones with the shape and dtype of x. */
export const onesLike = /* @__PURE__ */ unary('onesLike', (x) => g.onesLike(x));
/** One number with the shape and dtype of x. */
export function fullLike<A extends Operand>(x: A, fillValue: number): ResultOf<A> {
  return apply1('fullLike', [x], String(fillValue), ([value]) =>
    g.full((value as Value).type.dtype, (value as Value).type.shape, fillValue),
  );
}

/**
 * start, start + step, … below stop; with one argument 0, 1, … below it. Whole numbers give int32.
 *
 * @example
 * ops.arange(3);       // [0, 1, 2]
 * ops.arange(1, 2, 0.25);
 */
export function arange(start: number, stop?: number, step = 1, options: { dtype?: DType } = {}): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  const whole = [from, to, step].every(Number.isInteger);
  const dtype = options.dtype ?? (whole ? 'int32' : 'float32');
  const count = Math.max(0, Math.ceil((to - from) / step));
  return made('arange', [from, to, step, dtype], () => {
    const kind = isFloat(dtype) ? dtype : 'int32';
    return g.cast(g.add(g.mul(g.iota(kind, [count]), step), from), dtype);
  });
}

/** `num` numbers from start to stop, evenly spaced, both ends included. */
export function linspace(
  start: number,
  stop: number,
  options: { num?: number; endpoint?: boolean; dtype?: DType } = {},
): Tensor {
  const { num = 50, endpoint = true, dtype = 'float32' } = options;
  return made('linspace', [start, stop, num, endpoint, dtype], () => {
    const step = (stop - start) / Math.max(1, endpoint ? num - 1 : num);
    return g.cast(g.add(g.mul(g.iota('float32', [num]), step), start), dtype);
  });
}

/** Ones on the k-th diagonal of a matrix, else zeros. */
export function eye(rows: number, columns = rows, options: { k?: number; dtype?: DType } = {}): Tensor {
  const { k = 0, dtype = 'float32' } = options;
  return made('eye', [rows, columns, k, dtype], () => g.cast(g.equal(offsets(rows, columns), k), dtype));
}

/** The square matrix of {@link eye}. */
export const identity = (size: number, options: { dtype?: DType } = {}): Tensor => eye(size, size, options);

/** Ones on and below the k-th diagonal, else zeros. */
export function tri(rows: number, columns = rows, options: { k?: number; dtype?: DType } = {}): Tensor {
  const { k = 0, dtype = 'float32' } = options;
  return made('tri', [rows, columns, k, dtype], () => g.cast(g.lessEqual(offsets(rows, columns), k), dtype));
}

/** How far right of the diagonal each place of a matrix is. */
const offsets = (rows: number, columns: number): Value =>
  g.sub(g.iota('int32', [1, columns], 1), g.iota('int32', [rows, 1], 0));

function triangle<A extends Operand>(name: string, x: A, k: number, keep: (offset: Value) => Value): ResultOf<A> {
  return apply1(name, [x], k, ([value]) => {
    const v = value as Value;
    g.requireShape(v.type.shape.length >= 2, name, 'a matrix, or a batch of them', v.type.shape);
    const [rows, columns] = v.type.shape.slice(-2) as [number, number];
    return g.select(keep(offsets(rows, columns)), v, 0);
  });
}

/** Zeros above the k-th diagonal of the last two axes. */
export const tril = <A extends Operand>(x: A, options: { k?: number } = {}): ResultOf<A> =>
  triangle('tril', x, options.k ?? 0, (offset) => g.lessEqual(offset, options.k ?? 0));
/** Zeros below the k-th diagonal of the last two axes. */
export const triu = <A extends Operand>(x: A, options: { k?: number } = {}): ResultOf<A> =>
  triangle('triu', x, options.k ?? 0, (offset) => g.greaterEqual(offset, options.k ?? 0));
