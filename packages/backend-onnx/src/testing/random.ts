/** Repeatable numbers for tests. */

/** A generator of numbers in [−1, 1), from a seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function randomArray(size: number, next: () => number, scale = 1): Float32Array {
  return Float32Array.from({ length: size }, () => next() * scale);
}
