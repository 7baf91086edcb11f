/** Long short-term memory. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { layerOptions } from '../shared/weights.ts';
import { BaseRNN, RECURRENT_NAMES, type RecurrentOptions } from './baseRnn.ts';
import { CELL_NAMES } from './cell.ts';
import { LSTMCell, LSTM_NAMES, type LSTMCellOptions as CellOnly } from './lstmCell.ts';
import { cellOptions } from './options.ts';

export interface LSTMOptions extends CellOnly, RecurrentOptions {}

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997): a state that gates keep, write and read.
 *
 * Input [batch, steps, features], output [batch, units] or [batch, steps, units]. Steps that a mask leaves out keep the
 * state.
 * {@link https://keras.io/api/layers/recurrent_layers/lstm/}
 *
 * @example
 * layers.lstm({ units: 32, returnSequences: true })(sequences);
 * const [output, h, c] = layers.lstm({ units: 32, returnState: true })(sequences);
 */
export class LSTM<O extends Tensor | Tensor[] = Tensor> extends BaseRNN<O> {
  static override readonly className = 'LSTM';

  constructor(options: LSTMOptions) {
    const { layer, cell, loop } = cellOptions(
      layerOptions('lstm', options, [...RECURRENT_NAMES, ...CELL_NAMES, ...LSTM_NAMES]),
      'lstm_cell',
    );
    super('lstm', layer, new LSTMCell(cell), loop);
  }
}

/** Long short-term memory: `new LSTM(options)`. */
export function lstm(options: LSTMOptions & { returnState: true }): LSTM<Tensor[]>;
export function lstm(options: LSTMOptions): LSTM;
export function lstm(options: LSTMOptions): unknown {
  return new LSTM(options);
}
