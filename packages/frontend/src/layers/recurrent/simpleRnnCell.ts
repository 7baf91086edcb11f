/** One step of the simple recurrent layer. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { add } from '../../ops/arithmetic.ts';
import { matmul } from '../../ops/matmul.ts';
import { GatedCell, dropped, type CellOptions, type DropoutMasks } from './cell.ts';

/**
 * h' = activation(x · kernel + bias + h · recurrentKernel)
 * {@link https://keras.io/api/layers/recurrent_layers/simple_rnn_cell/}
 *
 * @example
 * const [output, state] = layers.simpleRnnCell({ units: 4 })(x);
 */
export class SimpleRNNCell extends GatedCell {
  static override readonly className = 'SimpleRNNCell';

  constructor(options: CellOptions) {
    super('simpleRnnCell', options);
  }

  protected override get gates(): number {
    return 1;
  }

  override project(inputs: Tensor): Tensor {
    const product = matmul(inputs, this.kernel as Variable);
    return this.bias ? add(product, this.bias) : product;
  }

  override step(projected: Tensor, [h]: readonly [Tensor], masks: DropoutMasks): { output: Tensor; states: Tensor[] } {
    const output = this.activation(
      add(projected, matmul(dropped(h, masks.recurrent), this.recurrentKernel as Variable)),
    );
    return { output, states: [output] };
  }
}

/** One step of the simple recurrent layer: `new SimpleRNNCell(options)`. */
export const simpleRnnCell = (options: CellOptions): SimpleRNNCell => new SimpleRNNCell(options);
