/** Sorts the options of a recurrent layer: those of all layers, of its cell, and of its loop. */
import { LAYER_OPTIONS, type LayerOptions } from '../base/layer.ts';
import { RECURRENT_NAMES, type RecurrentOptions } from './baseRnn.ts';
import type { CellOptions } from './cell.ts';

export function cellOptions<C extends CellOptions & RecurrentOptions>(
  options: C,
  cellName: string,
): { layer: LayerOptions; cell: C; loop: RecurrentOptions } {
  const layer: Record<string, unknown> = {};
  const cell: Record<string, unknown> = { name: cellName };
  for (const [name, value] of Object.entries(options)) {
    if (LAYER_OPTIONS.includes(name)) layer[name] = value;
    else if (!RECURRENT_NAMES.includes(name)) cell[name] = value;
  }
  for (const shared of ['trainable', 'dtype']) if (layer[shared] !== undefined) cell[shared] = layer[shared];
  return { layer, cell: cell as unknown as C, loop: options };
}
