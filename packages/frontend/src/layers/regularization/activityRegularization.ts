/** A penalty on what passes through. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { finiteNumber } from '../../options/strict.ts';
import { L1L2 } from '../../regularizers/regularizers.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface ActivityRegularizationOptions extends LayerOptions {
  /** Factor of Σ|x|. */
  l1?: number;
  /** Factor of Σx². */
  l2?: number;
}

/**
 * y = x, and `l1` · Σ|x| + `l2` · Σx² is added to the loss.
 * {@link https://keras.io/api/layers/regularization_layers/activity_regularization/}
 *
 * @example
 * layers.activityRegularization({ l1: 1e-4 })(x);
 */
export class ActivityRegularization extends Layer {
  static override readonly className = 'ActivityRegularization';
  readonly l1: number;
  readonly l2: number;

  constructor(options?: ActivityRegularizationOptions) {
    super(layerOptions('activityRegularization', options, ['l1', 'l2']));
    this.l1 = finiteNumber('activityRegularization', 'l1', options?.l1 ?? 0, { min: 0 });
    this.l2 = finiteNumber('activityRegularization', 'l2', options?.l2 ?? 0, { min: 0 });
    this.activityRegularizer = new L1L2({ l1: this.l1, l2: this.l2 });
    this.supportsMasking = true;
  }

  override call(inputs: Tensor): Tensor {
    return inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), l1: this.l1, l2: this.l2 };
  }
}

/** A penalty on what passes through: `new ActivityRegularization(options)`. */
export const activityRegularization = (options?: ActivityRegularizationOptions): ActivityRegularization =>
  new ActivityRegularization(options);
