/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a block cipher used
 * as a generator. It encrypts a counter under a key, so that any element of a random tensor is computed on its own.
 */

/** Two 32-bit words: a key, a counter or a block. */
export type Words = readonly [number, number];

const ROTATIONS: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];
const PARITY = 0x1bd11bda;

/** The block that `counter` encrypts to under `key`. */
export function threefry2x32(key: Words, counter: Words): Words {
  const keys = [key[0], key[1], key[0] ^ key[1] ^ PARITY] as const;
  let x0 = (counter[0] + keys[0]) | 0;
  let x1 = (counter[1] + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const by = ROTATIONS[round & 7] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    if ((round & 3) === 3) {
      const turn = (round >> 2) + 1;
      x0 = (x0 + (keys[turn % 3] as number)) | 0;
      x1 = (x1 + (keys[(turn + 1) % 3] as number) + turn) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** `count` random words: word i is x₀ xor x₁ of the block of counter (hi(i), lo(i)), as `jax.random.bits` gives. */
export function randomWords(key: Words, count: number): Uint32Array {
  const words = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const [x0, x1] = threefry2x32(key, [Math.floor(i / 0x100000000), i >>> 0]);
    words[i] = x0 ^ x1;
  }
  return words;
}
