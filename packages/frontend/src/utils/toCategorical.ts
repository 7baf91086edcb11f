/**
 * Class numbers as rows of 0 and 1.
 */
import { WeftError } from '@weftjs/graph';
import { NDArray, describeType, toIntegers, toNDArray } from '../core/ndarray.ts';
import type { ArrayData } from '../core/ndarray.ts';
import { positiveInteger } from '../options/strict.ts';

/**
 * One-hot rows: class k becomes a row of `numClasses` zeros with a one at position k. A last axis of size 1 is dropped.
 *
 * @param y - Whole numbers >= 0.
 * @param numClasses - Number of classes; one more than the largest label by default.
 * @returns float32[…shape of y, numClasses]
 * @throws WeftError `WEFT_E_DATA` for a label out of range, `WEFT_E_DTYPE` for one that is not whole.
 * @see https://keras.io/api/utils/python_utils/#tocategorical-function
 * @example
 * toCategorical([0, 2, 1]).toArray(); // [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
 */
export function toCategorical(y: ArrayData, numClasses?: number): NDArray<'float32'> {
  const labels = toIntegers('toCategorical', toNDArray(y));
  const shape = labels.rank > 1 && labels.shape.at(-1) === 1 ? labels.shape.slice(0, -1) : labels.shape;
  const largest = labels.data.reduce((most, label) => Math.max(most, label), -1);
  const classes = numClasses === undefined ? largest + 1 : positiveInteger('toCategorical', 'numClasses', numClasses);
  const wrong = labels.data.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new WeftError(
      'WEFT_E_DATA',
      `Labels must be whole numbers from 0 to ${classes - 1}. Received: ${labels.data[wrong]} at element ${wrong} of ${describeType(labels)}. ${(labels.data[wrong] as number) < 0 ? 'Shift the labels so that they start at 0' : `Raise \`numClasses\` to ${largest + 1}`}.`,
    );
  }
  const rows = new Float32Array(labels.size * classes);
  labels.data.forEach((label, index) => {
    rows[index * classes + label] = 1;
  });
  return new NDArray(rows, [...shape, classes], 'float32');
}
