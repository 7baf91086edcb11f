/** The simple recurrent layer. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { layerOptions } from '../shared/weights.ts';
import { BaseRNN, RECURRENT_NAMES, type RecurrentOptions } from './baseRnn.ts';
import { CELL_NAMES, type CellOptions } from './cell.ts';
import { SimpleRNNCell } from './simpleRnnCell.ts';
import { cellOptions } from './options.ts';

export interface SimpleRNNOptions extends CellOptions, RecurrentOptions {}

/**
 * hₜ = activation(xₜ · kernel + bias + hₜ₋₁ · recurrentKernel)
 *
 * Input [batch, steps, features], output [batch, units] or [batch, steps, units]. Steps that a mask leaves out keep the
 * state.
 * {@link https://keras.io/api/layers/recurrent_layers/simple_rnn/}
 *
 * @example
 * layers.simpleRnn({ units: 32, returnSequences: true })(sequences);
 * const [output, state] = layers.simpleRnn({ units: 32, returnState: true })(sequences);
 */
export class SimpleRNN<O extends Tensor | Tensor[] = Tensor> extends BaseRNN<O> {
  static override readonly className = 'SimpleRNN';

  constructor(options: SimpleRNNOptions) {
    const { layer, cell, loop } = cellOptions(
      layerOptions('simpleRnn', options, [...RECURRENT_NAMES, ...CELL_NAMES]),
      'simple_rnn_cell',
    );
    super('simpleRnn', layer, new SimpleRNNCell(cell), loop);
  }
}

/** The simple recurrent layer: `new SimpleRNN(options)`. */
export function simpleRnn(options: SimpleRNNOptions & { returnState: true }): SimpleRNN<Tensor[]>;
export function simpleRnn(options: SimpleRNNOptions): SimpleRNN;
export function simpleRnn(options: SimpleRNNOptions): unknown {
  return new SimpleRNN(options);
}
