/**
 * Initial values whose spread follows from how many numbers a unit adds up, so that signals keep their size from layer
 * to layer: Glorot and Bengio 2010 (saturating activations), He et al. 2015 (relu), LeCun et al. 1998 (selu).
 */
import { sizeOf } from '@weftjs/graph';
import { checkOptions, finiteNumber, oneOf } from '../options/strict.ts';
import { snakeToCamel } from '../names/words.ts';
import { drawEach, normalOf, truncatedNormalOf, unitOf } from '../random/distributions.ts';
import { RandomInitializer, type SeedOptions } from './initializer.ts';

const MODES = ['fanIn', 'fanOut', 'fanAvg'] as const;
const DISTRIBUTIONS = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const;

/** Deviation of a normal distribution cut off at two deviations. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

export interface VarianceScalingOptions extends SeedOptions {
  scale?: number;
  /** Which count the variance is divided by. */
  mode?: (typeof MODES)[number];
  distribution?: (typeof DISTRIBUTIONS)[number];
}

/** How many numbers go into a unit and come out of it, for a kernel [...window, in, out]. */
export function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const [only = 1] = shape;
  if (shape.length < 2) return { fanIn: only, fanOut: only };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: (shape[shape.length - 2] as number) * window, fanOut: (shape[shape.length - 1] as number) * window };
}

/** Variance `scale` / fan. {@link https://keras.io/api/layers/initializers/#variancescaling-class} */
export class VarianceScaling extends RandomInitializer {
  static override readonly className: string = 'VarianceScaling';
  readonly scale: number;
  readonly mode: (typeof MODES)[number];
  readonly distribution: (typeof DISTRIBUTIONS)[number];

  constructor(options?: VarianceScalingOptions, owner = 'varianceScaling') {
    super(owner, options, ['scale', 'mode', 'distribution']);
    const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal' } = options ?? {};
    this.scale = finiteNumber(owner, 'scale', scale, { min: 0 });
    this.mode = oneOf(owner, 'mode', snakeToCamel(mode), MODES);
    this.distribution = oneOf(owner, 'distribution', snakeToCamel(distribution), DISTRIBUTIONS);
  }

  override values(shape: readonly number[]): Float32Array {
    const { fanIn, fanOut } = fansOf(shape);
    const fan = this.mode === 'fanIn' ? fanIn : this.mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const variance = this.scale / Math.max(1, fan);
    const words = this.words(sizeOf(shape));
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return drawEach(words, (word) => limit * (2 * unitOf(word) - 1));
    }
    const truncated = this.distribution === 'truncatedNormal';
    const deviation = Math.sqrt(variance) / (truncated ? TRUNCATED_DEVIATION : 1);
    const draw = truncated ? truncatedNormalOf : normalOf;
    return drawEach(words, (word) => deviation * draw(word));
  }

  override getConfig(): Record<string, unknown> {
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, ...super.getConfig() };
  }
}

/** One of the named rules: only its seed is open. */
abstract class NamedScaling extends VarianceScaling {
  constructor(owner: string, rule: Required<Omit<VarianceScalingOptions, 'seed'>>, options: SeedOptions | undefined) {
    // the owner's own options are checked first, so that `scale` is refused in its name
    super({ ...rule, ...checked(owner, options) }, owner);
  }

  override getConfig(): Record<string, unknown> {
    return { seed: super.getConfig().seed };
  }
}

/** Uniform on ±√(6 / (fanIn + fanOut)). {@link https://keras.io/api/layers/initializers/#glorotuniform-class} */
export class GlorotUniform extends NamedScaling {
  static override readonly className = 'GlorotUniform';
  constructor(options?: SeedOptions) {
    super('glorotUniform', { scale: 1, mode: 'fanAvg', distribution: 'uniform' }, options);
  }
}

/**
 * Truncated normal, variance 2 / (fanIn + fanOut). {@link https://keras.io/api/layers/initializers/#glorotnormal-class}
 */
export class GlorotNormal extends NamedScaling {
  static override readonly className = 'GlorotNormal';
  constructor(options?: SeedOptions) {
    super('glorotNormal', { scale: 1, mode: 'fanAvg', distribution: 'truncatedNormal' }, options);
  }
}

/** Uniform on ±√(6 / fanIn). {@link https://keras.io/api/layers/initializers/#heuniform-class} */
export class HeUniform extends NamedScaling {
  static override readonly className = 'HeUniform';
  constructor(options?: SeedOptions) {
    super('heUniform', { scale: 2, mode: 'fanIn', distribution: 'uniform' }, options);
  }
}

/** Truncated normal, variance 2 / fanIn. {@link https://keras.io/api/layers/initializers/#henormal-class} */
export class HeNormal extends NamedScaling {
  static override readonly className = 'HeNormal';
  constructor(options?: SeedOptions) {
    super('heNormal', { scale: 2, mode: 'fanIn', distribution: 'truncatedNormal' }, options);
  }
}

/** Uniform on ±√(3 / fanIn). {@link https://keras.io/api/layers/initializers/#lecununiform-class} */
export class LecunUniform extends NamedScaling {
  static override readonly className = 'LecunUniform';
  constructor(options?: SeedOptions) {
    super('lecunUniform', { scale: 1, mode: 'fanIn', distribution: 'uniform' }, options);
  }
}

/** Truncated normal, variance 1 / fanIn. {@link https://keras.io/api/layers/initializers/#lecunnormal-class} */
export class LecunNormal extends NamedScaling {
  static override readonly className = 'LecunNormal';
  constructor(options?: SeedOptions) {
    super('lecunNormal', { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' }, options);
  }
}

function checked(owner: string, options: SeedOptions | undefined): SeedOptions {
  return checkOptions(owner, options, ['seed']);
}
