/** Reading the arguments of `fit` and its like: data, targets, options. */
import type { ArrayData } from './data/arraySource.ts';
import { readData, sampleCount } from './data/read.ts';
import { isStream } from './data/stream.ts';
import { requireNotOptions } from './fitOptions.ts';

/** Targets and options. Options may stand in the place of y when the first argument is a data set. */
export function readArguments<O extends object>(method: string, x: unknown, y: unknown, options: O | undefined): [y: unknown, options: O] {
  if (options === undefined && y !== null && typeof y === 'object' && Object.getPrototypeOf(y) === Object.prototype && isStream(x)) return [undefined, y as O];
  requireNotOptions(method, y);
  return [y, options ?? ({} as O)];
}

/** The arrays that a person gives: one batch, or all there is. */
export async function readArrays(x: unknown, y: unknown, sampleWeight: unknown): Promise<ArrayData> {
  const arrays = {
    x: await readData('x', x),
    y: y === undefined || y === null ? null : await readData('y', y),
    sampleWeight: sampleWeight === undefined || sampleWeight === null ? null : await readData('sampleWeight', sampleWeight),
  };
  return { ...arrays, count: sampleCount([['x', arrays.x], ['y', arrays.y], ['sampleWeight', arrays.sampleWeight]]) };
}
