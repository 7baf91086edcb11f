/** Numbers before and after each spatial axis: what is padded or cropped. */
import { optionError } from '../../options/strict.ts';

/** Elements before and after one axis. */
export type Margin = readonly [before: number, after: number];

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isMargin = (value: unknown): value is Margin =>
  Array.isArray(value) && value.length === 2 && value.every(isCount);

/** One number for all, one for each axis, or a pair for each axis. For one axis a pair is before and after. */
export function marginsFrom(owner: string, name: string, value: unknown, rank: number): Margin[] {
  if (isCount(value)) return new Array<Margin>(rank).fill([value, value]);
  if (rank === 1 && isMargin(value)) return [value];
  if (Array.isArray(value) && value.length === rank) {
    if (value.every(isMargin)) return [...(value as Margin[])];
    if (rank > 1 && value.every(isCount)) return value.map((count: number): Margin => [count, count]);
  }
  const forms =
    rank === 1
      ? 'a whole number >= 0, or [before, after]'
      : `a whole number >= 0, ${rank} of them, or ${rank} pairs [before, after]`;
  throw optionError(owner, name, forms, value);
}
