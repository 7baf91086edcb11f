/**
 * The same points counted by two lists of axes, [6, 4] and [2, 12] say, are also counted by axes that are finer than both: [2, 3, 4]. In them
 * every axis of either list is an affine position, so that two kernels over equally many points can be written over one grid without divisions.
 */
import { along, at, makeAxis, plus, times, type Axis, type Position } from '../../kernel/position.ts';
import { withoutUnits } from './rows.ts';

export interface Refinement {
  /** No axis of extent 1; an axis of the first list where it did not have to be split. */
  readonly axes: readonly Axis[];
  /** What the axes of both lists are in those. */
  readonly images: ReadonlyMap<Axis, Position>;
}

/** Null where neither list's borders fit into the other's: [4, 6] and [6, 4]. */
export function refine(first: readonly Axis[], second: readonly Axis[]): Refinement | null {
  const [a, b] = [first, second].map(withoutUnits) as [Axis[], Axis[]];
  const axes: Axis[] = [];
  const images = new Map<Axis, Position>();
  let [i, j] = [0, 0];
  let [left, right] = [a[0]?.extent ?? 1, b[0]?.extent ?? 1];
  while (i < a.length && j < b.length) {
    const [mine, other] = [a[i] as Axis, b[j] as Axis];
    const extent = Math.min(left, right);
    if (left % extent !== 0 || right % extent !== 0) return null;
    const axis = extent === mine.extent ? mine : makeAxis(extent);
    axes.push(axis);
    for (const coarse of [mine, other]) images.set(coarse, plus(times(images.get(coarse) ?? at(0), extent), along(axis)));
    left /= extent;
    right /= extent;
    if (left === 1) left = a[++i]?.extent ?? 1;
    if (right === 1) right = b[++j]?.extent ?? 1;
  }
  return i < a.length || j < b.length ? null : { axes, images };
}
