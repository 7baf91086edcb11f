/** One step of the LSTM layer. */
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import { ndarray } from '../../core/ndarray.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { add, multiply } from '../../ops/arithmetic.ts';
import { split } from '../../ops/join.ts';
import { matmul } from '../../ops/matmul.ts';
import { boolean } from '../../options/strict.ts';
import type { WeightRules } from '../shared/weights.ts';
import { GatedCell, dropped, type CellOptions, type DropoutMasks } from './cell.ts';

export interface LSTMCellOptions extends CellOptions {
  /** The activation of the gates. */
  recurrentActivation?: ActivationLike;
  /** Whether the forget gate starts open: its bias at 1 (Jozefowicz et al. 2015). */
  unitForgetBias?: boolean;
}

/** The names that {@link LSTMCellOptions} adds. */
export const LSTM_NAMES: readonly string[] = ['recurrentActivation', 'unitForgetBias'];

/**
 * i, f, o = σ(gates), c' = f · c + i · activation(candidate), h' = o · activation(c') (Hochreiter and Schmidhuber 1997)
 *
 * Weights hold the gates in the order i, f, candidate, o: `kernel` [features, 4·units], `recurrent_kernel` [units,
 * 4·units], `bias` [4·units].
 * {@link https://keras.io/api/layers/recurrent_layers/lstm_cell/}
 *
 * @example
 * const [output, h, c] = layers.lstmCell({ units: 4 })(x);
 */
export class LSTMCell extends GatedCell {
  static override readonly className = 'LSTMCell';
  readonly recurrentActivation: Activation;
  readonly unitForgetBias: boolean;

  constructor(options: LSTMCellOptions) {
    super('lstmCell', options, LSTM_NAMES);
    this.recurrentActivation = activationFrom(
      options.recurrentActivation === undefined ? 'sigmoid' : options.recurrentActivation,
    );
    this.unitForgetBias = boolean('lstmCell', 'unitForgetBias', options.unitForgetBias ?? true);
  }

  protected override get gates(): number {
    return 4;
  }

  override get stateSize(): readonly number[] {
    return [this.units, this.units];
  }

  protected override biasRules(rules: WeightRules): WeightRules {
    if (!this.unitForgetBias) return rules;
    const { units } = this;
    return {
      ...rules,
      initializer: (_, dtype) => {
        const parts = [
          rules.initializer([units], 'float32').data,
          new Float32Array(units).fill(1),
          rules.initializer([2 * units], 'float32').data,
        ];
        return ndarray(Float32Array.from(parts.flatMap((part) => Array.from(part))), { dtype });
      },
    };
  }

  override project(inputs: Tensor): Tensor {
    const product = matmul(inputs, this.kernel as Variable);
    return this.bias ? add(product, this.bias) : product;
  }

  override step(
    projected: Tensor,
    [h, c]: readonly [Tensor, Tensor],
    masks: DropoutMasks,
  ): { output: Tensor; states: Tensor[] } {
    const z = add(projected, matmul(dropped(h, masks.recurrent), this.recurrentKernel as Variable));
    const [input, forget, candidate, out] = split(z, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
    const gate = this.recurrentActivation;
    const carry = add(multiply(gate(forget), c), multiply(gate(input), this.activation(candidate)));
    const output = multiply(gate(out), this.activation(carry));
    return { output, states: [output, carry] };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      recurrentActivation: activationName(this.recurrentActivation),
      unitForgetBias: this.unitForgetBias,
    };
  }
}

/** One step of the LSTM layer: `new LSTMCell(options)`. */
export const lstmCell = (options: LSTMCellOptions): LSTMCell => new LSTMCell(options);
