/** Normalisation with the statistics of each sample. */
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { cast } from '../../ops/compare.ts';
import { layerNormalization as normalize } from '../../ops/normalize.ts';
import { boolean, finiteNumber, integer } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import { knownExtent } from '../shared/shapes.ts';
import {
  layerOptions,
  weightConfig,
  weightNames,
  weightRules,
  type WeightOptions,
  type WeightRules,
} from '../shared/weights.ts';

export interface LayerNormalizationLayerOptions extends LayerOptions, WeightOptions<'beta' | 'gamma'> {
  /** The axes whose statistics are taken; the last by default. */
  axis?: number | readonly number[];
  /** Added to the variance. */
  epsilon?: number;
  /** Whether `beta` is added. */
  center?: boolean;
  /** Whether the result is multiplied by `gamma`. */
  scale?: boolean;
}

/**
 * y = gamma · (x − mean) / √(variance + ε) + beta, with mean and variance over `axis` of each sample (Ba et al. 2016).
 *
 * Weights `gamma` and `beta` of the extents of `axis`.
 * {@link https://keras.io/api/layers/normalization_layers/layer_normalization/}
 *
 * @example
 * layers.layerNormalization()(x);
 */
export class LayerNormalization extends Layer {
  static override readonly className = 'LayerNormalization';
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  gamma: Variable | null = null;
  beta: Variable | null = null;
  private readonly betaRules: WeightRules;
  private readonly gammaRules: WeightRules;

  constructor(options: LayerNormalizationLayerOptions = {}) {
    const owner = 'layerNormalization';
    super(layerOptions(owner, options, ['axis', 'epsilon', 'center', 'scale', ...weightNames('beta', 'gamma')]));
    const { axis = -1 } = options;
    this.axis =
      typeof axis === 'object' ? axis.map((each) => integer(owner, 'axis', each)) : integer(owner, 'axis', axis);
    this.epsilon = finiteNumber(owner, 'epsilon', options.epsilon ?? 1e-3, { min: 0 });
    this.center = boolean(owner, 'center', options.center ?? true);
    this.scale = boolean(owner, 'scale', options.scale ?? true);
    this.betaRules = weightRules(options, 'beta', 'zeros');
    this.gammaRules = weightRules(options, 'gamma', 'ones');
    this.supportsMasking = true;
  }

  override build(inputShape: OpenShape): void {
    const axes = typeof this.axis === 'object' ? [...this.axis] : [this.axis];
    const rank = inputShape.length;
    const shape = axes
      .map((axis) => (axis < 0 ? axis + rank : axis))
      .sort((a, b) => a - b)
      .map((axis) => knownExtent(this.name, inputShape, axis));
    if (this.scale) this.gamma = this.addWeight({ name: 'gamma', shape, ...this.gammaRules });
    if (this.center) this.beta = this.addWeight({ name: 'beta', shape, ...this.betaRules });
  }

  override call(inputs: Tensor): Tensor {
    const { axis, gamma, beta, epsilon } = this;
    return cast(normalize(inputs, { axis, gamma, beta, epsilon }), this.dtype);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      axis: this.axis,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...weightConfig('beta', this.betaRules),
      ...weightConfig('gamma', this.gammaRules),
    };
  }
}

/** Normalisation with the statistics of each sample: `new LayerNormalization(options)`. */
export const layerNormalization = (options?: LayerNormalizationLayerOptions): LayerNormalization =>
  new LayerNormalization(options);
