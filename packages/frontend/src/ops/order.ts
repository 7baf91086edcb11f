/** Sorting, and the largest elements. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { compute } from '../core/compute.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** In ascending order along an axis; NaN last. */
export function sort<A extends Operand>(x: A, axis = -1): ResultOf<A> {
  return apply1('sort', [x], axis, ([value]) => g.sort(value as Value, { axis }).values);
}

/** Where the elements in ascending order are, int32; equal ones keep their order. */
export function argsort<A extends Operand>(x: A, axis = -1): ResultOf<A> {
  return apply1('argsort', [x], axis, ([value]) => g.sort(value as Value, { axis }).indices);
}

/** The k largest along the last axis, largest first, and where they are. */
export function topK<A extends Operand>(x: A, k: number): [values: ResultOf<A>, indices: ResultOf<A>] {
  return compute('topK', [x], k, ([value]) => {
    const { values, indices } = g.topK(value as Value, k);
    return [values, indices];
  }) as unknown as [ResultOf<A>, ResultOf<A>];
}

/** Whether the class `targets[i]` is among the k largest of `predictions[i]`; ties count as within, as in Keras. */
export function inTopK<T extends Operand, P extends Operand>(targets: T, predictions: P, k: number): ResultOf<T | P> {
  return apply1<T | P>('inTopK', [targets, predictions], k, ([labels, scores]) => {
    const v = scores as Value;
    const places = g.expandDims(g.cast(labels as Value, 'int32'), -1);
    const own = g.gather(v, places, { axis: v.type.shape.length - 1, batchDims: v.type.shape.length - 1 });
    const above = g.reduceSum(g.cast(g.greater(v, own), 'int32'), { axes: -1 });
    const sound = g.reduceAll(g.isFinite(v), { axes: -1 });
    return g.logicalAnd(g.less(above, k), sound);
  });
}
