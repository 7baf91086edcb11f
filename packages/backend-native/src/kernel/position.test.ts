import { describe, expect, it } from 'vitest';
import { along, at, flatten, makeAxis, plus, positionKey, quotient, rangeOf, remainder, times, unflatten, type Axis, type Position } from './position.ts';

/** The value of a position for values of its axes. */
function valueOf({ offset, terms }: Position, values: ReadonlyMap<Axis, number>): number {
  let sum = offset;
  for (const { atom, coefficient } of terms) {
    if (atom.kind === 'axis') sum += coefficient * values.get(atom.axis)!;
    else if (atom.kind !== 'value') {
      const of = valueOf(atom.of, values);
      sum += coefficient * (atom.kind === 'quotient' ? Math.floor(of / atom.by) : of - atom.by * Math.floor(of / atom.by));
    }
  }
  return sum;
}

describe('positions', () => {
  it('cancel when a reshape is undone', () => {
    const axes = [makeAxis(4), makeAxis(6)];
    const flat = flatten(axes.map(along), [4, 6]);
    expect(unflatten(flat, [4, 6]).map(positionKey)).toEqual(axes.map((axis) => positionKey(along(axis))));
    expect(unflatten(flat, [4, 2, 3]).map((position) => position.terms.length)).toEqual([1, 1, 1]);
  });

  it('agree with arithmetic on numbers, negative ones included', () => {
    const [i, j] = [makeAxis(5), makeAxis(7)];
    const positions = [plus(times(along(i), 14), plus(along(j), -3)), plus(times(along(i), -6), times(along(j), 4)), plus(times(along(j), 3), 5), at(-7)];
    for (const position of positions) {
      for (const by of [1, 2, 3, 4, 7, 12]) {
        const [q, r] = [quotient(position, by), remainder(position, by)];
        for (let a = 0; a < 5; a++) {
          for (let b = 0; b < 7; b++) {
            const values = new Map([[i, a], [j, b]]);
            const number = valueOf(position, values);
            expect(valueOf(q, values)).toBe(Math.floor(number / by));
            expect(valueOf(r, values)).toBe(number - by * Math.floor(number / by));
            const [low, high] = rangeOf(q);
            expect(Math.floor(number / by)).toBeGreaterThanOrEqual(low);
            expect(Math.floor(number / by)).toBeLessThanOrEqual(high);
          }
        }
      }
    }
  });
});
