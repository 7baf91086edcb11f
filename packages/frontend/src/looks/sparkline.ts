/**
 * A curve in one line of text: each value a block whose height is its place between the smallest and the largest.
 */
import { pythonExponential, pythonFixed } from './pythonFormat.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

/**
 * The curve of some values. Longer series are averaged down to `width` blocks; values that are not finite show as a gap.
 *
 * @example
 * sparkline([1, 2, 4, 8]); // '▁▂▄█'
 */
export function sparkline(values: readonly number[], width = 40): string {
  const shown = values.length > width ? shorten(values, width) : values;
  const finite = shown.filter(Number.isFinite);
  const low = Math.min(...finite);
  const span = Math.max(...finite) - low;
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      const level = span === 0 ? 0 : Math.round(((value - low) / span) * (BLOCKS.length - 1));
      return BLOCKS[level];
    })
    .join('');
}

/** Means of `width` nearly equal stretches. */
function shorten(values: readonly number[], width: number): number[] {
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const to = Math.floor(((index + 1) * values.length) / width);
    let total = 0;
    for (let i = from; i < to; i++) total += values[i] as number;
    return total / (to - from);
  });
}

/** A value of a log, as the progress bar shows it. */
export function formatLog(value: number): string {
  return Math.abs(value) > 1e-3 ? pythonFixed(value, 4) : pythonExponential(value, 4);
}
