/** Noise in training, so that small changes of the input do not matter. */
import { SeedGenerator } from '../../core/random.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { add } from '../../ops/arithmetic.ts';
import { finiteNumber } from '../../options/strict.ts';
import { normal } from '../../random/index.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface GaussianNoiseOptions extends LayerOptions {
  /** Standard deviation of the noise. */
  stddev: number;
  /** A seed of its own, instead of `setRandomSeed`'s. */
  seed?: number | null;
}

/**
 * In training x + noise, normal with mean 0. Else it does nothing.
 * {@link https://keras.io/api/layers/regularization_layers/gaussian_noise/}
 *
 * @example
 * layers.gaussianNoise({ stddev: 0.1 })(x, { training: true });
 */
export class GaussianNoise extends Layer {
  static override readonly className = 'GaussianNoise';
  readonly stddev: number;
  readonly seed: number | null;
  private readonly generator: SeedGenerator;

  constructor(options: GaussianNoiseOptions) {
    super(layerOptions('gaussianNoise', options, ['stddev', 'seed']));
    this.stddev = finiteNumber('gaussianNoise', 'stddev', options?.stddev, { min: 0 });
    this.seed = options.seed ?? null;
    this.generator = new SeedGenerator(this.seed);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor, { training }: CallOptions): Tensor {
    return training && this.stddev > 0
      ? add(inputs, normal(inputs.shape, { stddev: this.stddev, seed: this.generator }))
      : inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), stddev: this.stddev, seed: this.seed };
  }
}

/** Noise in training: `new GaussianNoise(options)`. */
export const gaussianNoise = (options: GaussianNoiseOptions): GaussianNoise => new GaussianNoise(options);
