/**
 * The same points counted by two lists of axes, [6, 4] and [2, 12] say, are also counted by axes that are finer than both: [2, 3, 4]. In them
 * every axis of either list is an affine position, so that two kernels over equally many points can be written over one grid without divisions.
 */
import { along, flatten, makeAxis, type Axis, type Position } from '../../kernel/position.ts';

export interface Refinement {
  /** No axis of extent 1; an axis of the first list where it did not have to be split. */
  readonly axes: readonly Axis[];
  readonly first: ReadonlyMap<Axis, Position>;
  readonly second: ReadonlyMap<Axis, Position>;
}

/** Null where neither list's borders fit into the other's: [4, 6] and [6, 4]. */
export function refine(first: readonly Axis[], second: readonly Axis[]): Refinement | null {
  const [a, b] = [first, second].map((axes) => axes.filter(({ extent }) => extent !== 1)) as [Axis[], Axis[]];
  const axes: Axis[] = [];
  const parts = new Map<Axis, Axis[]>([...a, ...b].map((axis) => [axis, []]));
  let [i, j] = [0, 0];
  let [left, right] = [a[0]?.extent ?? 1, b[0]?.extent ?? 1];
  while (i < a.length && j < b.length) {
    const [mine, other] = [a[i] as Axis, b[j] as Axis];
    const extent = Math.min(left, right);
    if (extent === 0 || left % extent !== 0 || right % extent !== 0) return null;
    const axis = extent === mine.extent ? mine : makeAxis(extent);
    axes.push(axis);
    parts.get(mine)?.push(axis);
    parts.get(other)?.push(axis);
    left /= extent;
    right /= extent;
    if (left === 1) left = a[++i]?.extent ?? 1;
    if (right === 1) right = b[++j]?.extent ?? 1;
  }
  if (i < a.length || j < b.length) return null;
  const positions = (of: readonly Axis[]): Map<Axis, Position> =>
    new Map(of.map((axis) => {
      const own = parts.get(axis) ?? [];
      return [axis, flatten(own.map(along), own.map(({ extent }) => extent))];
    }));
  return { axes, first: positions(first), second: positions(second) };
}
