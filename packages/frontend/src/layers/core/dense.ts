/** The fully connected layer. */
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { add } from '../../ops/arithmetic.ts';
import { matmul } from '../../ops/matmul.ts';
import { savedForm } from '../../options/named.ts';
import { boolean, positiveInteger } from '../../options/strict.ts';
import { regularizerFrom, type RegularizerLike } from '../../regularizers/index.ts';
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

export interface DenseOptions extends LayerOptions, WeightOptions<'kernel' | 'bias'> {
  /** Number of outputs. */
  units: number;
  /** Applied to the outputs; none by default. */
  activation?: ActivationLike;
  useBias?: boolean;
  /** A penalty on the outputs. */
  activityRegularizer?: RegularizerLike;
}

/**
 * y = activation(x · kernel + bias), over the last axis.
 *
 * Input [batch, …, n], output [batch, …, units]; weights `kernel` [n, units] and `bias` [units].
 * {@link https://keras.io/api/layers/core_layers/dense/}
 *
 * @example
 * const y = layers.dense({ units: 64, activation: 'relu' })(x);
 */
export class Dense extends Layer {
  static override readonly className = 'Dense';
  readonly units: number;
  readonly activation: Activation;
  readonly useBias: boolean;
  kernel: Variable | null = null;
  bias: Variable | null = null;
  private readonly kernelRules: WeightRules;
  private readonly biasRules: WeightRules;

  constructor(options: DenseOptions) {
    super(
      layerOptions('dense', options, [
        'units',
        'activation',
        'useBias',
        'activityRegularizer',
        ...weightNames('kernel', 'bias'),
      ]),
    );
    this.units = positiveInteger('dense', 'units', options?.units);
    this.activation = activationFrom(options.activation);
    this.useBias = boolean('dense', 'useBias', options.useBias ?? true);
    this.kernelRules = weightRules(options, 'kernel', 'glorotUniform');
    this.biasRules = weightRules(options, 'bias', 'zeros');
    this.activityRegularizer = regularizerFrom(options.activityRegularizer);
    this.inputSpec = { minRank: 2 };
    this.supportsMasking = true;
  }

  override build(inputShape: OpenShape): void {
    const inputs = knownExtent(this.name, inputShape, -1);
    this.kernel = this.addWeight({ name: 'kernel', shape: [inputs, this.units], ...this.kernelRules });
    if (this.useBias) this.bias = this.addWeight({ name: 'bias', shape: [this.units], ...this.biasRules });
    this.inputSpec = { minRank: 2, axes: { [-1]: inputs } };
  }

  override call(inputs: Tensor): Tensor {
    const product = matmul(inputs, this.kernel as Variable);
    return this.activation(this.bias ? add(product, this.bias) : product);
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationName(this.activation),
      useBias: this.useBias,
      ...weightConfig('kernel', this.kernelRules),
      ...weightConfig('bias', this.biasRules),
      activityRegularizer: savedForm(this.activityRegularizer),
    };
  }
}

/** A fully connected layer: `new Dense(options)`. */
export const dense = (options: DenseOptions): Dense => new Dense(options);
