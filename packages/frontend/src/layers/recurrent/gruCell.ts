/** One step of the GRU layer. */
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { add, multiply, subtract } from '../../ops/arithmetic.ts';
import { getItem } from '../../ops/indexing.ts';
import { split } from '../../ops/join.ts';
import { matmul } from '../../ops/matmul.ts';
import { boolean } from '../../options/strict.ts';
import { GatedCell, dropped, type CellOptions, type DropoutMasks } from './cell.ts';

export interface GRUCellOptions extends CellOptions {
  /** The activation of the gates. */
  recurrentActivation?: ActivationLike;
  /** Whether the reset gate acts after the product with the recurrent kernel, which then has its own bias. */
  resetAfter?: boolean;
}

/** The names that {@link GRUCellOptions} adds. */
export const GRU_NAMES: readonly string[] = ['recurrentActivation', 'resetAfter'];

/**
 * z, r = σ(gates), h' = z · h + (1 − z) · activation(candidate), where r resets what the candidate sees of h (Cho et
 * al. 2014)
 *
 * Weights hold the gates in the order z, r, candidate: `kernel` [features, 3·units], `recurrent_kernel` [units,
 * 3·units]; `bias` [2, 3·units], or
 * [3·units] when the reset comes before the product.
 * {@link https://keras.io/api/layers/recurrent_layers/gru_cell/}
 *
 * @example
 * const [output, state] = layers.gruCell({ units: 4 })(x);
 */
export class GRUCell extends GatedCell {
  static override readonly className = 'GRUCell';
  readonly recurrentActivation: Activation;
  readonly resetAfter: boolean;

  constructor(options: GRUCellOptions) {
    super('gruCell', options, GRU_NAMES);
    this.recurrentActivation = activationFrom(
      options.recurrentActivation === undefined ? 'sigmoid' : options.recurrentActivation,
    );
    this.resetAfter = boolean('gruCell', 'resetAfter', options.resetAfter ?? true);
  }

  protected override get gates(): number {
    return 3;
  }

  protected override get biasShape(): readonly number[] {
    return this.resetAfter ? [2, 3 * this.units] : [3 * this.units];
  }

  override project(inputs: Tensor): Tensor {
    const product = matmul(inputs, this.kernel as Variable);
    if (!this.bias) return product;
    return add(product, this.resetAfter ? getItem(this.bias, 0) : this.bias);
  }

  override step(projected: Tensor, [h]: readonly [Tensor], masks: DropoutMasks): { output: Tensor; states: Tensor[] } {
    const { units, recurrentActivation: gate } = this;
    const seen = dropped(h, masks.recurrent);
    const kernel = this.recurrentKernel as Variable;
    const [xz, xr, xh] = split(projected, 3, -1) as [Tensor, Tensor, Tensor];
    let update: Tensor;
    let candidate: Tensor;
    if (this.resetAfter) {
      const product = matmul(seen, kernel);
      const [hz, hr, hh] = split(this.bias ? add(product, getItem(this.bias, 1)) : product, 3, -1) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      update = gate(add(xz, hz));
      candidate = add(xh, multiply(gate(add(xr, hr)), hh));
    } else {
      const [hz, hr] = split(matmul(seen, getItem(kernel, null, [0, 2 * units])), 2, -1) as [Tensor, Tensor];
      update = gate(add(xz, hz));
      candidate = add(xh, matmul(multiply(gate(add(xr, hr)), seen), getItem(kernel, null, [2 * units])));
    }
    const output = add(multiply(update, h), multiply(subtract(1, update), this.activation(candidate)));
    return { output, states: [output] };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      recurrentActivation: activationName(this.recurrentActivation),
      resetAfter: this.resetAfter,
    };
  }
}

/** One step of the GRU layer: `new GRUCell(options)`. */
export const gruCell = (options: GRUCellOptions): GRUCell => new GRUCell(options);
