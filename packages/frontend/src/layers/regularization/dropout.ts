/** Dropout: in training some inputs are set to 0, so that units do not rely on each other. */
import { SeedGenerator } from '../../core/random.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { probability } from '../../options/strict.ts';
import { dropout as dropoutOp } from '../../random/index.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface DropoutOptions extends LayerOptions {
  /** The share of inputs set to 0. */
  rate: number;
  /** Extents 1 share one decision along that axis; null is the input's own extent. */
  noiseShape?: readonly (number | null)[] | null;
  /** A seed of its own, instead of `setRandomSeed`'s. */
  seed?: number | null;
}

/**
 * In training sets inputs to 0 with probability `rate` and divides the others by 1 − rate (Srivastava et al. 2014).
 * Else it does nothing.
 * {@link https://keras.io/api/layers/regularization_layers/dropout/}
 *
 * @example
 * layers.dropout({ rate: 0.5 })(x, { training: true });
 */
export class Dropout extends Layer {
  static override readonly className = 'Dropout';
  readonly rate: number;
  readonly noiseShape: readonly (number | null)[] | null;
  readonly seed: number | null;
  private readonly generator: SeedGenerator;

  constructor(options: DropoutOptions) {
    super(layerOptions('dropout', options, ['rate', 'noiseShape', 'seed']));
    this.rate = probability('dropout', 'rate', options?.rate);
    this.noiseShape = options.noiseShape ?? null;
    this.seed = options.seed ?? null;
    this.generator = new SeedGenerator(this.seed);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor, { training }: CallOptions): Tensor {
    return training && this.rate > 0
      ? dropoutOp(inputs, this.rate, { noiseShape: this.noiseShape, seed: this.generator })
      : inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), rate: this.rate, noiseShape: this.noiseShape, seed: this.seed };
  }
}

/** Dropout: `new Dropout(options)`. */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options);
