import { describe, expect, it } from 'vitest';
import { literal, type Expression } from '../kernel/expression.ts';
import { along, combine, makeAxis, plus, type Axis, type Position } from '../kernel/position.ts';
import { cutsAlong } from './vectorize.ts';

const guard = (position: Position, low: number, high: number): Expression => ({
  kind: 'guard', type: 'float32', bounds: [{ position, low, high }], inside: literal('float32', 1), outside: literal('float32', 0),
});

describe('cuts of a walk', () => {
  const axis = makeAxis(20);
  const at = (coefficient: number, offset: number): Position => plus(combine([along(axis)], [coefficient]), offset);

  it.each([
    ['rises', 1, -3],
    ['rises in steps', 3, -7],
    ['falls', -1, 10],
    ['falls in steps that meet an edge', -2, 20],
    ['falls in steps that miss the edges', -3, 20],
  ])('lie where a guard changes whose position %s', (_, coefficient, offset) => {
    const [low, high] = [0, 6];
    const holds = (value: number): boolean => low <= coefficient * value + offset && coefficient * value + offset < high;
    const changes = Array.from({ length: axis.extent }, (__, i) => i).filter((i) => i > 0 && holds(i) !== holds(i - 1));
    const walkOf = (walked: Axis): number[] => cutsAlong(walked, [guard(at(coefficient, offset), low, high)], 0);
    expect(walkOf(axis)).toEqual([0, ...changes, axis.extent]);
  });
});
