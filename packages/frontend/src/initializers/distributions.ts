/** Random initial values with a spread of your own choice. */
import { sizeOf } from '@weftjs/graph';
import { finiteNumber } from '../options/strict.ts';
import { drawEach, normalOf, truncatedNormalOf, unitOf } from '../random/distributions.ts';
import { RandomInitializer, type SeedOptions } from './initializer.ts';

export interface RandomUniformOptions extends SeedOptions {
  /** Lower bound. */
  minval?: number;
  /** Upper bound, not reached. */
  maxval?: number;
}

/** Uniform on [minval, maxval). {@link https://keras.io/api/layers/initializers/#randomuniform-class} */
export class RandomUniform extends RandomInitializer {
  static override readonly className = 'RandomUniform';
  readonly minval: number;
  readonly maxval: number;

  constructor(options?: RandomUniformOptions) {
    super('randomUniform', options, ['minval', 'maxval']);
    this.minval = finiteNumber('randomUniform', 'minval', options?.minval ?? -0.05);
    this.maxval = finiteNumber('randomUniform', 'maxval', options?.maxval ?? 0.05);
  }

  override values(shape: readonly number[]): Float32Array {
    const range = this.maxval - this.minval;
    return drawEach(this.words(sizeOf(shape)), (word) => this.minval + range * unitOf(word));
  }

  override getConfig(): Record<string, unknown> {
    return { minval: this.minval, maxval: this.maxval, ...super.getConfig() };
  }
}

export interface RandomNormalOptions extends SeedOptions {
  mean?: number;
  /** Standard deviation. */
  stddev?: number;
}

/** Normal. {@link https://keras.io/api/layers/initializers/#randomnormal-class} */
export class RandomNormal extends RandomInitializer {
  static override readonly className: string = 'RandomNormal';
  readonly mean: number;
  readonly stddev: number;

  constructor(options?: RandomNormalOptions, owner = 'randomNormal') {
    super(owner, options, ['mean', 'stddev']);
    this.mean = finiteNumber(owner, 'mean', options?.mean ?? 0);
    this.stddev = finiteNumber(owner, 'stddev', options?.stddev ?? 0.05, { min: 0 });
  }

  protected draw(word: number): number {
    return normalOf(word);
  }

  override values(shape: readonly number[]): Float32Array {
    return drawEach(this.words(sizeOf(shape)), (word) => this.mean + this.stddev * this.draw(word));
  }

  override getConfig(): Record<string, unknown> {
    return { mean: this.mean, stddev: this.stddev, ...super.getConfig() };
  }
}

/**
 * Normal, within two deviations of the mean. {@link https://keras.io/api/layers/initializers/#truncatednormal-class}
 */
export class TruncatedNormal extends RandomNormal {
  static override readonly className: string = 'TruncatedNormal';

  constructor(options?: RandomNormalOptions) {
    super(options, 'truncatedNormal');
  }

  protected override draw(word: number): number {
    return truncatedNormalOf(word);
  }
}
