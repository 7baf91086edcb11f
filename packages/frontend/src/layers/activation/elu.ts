/** The exponential linear unit. */
import { elu as eluFunction } from '../../activations/functions.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { finiteNumber } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ELUOptions extends LayerOptions {
  /** −α is where it levels off. */
  alpha?: number;
}

/**
 * x for x > 0, else α(eˣ − 1) (Clevert et al. 2015).
 * {@link https://keras.io/api/layers/activation_layers/elu/}
 *
 * @example
 * layers.elu()(x);
 */
export class ELU extends Layer {
  static override readonly className = 'ELU';
  readonly alpha: number;

  constructor(options?: ELUOptions) {
    super(layerOptions('elu', options, ['alpha']));
    this.alpha = finiteNumber('elu', 'alpha', options?.alpha ?? 1);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return eluFunction(inputs, { alpha: this.alpha });
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), alpha: this.alpha };
  }
}

/** The exponential linear unit: `new ELU(options)`. */
export const elu = (options?: ELUOptions): ELU => new ELU(options);
