/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a block cipher used
 * as a generator. It encrypts a counter under a key, so that any element of a random tensor is computed on its own.
 */

/** Two 32-bit words: a key, a counter or a block. */
export type Words = readonly [number, number];

const ROTATIONS = /* @__PURE__ */ Int32Array.of(13, 15, 26, 6, 17, 29, 16, 24);
const PARITY = 0x1bd11bda;

/** The block that `counter` encrypts to under `key`. */
export function threefry2x32(key: Words, counter: Words): Words {
  const block = new Uint32Array(2);
  encrypt(key, counter[0], counter[1], block, 0);
  return [block[0] as number, block[1] as number];
}

/** Writes the block of a counter: the two words, in plain numbers, as millions of these make the weights of a model. */
function encrypt(key: Words, high: number, low: number, into: Uint32Array, at: number): void {
  const k0 = key[0] | 0;
  const k1 = key[1] | 0;
  const k2 = k0 ^ k1 ^ PARITY;
  let x0 = (high + k0) | 0;
  let x1 = (low + k1) | 0;
  for (let turn = 1; turn <= 5; turn++) {
    const first = (turn & 1) * 4;
    for (let i = 4 - first; i < 8 - first; i++) {
      const by = ROTATIONS[i] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << by) | (x1 >>> (32 - by))) ^ x0;
    }
    // the three keys take turns
    const a = turn % 3;
    x0 = (x0 + (a === 0 ? k0 : a === 1 ? k1 : k2)) | 0;
    x1 = (x1 + (a === 0 ? k1 : a === 1 ? k2 : k0) + turn) | 0;
  }
  into[at] = x0;
  into[at + 1] = x1;
}

/** `count` random words: word i is x₀ xor x₁ of the block of counter (hi(i), lo(i)), as `jax.random.bits` gives. */
export function randomWords(key: Words, count: number): Uint32Array {
  const words = new Uint32Array(count);
  const block = new Uint32Array(2);
  for (let i = 0; i < count; i++) {
    encrypt(key, Math.floor(i / 0x100000000), i | 0, block, 0);
    words[i] = (block[0] as number) ^ (block[1] as number);
  }
  return words;
}
