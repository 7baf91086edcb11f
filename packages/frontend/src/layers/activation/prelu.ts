/** The rectifier whose slope below 0 is learned. */
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { relu } from '../../activations/functions.ts';
import { multiply, negative, subtract } from '../../ops/arithmetic.ts';
import { integer, optionError } from '../../options/strict.ts';
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

export interface PReLUOptions extends LayerOptions, WeightOptions<'alpha'> {
  /** Axes along which the slope is the same, such as [1, 2] for images: one slope a channel. */
  sharedAxes?: number | readonly number[] | null;
}

/**
 * max(x, 0) − alpha · max(−x, 0), with a learned `alpha` of the shape of a sample (He et al. 2015).
 * {@link https://keras.io/api/layers/activation_layers/prelu/}
 *
 * @example
 * layers.prelu({ sharedAxes: [1, 2] })(images);
 */
export class PReLU extends Layer {
  static override readonly className = 'PReLU';
  readonly sharedAxes: readonly number[] | null;
  alpha: Variable | null = null;
  private readonly rules: WeightRules;

  constructor(options: PReLUOptions = {}) {
    super(layerOptions('prelu', options, ['sharedAxes', ...weightNames('alpha')]));
    const { sharedAxes = null } = options;
    this.sharedAxes =
      sharedAxes === null
        ? null
        : (typeof sharedAxes === 'number' ? [sharedAxes] : sharedAxes).map((axis) =>
            integer('prelu', 'sharedAxes', axis),
          );
    if (this.sharedAxes?.some((axis) => axis === 0))
      throw optionError('prelu', 'sharedAxes', 'axes other than 0, the batch', sharedAxes);
    this.rules = weightRules(options, 'alpha', 'zeros');
    this.supportsMasking = true;
  }

  override build(inputShape: OpenShape): void {
    const rank = inputShape.length;
    const shared = (this.sharedAxes ?? []).map((axis) => (axis < 0 ? axis + rank : axis));
    const shape = inputShape
      .slice(1)
      .map((_, i) => (shared.includes(i + 1) ? 1 : knownExtent(this.name, inputShape, i + 1)));
    this.alpha = this.addWeight({ name: 'alpha', shape, ...this.rules });
    const fixed = inputShape.flatMap((_, axis) =>
      axis > 0 && !shared.includes(axis) ? [[axis, knownExtent(this.name, inputShape, axis)] as const] : [],
    );
    this.inputSpec = { rank, axes: Object.fromEntries(fixed) };
  }

  override call(inputs: Tensor): Tensor {
    return subtract(relu(inputs), multiply(this.alpha as Variable, relu(negative(inputs))));
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), ...weightConfig('alpha', this.rules), sharedAxes: this.sharedAxes };
  }
}

/** The rectifier whose slope below 0 is learned: `new PReLU(options)`. */
export const prelu = (options?: PReLUOptions): PReLU => new PReLU(options);
