/** What convolution and pooling share: window options, and images whose channels come first. */
import * as g from '@weftjs/graph';
import { WeftError, received, type Value } from '@weftjs/graph';
import { oneOf } from '../options/strict.ts';
import { snakeToCamel } from '../names/words.ts';

/** Where the channels of an image are: [batch, …space, channels] or [batch, channels, …space]. */
export type DataFormat = 'channelsLast' | 'channelsFirst';

/**
 * How the edges are treated: windows stay inside, or zeros are added so that strides alone decide the result's extent.
 */
export type PaddingName = 'valid' | 'same';

/** Accepts Keras's spelling as well. */
export function dataFormatFrom(owner: string, value: unknown): DataFormat {
  return oneOf(owner, 'dataFormat', typeof value === 'string' ? snakeToCamel(value) : value, [
    'channelsLast',
    'channelsFirst',
  ]);
}

/** The permutation that brings channels to the end, for a tensor of a rank. */
export function channelsLast(x: Value, format: DataFormat): Value {
  const rank = x.type.shape.length;
  return format === 'channelsLast' ? x : g.transpose(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);
}

/** The way back. */
export function channelsBack(x: Value, format: DataFormat): Value {
  const rank = x.type.shape.length;
  return format === 'channelsLast'
    ? x
    : g.transpose(x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
}

/** One number for all spatial axes, or one each. */
export function perAxis(owner: string, name: string, value: number | readonly number[], rank: number): number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank || list.some((item) => !Number.isInteger(item) || item < 1)) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${owner}: \`${name}\` must be a whole number >= 1, or one for each of ${rank} axes. ` +
        `Received: ${received(value)}.`,
    );
  }
  return list;
}
