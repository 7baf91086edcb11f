/** The gated recurrent unit. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { layerOptions } from '../shared/weights.ts';
import { BaseRNN, RECURRENT_NAMES, type RecurrentOptions } from './baseRnn.ts';
import { CELL_NAMES } from './cell.ts';
import { GRUCell, GRU_NAMES, type GRUCellOptions as CellOnly } from './gruCell.ts';
import { cellOptions } from './options.ts';

export interface GRUOptions extends CellOnly, RecurrentOptions {}

/**
 * The gated recurrent unit (Cho et al. 2014).
 *
 * Input [batch, steps, features], output [batch, units] or [batch, steps, units]. Steps that a mask leaves out keep the
 * state.
 * {@link https://keras.io/api/layers/recurrent_layers/gru/}
 *
 * @example
 * layers.gru({ units: 32, returnSequences: true })(sequences);
 * const [output, state] = layers.gru({ units: 32, returnState: true })(sequences);
 */
export class GRU<O extends Tensor | Tensor[] = Tensor> extends BaseRNN<O> {
  static override readonly className = 'GRU';

  constructor(options: GRUOptions) {
    const { layer, cell, loop } = cellOptions(
      layerOptions('gru', options, [...RECURRENT_NAMES, ...CELL_NAMES, ...GRU_NAMES]),
      'gru_cell',
    );
    super('gru', layer, new GRUCell(cell), loop);
  }
}

/** The gated recurrent unit: `new GRU(options)`. */
export function gru(options: GRUOptions & { returnState: true }): GRU<Tensor[]>;
export function gru(options: GRUOptions): GRU;
export function gru(options: GRUOptions): unknown {
  return new GRU(options);
}
