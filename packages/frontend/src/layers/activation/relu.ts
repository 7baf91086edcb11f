/** The rectifier as a layer. */
import { relu as reluFunction } from '../../activations/functions.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { finiteNumber } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ReLUOptions extends LayerOptions {
  /** The largest value given; none by default. */
  maxValue?: number | null;
  /** Slope below the threshold. */
  negativeSlope?: number;
  /** Where it starts to let pass. */
  threshold?: number;
}

/**
 * x for x ≥ `threshold`, at most `maxValue`; `negativeSlope` · (x − threshold) below.
 * {@link https://keras.io/api/layers/activation_layers/relu/}
 *
 * @example
 * layers.relu({ maxValue: 6 })(x);
 */
export class ReLU extends Layer {
  static override readonly className = 'ReLU';
  readonly maxValue: number | null;
  readonly negativeSlope: number;
  readonly threshold: number;

  constructor(options?: ReLUOptions) {
    super(layerOptions('relu', options, ['maxValue', 'negativeSlope', 'threshold']));
    const { maxValue = null, negativeSlope = 0, threshold = 0 } = options ?? {};
    this.maxValue = maxValue === null ? null : finiteNumber('relu', 'maxValue', maxValue, { min: 0 });
    this.negativeSlope = finiteNumber('relu', 'negativeSlope', negativeSlope, { min: 0 });
    this.threshold = finiteNumber('relu', 'threshold', threshold, { min: 0 });
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return reluFunction(inputs, {
      maxValue: this.maxValue,
      negativeSlope: this.negativeSlope,
      threshold: this.threshold,
    });
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      maxValue: this.maxValue,
      negativeSlope: this.negativeSlope,
      threshold: this.threshold,
    };
  }
}

/** The rectifier as a layer: `new ReLU(options)`. */
export const relu = (options?: ReLUOptions): ReLU => new ReLU(options);
