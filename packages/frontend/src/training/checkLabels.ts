/** Integer labels are checked before training: a label out of range would silently train on nonsense. */
import { WeftError } from '@weftjs/graph';
import { flatten, type Structure } from '../core/functional/structure.ts';
import type { NDArray } from '../core/ndarray.ts';
import { isNDArray } from '../core/ndarray.ts';
import type { Loss } from '../losses/loss.ts';
import type { LaterLoss } from '../losses/lossFrom.ts';
import { perOutput } from './outputs.ts';

/** An output with integer labels: its name, and how many classes it tells apart (null when unknown). */
export interface LabelledOutput {
  readonly name: string;
  readonly loss: Loss | LaterLoss | null;
  readonly classes: number | null;
}

/** Throws when labels of an output with a sparse loss are not whole numbers in [0, classes). */
export function checkLabels(y: Structure<NDArray> | null, outputs: readonly LabelledOutput[]): void {
  if (y === null || !outputs.some(({ loss }) => isSparse(loss))) return;
  const given = isNDArray(y) || outputs.length === flatten(y).length ? perOutput<NDArray>('targets', y, outputs.map(({ name }) => name), 'first') : [];
  outputs.forEach(({ name, loss, classes }, i) => {
    const labels = given[i];
    if (!isSparse(loss) || !labels) return;
    const ignored = (loss.options as { ignoreClass?: number | null }).ignoreClass;
    const { data } = labels;
    for (let at = 0; at < data.length; at++) {
      const label = data[at] as number;
      if (label === ignored) continue;
      if (Number.isInteger(label) && label >= 0 && (classes === null || label < classes)) continue;
      throw new WeftError(
        'WEFT_E_DATA',
        `Labels of output '${name}' must be whole numbers from 0 to ${classes === null ? 'the number of classes − 1' : classes - 1}. Received: ${label} at position ${at}. ` +
          (Number.isInteger(label) && label >= 0 ? `Give the last layer more units, or correct the labels.` : 'Number the classes from 0.'),
      );
    }
  });
}

const isSparse = (loss: Loss | LaterLoss | null): loss is Loss =>
  (loss?.constructor as { className?: string } | undefined)?.className === 'SparseCategoricalCrossentropy' && ((loss as Loss).options as { axis?: number }).axis === -1;
