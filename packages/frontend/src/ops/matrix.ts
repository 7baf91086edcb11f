/** Diagonals, and rows and columns put together. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { compute } from '../core/compute.ts';
import { unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** The k-th diagonal of the first two axes, as the last axis. */
export function diagonal<A extends Operand>(x: A, options: { offset?: number } = {}): ResultOf<A> {
  const { offset = 0 } = options;
  return apply1('diagonal', [x], offset, ([value]) => {
    const v = value as Value;
    g.requireShape(v.type.shape.length >= 2, 'diagonal', 'at least two axes', v.type.shape);
    const [rows, columns, ...rest] = v.type.shape as [number, number, ...number[]];
    const [top, left] = [Math.max(0, -offset), Math.max(0, offset)];
    const count = Math.max(0, Math.min(rows - top, columns - left));
    const flat = g.reshape(v, [rows * columns, ...rest]);
    const places = g.add(g.mul(g.iota('int32', [count]), columns + 1), top * columns + left);
    const last = [...rest.map((_, i) => i + 1), 0];
    return g.transpose(g.gather(flat, places), last);
  });
}

/** A square matrix with the elements of a vector on its diagonal; of a matrix, its diagonal. */
export function diag<A extends Operand>(x: A): ResultOf<A> {
  return apply1('diag', [x], null, ([value]) => {
    const v = value as Value;
    const [extent = 0, columns] = v.type.shape;
    if (columns !== undefined) {
      const places = g.mul(g.iota('int32', [Math.min(extent, columns)]), columns + 1);
      return g.gather(g.reshape(v, [extent * columns]), places);
    }
    const on = g.equal(g.iota('int32', [extent, 1], 0), g.iota('int32', [1, extent], 1));
    return g.select(on, g.reshape(v, [extent, 1]), 0);
  });
}

/** The sum of the diagonal of the first two axes. */
export function trace<A extends Operand>(x: A, options: { offset?: number } = {}): ResultOf<A> {
  return apply1('trace', [diagonal(x, options) as Operand as A], null, ([value]) =>
    g.reduceSum(value as Value, { axes: -1 }),
  );
}

/** Joined along the first axis; vectors become rows. */
export function vstack<A extends Operand>(tensors: readonly A[]): ResultOf<A> {
  return apply1('vstack', tensors, null, (values) => {
    const rows = unify(values).map((value) => (value.type.shape.length < 2 ? g.reshape(value, [1, -1]) : value));
    return g.concat(rows, 0);
  });
}

/** Joined along the second axis; vectors along their only one. */
export function hstack<A extends Operand>(tensors: readonly A[]): ResultOf<A> {
  return apply1('hstack', tensors, null, (values) => {
    const parts = unify(values).map((value) => (value.type.shape.length === 0 ? g.reshape(value, [1]) : value));
    return g.concat(parts, (parts[0] as Value).type.shape.length === 1 ? 0 : 1);
  });
}

/**
 * Coordinates of a grid from vectors along its axes: for images `indexing: 'xy'` (the default), where the first vector
 * runs along columns; `'ij'` where it runs along rows.
 */
export function meshgrid<A extends Operand>(
  tensors: readonly A[],
  options: { indexing?: 'xy' | 'ij' } = {},
): ResultOf<A>[] {
  const { indexing = 'xy' } = options;
  return compute('meshgrid', tensors, indexing, (values) => {
    const order = values.map((_, i) => (indexing === 'xy' && i < 2 && values.length > 1 ? 1 - i : i));
    const shape = new Array<number>(values.length);
    values.forEach((value, i) => (shape[order[i] as number] = value.type.shape[0] as number));
    return values.map((value, i) => {
      const line = shape.map((extent, axis) => (axis === order[i] ? extent : 1));
      return g.broadcastTo(g.reshape(value, line), shape);
    });
  }) as unknown as ResultOf<A>[];
}
