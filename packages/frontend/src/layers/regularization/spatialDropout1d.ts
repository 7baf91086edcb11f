/** Dropout of whole features of a sequence. */
import { SeedGenerator } from '../../core/random.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { probability } from '../../options/strict.ts';
import { dropout } from '../../random/index.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface SpatialDropoutOptions extends LayerOptions {
  /** The share of features set to 0. */
  rate: number;
  /** A seed of its own, instead of `setRandomSeed`'s. */
  seed?: number | null;
}

/**
 * In training sets features of [batch, steps, features] to 0 for all steps at once, as neighbouring steps are alike
 * (Tompson et al. 2014).
 * {@link https://keras.io/api/layers/regularization_layers/spatial_dropout1d/}
 *
 * @example
 * layers.spatialDropout1d({ rate: 0.2 })(sequences, { training: true });
 */
export class SpatialDropout1D extends Layer {
  static override readonly className = 'SpatialDropout1D';
  readonly rate: number;
  readonly seed: number | null;
  private readonly generator: SeedGenerator;

  constructor(options: SpatialDropoutOptions) {
    super(layerOptions('spatialDropout1d', options, ['rate', 'seed']));
    this.rate = probability('spatialDropout1d', 'rate', options?.rate);
    this.seed = options.seed ?? null;
    this.generator = new SeedGenerator(this.seed);
    this.supportsMasking = true;
    this.inputSpec = { rank: 3 };
  }

  override call(inputs: Tensor, { training }: CallOptions): Tensor {
    return training && this.rate > 0
      ? dropout(inputs, this.rate, { noiseShape: [null, 1, null], seed: this.generator })
      : inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }
}

/** Dropout of whole features of a sequence: `new SpatialDropout1D(options)`. */
export const spatialDropout1d = (options: SpatialDropoutOptions): SpatialDropout1D => new SpatialDropout1D(options);
