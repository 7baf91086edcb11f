/** A vector as every step of a sequence. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { broadcastTo, expandDims } from '../../ops/shape.ts';
import { positiveInteger } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface RepeatVectorOptions extends LayerOptions {
  /** Number of steps. */
  n: number;
}

/**
 * [batch, features] becomes [batch, n, features].
 * {@link https://keras.io/api/layers/reshaping_layers/repeat_vector/}
 *
 * @example
 * layers.repeatVector({ n: 5 })(x);
 */
export class RepeatVector extends Layer {
  static override readonly className = 'RepeatVector';
  readonly n: number;

  constructor(options: RepeatVectorOptions) {
    super(layerOptions('repeatVector', options, ['n']));
    this.n = positiveInteger('repeatVector', 'n', options?.n);
    this.inputSpec = { rank: 2 };
  }

  override call(inputs: Tensor): Tensor {
    const [batch, features] = inputs.shape as [number, number];
    return broadcastTo(expandDims(inputs, 1), [batch, this.n, features]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), n: this.n };
  }
}

/** A vector as every step of a sequence: `new RepeatVector(options)`. */
export const repeatVector = (options: RepeatVectorOptions): RepeatVector => new RepeatVector(options);
