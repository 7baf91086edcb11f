/**
 * What an initializer is: it makes the first value of a weight, on the host, so that a model starts from the same
 * numbers on every
 * engine.
 */
import { randomWords } from '@weftjs/graph';
import { ndarray, type NDArray } from '../core/ndarray.ts';
import { SeedGenerator } from '../core/random.ts';
import { NamedFunction } from '../options/named.ts';
import { checkOptions, integer } from '../options/strict.ts';
import type { DType } from '@weftjs/graph';

/** Makes the first value of a weight of a shape. */
export type Initializer = (shape: readonly number[], dtype: DType) => NDArray;

export interface BaseInitializer {
  (shape: readonly number[], dtype?: DType): NDArray;
}

/** The base of all initializers: `values` gives the numbers. */
export abstract class BaseInitializer extends NamedFunction {
  /** The numbers, row-major. */
  abstract values(shape: readonly number[]): Float32Array;

  override apply(shape: readonly number[], dtype: DType = 'float32'): NDArray {
    return ndarray(this.values(shape), { shape, dtype }) as NDArray;
  }
}

/** Seed of a random initializer. */
export interface SeedOptions {
  /**
   * A whole number, to repeat; a `SeedGenerator`, to go on from draw to draw. By default it follows `setRandomSeed`.
   * Without a generator an initializer object gives the same numbers whenever it is called with the same shape, as in
   * Keras.
   */
  seed?: number | SeedGenerator | null;
}

/** The base of random initializers. */
export abstract class RandomInitializer extends BaseInitializer {
  readonly seed: number | SeedGenerator | null;
  private key: readonly [number, number] | null = null;

  constructor(owner: string, options: SeedOptions | undefined, known: readonly string[]) {
    super();
    const { seed } = checkOptions(owner, options, [...known, 'seed']) as SeedOptions;
    this.seed =
      seed instanceof SeedGenerator ? seed : seed === undefined || seed === null ? null : integer(owner, 'seed', seed);
  }

  /** Random words for one call. */
  protected words(count: number): Uint32Array {
    if (this.seed instanceof SeedGenerator) return randomWords(this.seed.nextKey(), count);
    this.key ??= new SeedGenerator(this.seed).nextKey();
    return randomWords(this.key, count);
  }

  override getConfig(): Record<string, unknown> {
    return { seed: this.seed instanceof SeedGenerator ? this.seed.seed : this.seed };
  }
}
