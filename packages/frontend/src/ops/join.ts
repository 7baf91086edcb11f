/** Tensors put together and taken apart. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { compute } from '../core/compute.ts';
import { unify } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

/** Joined along an axis that is there. */
export function concatenate<A extends Operand>(tensors: readonly A[], axis = 0): ResultOf<A> {
  return apply1('concatenate', tensors, axis, (values) =>
    g.concat(unify(values), g.resolveAxis('concatenate', axis, (values[0] as Value).type.shape.length)),
  );
}

/** Joined along a new axis. */
export function stack<A extends Operand>(tensors: readonly A[], axis = 0): ResultOf<A> {
  return apply1('stack', tensors, axis, (values) =>
    g.stack(unify(values), g.resolveAxis('stack', axis, (values[0] as Value).type.shape.length + 1)),
  );
}

/** In so many equal parts, or at the given positions, along an axis. */
export function split<A extends Operand>(x: A, indicesOrSections: number | readonly number[], axis = 0): ResultOf<A>[] {
  return compute('split', [x], [indicesOrSections, axis], ([value]) => {
    const v = value as Value;
    const at = g.resolveAxis('split', axis, v.type.shape.length);
    const extent = v.type.shape[at] as number;
    if (typeof indicesOrSections === 'number')
      g.requireShape(
        extent % indicesOrSections === 0,
        'split',
        `an extent that ${indicesOrSections} divides`,
        v.type.shape,
      );
    const cuts =
      typeof indicesOrSections === 'number'
        ? Array.from({ length: indicesOrSections + 1 }, (_, i) => (i * extent) / indicesOrSections)
        : [0, ...indicesOrSections.map((cut) => Math.min(extent, cut < 0 ? cut + extent : cut)), extent];
    return cuts.slice(1).map((end, i) => g.sliceAxis(v, at, cuts[i] as number, Math.max(end, cuts[i] as number)));
  }) as unknown as ResultOf<A>[];
}

/** The slices along an axis, without it. */
export function unstack<A extends Operand>(x: A, axis = 0): ResultOf<A>[] {
  return compute('unstack', [x], axis, ([value]) => {
    const v = value as Value;
    const at = g.resolveAxis('unstack', axis, v.type.shape.length);
    const rest = v.type.shape.filter((_, i) => i !== at);
    return Array.from({ length: v.type.shape[at] as number }, (_, i) => g.reshape(g.sliceAxis(v, at, i, i + 1), rest));
  }) as unknown as ResultOf<A>[];
}
