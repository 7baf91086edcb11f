/**
 * Order. `TopK` is stable: among equals the lower index comes first. NaN must come last in either direction, after the infinities, so that
 * floats are compared as float64 keys in which infinities have become large numbers and NaN an infinity.
 */
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings } from './site.ts';

function sortKeys(e: Emitter, x: Ref, descending: boolean): Ref {
  if (x.dtype === 'int32') return x;
  const wide = e.cast(x, 'float64');
  const clipped = e.node('Clip', [wide, e.same(wide, -1e300), e.same(wide, 1e300)], wide);
  return e.where(e.isNan(x), e.same(wide, descending ? -Infinity : Infinity), clipped);
}

/** The first `k` in order along an axis, and where they came from. */
function inOrder(e: Emitter, x: Ref, axis: number, k: number, descending: boolean): readonly Ref[] {
  const keys = sortKeys(e, x, descending);
  const shape = x.shape.map((extent, i) => (i === axis ? k : extent));
  const types = [{ dtype: keys.dtype, shape }, { dtype: 'int64' as const, shape }];
  const [, indices] = e.nodes('TopK', [keys, e.dims([k])], { axis, largest: descending ? 1 : 0, sorted: 1 }, types) as [Ref, Ref];
  const values = e.node('GatherElements', [x, indices], { dtype: x.dtype, shape }, { axis });
  return [values, e.cast(indices, 'int32')];
}

export const order = {
  sort: ({ e, input, attrs: { axis, descending } }) => {
    const x = input(0);
    return inOrder(e, x, axis, x.shape[axis] as number, descending);
  },
  topK: ({ e, input, attrs: { k } }) => {
    const x = input(0);
    return inOrder(e, x, x.shape.length - 1, k, true);
  },
} satisfies Partial<Lowerings>;

