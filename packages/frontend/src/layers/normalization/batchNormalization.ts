/** Normalisation with the statistics of the batch. */
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { initializerFrom, type Initializer, type InitializerLike } from '../../initializers/index.ts';
import { add, divide, multiply, square, subtract } from '../../ops/arithmetic.ts';
import { cast, where } from '../../ops/compare.ts';
import { batchNormalization as normalize } from '../../ops/normalize.ts';
import { mean as meanOver, sum, variance as varianceOver } from '../../ops/reduce.ts';
import { broadcastTo, expandDims, reshape } from '../../ops/shape.ts';
import { savedForm } from '../../options/named.ts';
import { boolean, finiteNumber, integer } from '../../options/strict.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { knownExtent } from '../shared/shapes.ts';
import {
  layerOptions,
  weightConfig,
  weightNames,
  weightRules,
  type WeightOptions,
  type WeightRules,
} from '../shared/weights.ts';

export interface BatchNormalizationLayerOptions extends LayerOptions, WeightOptions<'beta' | 'gamma'> {
  /** The axis that keeps its own statistics: the channels. */
  axis?: number;
  /** How slowly the moving statistics follow. */
  momentum?: number;
  /** Added to the variance. */
  epsilon?: number;
  /** Whether `beta` is added. */
  center?: boolean;
  /** Whether the result is multiplied by `gamma`. */
  scale?: boolean;
  movingMeanInitializer?: InitializerLike;
  movingVarianceInitializer?: InitializerLike;
}

/**
 * y = gamma · (x − mean) / √(variance + ε) + beta (Ioffe and Szegedy 2015)
 *
 * In training with the mean and variance of the batch, and the moving statistics follow: m ← m · momentum + mean · (1 −
 * momentum). Otherwise, and when frozen, with the moving statistics. Weights `gamma`, `beta`, `moving_mean`,
 * `moving_variance` of the extent of `axis`. Steps that a mask leaves out do not count.
 * {@link https://keras.io/api/layers/normalization_layers/batch_normalization/}
 *
 * @example
 * layers.batchNormalization()(x, { training: true });
 */
export class BatchNormalization extends Layer {
  static override readonly className = 'BatchNormalization';
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;
  gamma: Variable | null = null;
  beta: Variable | null = null;
  movingMean: Variable | null = null;
  movingVariance: Variable | null = null;
  private readonly betaRules: WeightRules;
  private readonly gammaRules: WeightRules;
  private readonly movingMeanInitializer: Initializer;
  private readonly movingVarianceInitializer: Initializer;

  constructor(options: BatchNormalizationLayerOptions = {}) {
    const owner = 'batchNormalization';
    super(
      layerOptions(owner, options, [
        'axis',
        'momentum',
        'epsilon',
        'center',
        'scale',
        ...weightNames('beta', 'gamma'),
        'movingMeanInitializer',
        'movingVarianceInitializer',
      ]),
    );
    this.axis = integer(owner, 'axis', options.axis ?? -1);
    this.momentum = finiteNumber(owner, 'momentum', options.momentum ?? 0.99);
    this.epsilon = finiteNumber(owner, 'epsilon', options.epsilon ?? 1e-3, { min: 0 });
    this.center = boolean(owner, 'center', options.center ?? true);
    this.scale = boolean(owner, 'scale', options.scale ?? true);
    this.betaRules = weightRules(options, 'beta', 'zeros');
    this.gammaRules = weightRules(options, 'gamma', 'ones');
    this.movingMeanInitializer = initializerFrom(options.movingMeanInitializer ?? 'zeros');
    this.movingVarianceInitializer = initializerFrom(options.movingVarianceInitializer ?? 'ones');
    this.supportsMasking = true;
  }

  override build(inputShape: OpenShape): void {
    const extent = knownExtent(this.name, inputShape, this.axis);
    const shape = [extent];
    if (this.scale) this.gamma = this.addWeight({ name: 'gamma', shape, ...this.gammaRules });
    if (this.center) this.beta = this.addWeight({ name: 'beta', shape, ...this.betaRules });
    this.movingMean = this.addWeight({
      name: 'moving_mean',
      shape,
      initializer: this.movingMeanInitializer,
      trainable: false,
    });
    this.movingVariance = this.addWeight({
      name: 'moving_variance',
      shape,
      initializer: this.movingVarianceInitializer,
      trainable: false,
    });
    this.inputSpec = { rank: inputShape.length, axes: { [this.axis]: extent } };
  }

  override call(inputs: Tensor, { training, mask }: CallOptions): Tensor {
    const x = cast(inputs, 'float32');
    const [movingMean, movingVariance] = [this.movingMean as Variable, this.movingVariance as Variable];
    let [mean, variance]: (Tensor | Variable)[] = [movingMean, movingVariance];
    if (training && this.trainable) {
      [mean, variance] = this.moments(x, (mask ?? null) as Tensor | null);
      this.follow(movingMean, mean);
      this.follow(movingVariance, variance);
    }
    const { axis, epsilon, gamma, beta } = this;
    const y = normalize(x, mean as Tensor, variance as Tensor, {
      axis,
      epsilon,
      ...(gamma && { scale: gamma }),
      ...(beta && { offset: beta }),
    });
    return cast(y, this.dtype);
  }

  /** The statistics of the batch over all axes but `axis`. */
  private moments(x: Tensor, mask: Tensor | null): [Tensor, Tensor] {
    const rank = x.shape.length;
    const channels = this.axis < 0 ? this.axis + rank : this.axis;
    const axis = x.shape.map((_, i) => i).filter((i) => i !== channels);
    if (!mask) return [meanOver(x, { axis }), varianceOver(x, { axis })];
    const kept = broadcastTo(expandDims(mask, -1), x.shape);
    const count = add(sum(cast(kept, 'float32'), { axis, keepdims: true }), 1e-7);
    const mean = divide(sum(where(kept, x, 0), { axis, keepdims: true }), count);
    const variance = divide(sum(square(where(kept, subtract(x, mean), 0)), { axis, keepdims: true }), count);
    return [reshape(mean, [-1]), reshape(variance, [-1])];
  }

  private follow(moving: Variable, value: Tensor): void {
    moving.assign(cast(add(multiply(moving, this.momentum), multiply(value, 1 - this.momentum)), moving.dtype));
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      axis: this.axis,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      ...weightConfig('beta', this.betaRules),
      ...weightConfig('gamma', this.gammaRules),
      movingMeanInitializer: savedForm(this.movingMeanInitializer),
      movingVarianceInitializer: savedForm(this.movingVarianceInitializer),
    };
  }
}

/** Normalisation with the statistics of the batch: `new BatchNormalization(options)`. */
export const batchNormalization = (options?: BatchNormalizationLayerOptions): BatchNormalization =>
  new BatchNormalization(options);
