/**
 * Shuffled indices. The order depends on the key alone, so a seed gives the same shuffle on every machine and engine.
 */
import { randomWords, seedKey } from '@weftjs/graph';

/**
 * The numbers 0 … count - 1 in random order (Fisher and Yates, with words of Threefry).
 *
 * @param key - Two uint32 words, such as `seedKey(seed)`.
 */
export function permutation(count: number, key: readonly [number, number]): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const words = randomWords(key, count);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(((words[i] as number) / 2 ** 32) * (i + 1));
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

/** {@link permutation} by seed. */
export function seededPermutation(count: number, seed: number): Int32Array {
  return permutation(count, seedKey(seed));
}
