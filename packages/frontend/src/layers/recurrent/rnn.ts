/** Any cell as a recurrent layer. */
import { WeftError, received } from '@weftjs/graph';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { Layer } from '../base/layer.ts';
import { layerFrom, savedLayer, type AnyLayer, type SavedLayer } from '../shared/nestedLayer.ts';
import { layerOptions } from '../shared/weights.ts';
import { BaseRNN, RECURRENT_NAMES, type RecurrentOptions } from './baseRnn.ts';
import { RecurrentCell } from './cell.ts';

export interface RNNOptions extends RecurrentOptions {
  /** One step: a cell of Weft, or of your own that extends `RecurrentCell`. */
  cell: RecurrentCell | SavedLayer;
}

/**
 * A cell applied to each step of [batch, steps, features].
 * {@link https://keras.io/api/layers/recurrent_layers/rnn/}
 *
 * @example
 * layers.rnn({ cell: layers.gruCell({ units: 16 }), returnSequences: true })(sequences);
 */
export class RNN<O extends Tensor | Tensor[] = Tensor> extends BaseRNN<O> {
  static override readonly className = 'RNN';

  constructor(options: RNNOptions) {
    const { cell, name, trainable, dtype, inputShape, ...loop } = layerOptions('rnn', options, [
      'cell',
      ...RECURRENT_NAMES,
    ]);
    const own = layerFrom('rnn', 'cell', cell) as unknown;
    if (!(own instanceof RecurrentCell)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `rnn: \`cell\` must be a recurrent cell. ` +
          `Received: ${received(own)}. Write \`rnn({ cell: layers.lstmCell({ units: 8 }) })\`.`,
      );
    }
    super(
      'rnn',
      {
        ...(name !== undefined && { name }),
        ...(trainable !== undefined && { trainable }),
        ...(dtype && { dtype }),
        ...(inputShape && { inputShape }),
      },
      own,
      loop,
    );
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...Layer.prototype.getConfig.call(this),
      ...this.loopConfig(),
      cell: savedLayer(this.cell as unknown as AnyLayer),
    };
  }
}

/** Any cell as a recurrent layer: `new RNN(options)`. */
export function rnn(options: RNNOptions & { returnState: true }): RNN<Tensor[]>;
export function rnn(options: RNNOptions): RNN;
export function rnn(options: RNNOptions): unknown {
  return new RNN(options);
}
