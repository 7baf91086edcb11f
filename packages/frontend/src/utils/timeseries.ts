/**
 * A long series cut into windows: what recurrent and convolutional models of time learn from.
 */
import { WeftError } from '@weftjs/graph';
import type { ArrayData, NDArray } from '../core/ndarray.ts';
import { toNDArray } from '../core/ndarray.ts';
import { boolean, checkOptions, nonNegativeInteger, optionError, positiveInteger } from '../options/strict.ts';
import { seededPermutation } from './permutation.ts';

export interface TimeseriesOptions {
  /** Number of steps in a window. */
  sequenceLength: number;
  /** Steps from the start of one window to that of the next; 1 by default. */
  sequenceStride?: number;
  /** Steps from one element of a window to the next; 1 by default. */
  samplingRate?: number;
  /** Windows in a batch; 128 by default. */
  batchSize?: number;
  /** Whether windows come in random order; `false` by default. */
  shuffle?: boolean;
  /** The seed of the order; 0 by default. */
  seed?: number;
  /** The first and the last (exclusive) row to use. */
  startIndex?: number;
  endIndex?: number;
}

const KNOWN = [
  'sequenceLength',
  'sequenceStride',
  'samplingRate',
  'batchSize',
  'shuffle',
  'seed',
  'startIndex',
  'endIndex',
];

/** Batches of windows, and of targets where there are any. Can be gone through again and again. */
export interface TimeseriesDataset extends Iterable<NDArray | [x: NDArray, y: NDArray]> {
  /** Number of batches. */
  readonly length: number;
}

/**
 * Windows of `sequenceLength` rows of `data`, each with the row of `targets` at its start. To predict the step behind the
 * window, pass `data.slice(sequenceLength)` as targets.
 *
 * @param data - [time, …features]
 * @param targets - [time, …], or null for windows without targets.
 * @see https://keras.io/api/data_loading/timeseries/#timeseriesdatasetfromarray-function
 * @example
 * const batches = timeseriesDatasetFromArray(series, series.slice(12), { sequenceLength: 12, batchSize: 32 });
 * await model.fit(batches, { epochs: 5 });
 */
export function timeseriesDatasetFromArray(
  data: ArrayData,
  targets: ArrayData | null,
  options: TimeseriesOptions,
): TimeseriesDataset {
  const owner = 'timeseriesDatasetFromArray';
  checkOptions(owner, options, KNOWN);
  const { sequenceStride = 1, samplingRate = 1, batchSize = 128, shuffle = false, seed = 0, startIndex = 0 } = options;
  const sequenceLength = positiveInteger(owner, 'sequenceLength', options.sequenceLength);
  positiveInteger(owner, 'sequenceStride', sequenceStride);
  positiveInteger(owner, 'samplingRate', samplingRate);
  positiveInteger(owner, 'batchSize', batchSize);
  boolean(owner, 'shuffle', shuffle);
  nonNegativeInteger(owner, 'seed', seed);
  const series = toNDArray(data) as NDArray;
  const rows = series.shape[0] ?? 0;
  const endIndex = options.endIndex ?? rows;
  nonNegativeInteger(owner, 'startIndex', startIndex);
  if (!(Number.isInteger(endIndex) && endIndex > startIndex && endIndex <= rows)) {
    throw optionError(
      owner,
      'endIndex',
      `a whole number after startIndex, ${startIndex}, and up to the length of the data, ${rows}`,
      endIndex,
    );
  }
  const used = series.slice(startIndex, endIndex);
  const aims = targets === null ? null : (toNDArray(targets) as NDArray).slice(startIndex, endIndex);

  const span = (sequenceLength - 1) * samplingRate;
  const room = endIndex - startIndex - span;
  const count = Math.max(0, Math.ceil(Math.min(room, aims?.shape[0] ?? room) / sequenceStride));
  if (count === 0) {
    throw new WeftError(
      'WEFT_E_DATA',
      `A series must be longer than one window, ${span + 1} rows, and have targets. Received: ${endIndex - startIndex} rows${aims === null ? '' : ` and ${aims.shape[0]} targets`}. Shorten \`sequenceLength\` or collect more data.`,
    );
  }
  const order = shuffle ? seededPermutation(count, seed) : Int32Array.from({ length: count }, (_, i) => i);
  const starts = order.map((index) => index * sequenceStride);

  return {
    length: Math.ceil(count / batchSize),
    *[Symbol.iterator]() {
      for (let from = 0; from < count; from += batchSize) {
        const batch = starts.slice(from, from + batchSize);
        const indices = Array.from(batch, (start) =>
          Array.from({ length: sequenceLength }, (_, step) => start + step * samplingRate),
        ).flat();
        const x = used.take(indices).reshape([batch.length, sequenceLength, ...used.shape.slice(1)]);
        yield aims === null ? x : ([x, aims.take(batch)] as [NDArray, NDArray]);
      }
    },
  };
}
