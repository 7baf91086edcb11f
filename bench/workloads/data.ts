/**
 * Numbers that every contestant, in any language, can compute for itself: xorshift32, a pseudo-random sequence of
 * three shifts.
 */

/** `count` numbers in [0, 1). */
export function pseudoData(count: number, seed: number): Float32Array {
  const data = new Float32Array(count);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < count; i++) {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    data[i] = state / 2 ** 32;
  }
  return data;
}

/** `count` whole numbers from 0 to `below` − 1. */
export const pseudoIndices = (count: number, below: number, seed: number): Int32Array =>
  Int32Array.from(pseudoData(count, seed), (x) => Math.floor(x * below));

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);

/** The elements of an array in another order of its axes. */
export function permuted(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const result = new Float32Array(data.length);
  const position = axes.map(() => 0);
  for (let i = 0; i < result.length; i++) {
    const from = axes.reduce((sum, axis, k) => sum + (position[k] as number) * (strides[axis] as number), 0);
    result[i] = data[from] as number;
    for (let k = axes.length - 1; k >= 0; k--) {
      position[k] = (position[k] as number) + 1;
      if ((position[k] as number) < (shape[axes[k] as number] as number)) break;
      position[k] = 0;
    }
  }
  return result;
}
