/** Compares what Weft computed with what Keras did, and says where they differ. */
import type { FixtureTensor } from '../load.ts';

/** Differences up to `absolute + relative · |expected|` are allowed. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export const TOLERANCE: Tolerance = { relative: 1e-5, absolute: 1e-6 };
export const RECURRENT: Tolerance = { relative: 3e-5, absolute: 3e-6 };
export const TRAINED: Tolerance = { relative: 1e-4, absolute: 1e-4 };

interface Computed {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Empty when all is well, else a line that names the worst element. */
export function differences(
  what: string,
  actual: Computed,
  expected: FixtureTensor,
  tolerance: Tolerance = TOLERANCE,
): string[] {
  if (String(actual.shape) !== String(expected.shape))
    return [`${what}: shape [${actual.shape}] instead of [${expected.shape}]`];
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.data.length; i++) {
    const excess = beyond(actual.data[i] as number, expected.data[i] as number, tolerance);
    if (excess > worst) [worst, at] = [excess, i];
  }
  if (at < 0) return [];
  return [
    `${what}: element ${at} is ${actual.data[at]} instead of ${expected.data[at]} ` +
      `(${worst.toPrecision(3)} tolerances away)`,
  ];
}

export function scalarDifferences(
  what: string,
  actual: number,
  expected: number,
  tolerance: Tolerance = TOLERANCE,
): string[] {
  return differences(
    what,
    { shape: [], data: [actual] },
    { shape: [], dtype: 'float32', data: Float32Array.of(expected) },
    tolerance,
  );
}

/** By how many tolerances two numbers differ, where that is more than one. */
function beyond(actual: number, expected: number, { relative, absolute }: Tolerance): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  const ratio = Math.abs(actual - expected) / (absolute + relative * Math.abs(expected));
  return ratio <= 1 ? 0 : Number.isNaN(ratio) ? Infinity : ratio;
}
