/**
 * Indices as people write them: negative ones count from the end, slices stop at the end, and what lies outside is an error
 * that names the axis.
 */
import { WeftError, received } from '@weftjs/graph';

/** One axis of a slice: an index (the axis goes away), `[start, end]`, `[start, end, step]`, or `null` for all of it. */
export type AxisSlice = number | readonly [start: number | null, end?: number | null, step?: number] | null;

export function wrapIndex(index: number, extent: number, axis: number): number {
  const at = index < 0 ? index + extent : index;
  if (Number.isSafeInteger(at) && at >= 0 && at < extent) return at;
  throw new WeftError(
    'WEFT_E_ARGUMENT',
    `An index of axis ${axis} must be a whole number from ${-extent} to ${extent - 1}. Received: ${received(index)}. The axis has ${extent} entries.`,
  );
}

export function wrapAxis(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isSafeInteger(at) && at >= 0 && at < rank) return at;
  throw new WeftError(
    'WEFT_E_ARGUMENT',
    `An axis must be a whole number from ${-rank} to ${rank - 1}. Received: ${received(axis)}. The array has ${rank} ${rank === 1 ? 'axis' : 'axes'}.`,
  );
}

/** Start and end as in `Array.prototype.slice`: negative counts from the end, beyond the end is the end. */
export function bounds(
  pair: readonly [(number | null)?, (number | null)?, number?],
  extent: number,
  axis: number,
): [number, number] {
  const clip = (value: number | null | undefined, fallback: number): number => {
    if (value === undefined || value === null) return fallback;
    if (!Number.isSafeInteger(value))
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `The bounds of a slice must be whole numbers. Received: ${received(value)} for axis ${axis}. Round it first.`,
      );
    return Math.min(extent, Math.max(0, value < 0 ? value + extent : value));
  };
  const from = clip(pair[0], 0);
  return [from, Math.max(from, clip(pair[1], extent))];
}

export function picked(slice: AxisSlice, extent: number, axis: number): number[] {
  if (typeof slice === 'number') return [wrapIndex(slice, extent, axis)];
  const pair = slice ?? [null, null];
  if (!Array.isArray(pair))
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `An entry of slice must be an index, [start, end], [start, end, step] or null. Received: ${received(slice)} for axis ${axis}. Write \`null\` for the whole axis.`,
    );
  const [from, to] = bounds(pair as readonly [number | null, number | null], extent, axis);
  const step = (pair as readonly number[])[2] ?? 1;
  if (!Number.isSafeInteger(step) || step < 1)
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `The step of a slice must be a whole number >= 1. Received: ${received(step)} for axis ${axis}. To reverse an axis use \`take\`.`,
    );
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}
