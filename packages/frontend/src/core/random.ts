/**
 * Randomness that repeats. Every consumer owns a stream; the key of a draw is made from the seed, the stream and a count of draws, so that
 * masks, shuffles and initial weights are the same integers on every engine.
 */
import { randomKey } from '@weftjs/graph';
import { journal } from './journal.ts';
import type { Tensor } from './tensor/tensor.ts';
import { upload } from './tensor/convert.ts';
import { ndarray, type NDArray } from './ndarray.ts';
import { currentTrace } from './trace/trace.ts';

let globalSeed = 0;
let seeded = false;
let nextStream = 0;

/**
 * Makes everything random from here on repeat: initial weights, shuffles, dropout. Call it before building the model.
 *
 * @example
 * setRandomSeed(42);
 */
export function setRandomSeed(seed: number): void {
  globalSeed = seed >>> 0;
  seeded = true;
  nextStream = 0;
}

function currentSeed(): number {
  if (!seeded) setRandomSeed(Math.floor(Math.random() * 2 ** 32));
  return globalSeed;
}

/** A stream of random keys. Without a seed of its own it follows `setRandomSeed`. */
export class SeedGenerator {
  readonly seed: number;
  readonly stream: number;
  /** Draws so far. */
  step = 0;

  constructor(seed?: number | null) {
    this.seed = seed ?? currentSeed();
    this.stream = seed === undefined || seed === null ? nextStream++ : 0;
  }

  /** The next key, as two uint32 numbers. */
  nextKey(): readonly [number, number] {
    journal.now?.draws(this);
    return randomKey(this.seed, this.stream, this.step++);
  }

  /** The next key as a tensor uint32[2]; in a traced function a fresh one at every run. */
  keyTensor(): Tensor {
    const trace = currentTrace();
    if (trace) return trace.host({ dtype: 'uint32', shape: [2] }, () => this.nextKey(), 'key');
    return upload(ndarray(Uint32Array.from(this.nextKey())) as unknown as NDArray);
  }
}
