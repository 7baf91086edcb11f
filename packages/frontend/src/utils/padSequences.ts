/**
 * Sequences of different lengths as one rectangular array.
 */
import { WeftError, received } from '@weftjs/graph';
import { NDArray, toNDArray } from '../core/ndarray.ts';
import type { ArrayData, NDType } from '../core/ndarray.ts';
import { allocate } from '../core/ndarray/dtypes.ts';
import { writer } from '../core/ndarray/elements.ts';
import { checkOptions, oneOf, positiveInteger } from '../options/strict.ts';

export interface PadSequencesOptions<D extends NDType = NDType> {
  /** Length of all results; that of the longest sequence by default. */
  maxlen?: number;
  /** Element type; int32 by default. */
  dtype?: D;
  /** Whether padding stands before or after the sequence; before by default, as in Keras. */
  padding?: 'pre' | 'post';
  /** Whether long sequences lose their beginning or their end; the beginning by default, as in Keras. */
  truncating?: 'pre' | 'post';
  /** What fills the gaps; 0 by default. */
  value?: number | string;
}

/**
 * Pads and cuts sequences to one length.
 *
 * @returns [sequences, maxlen, …shape of an element]
 * @see https://keras.io/api/data_loading/timeseries/#padsequences-function
 * @example
 * padSequences([[1], [2, 3]]).toArray(); // [[0, 1], [2, 3]]
 */
export function padSequences<D extends NDType = 'int32'>(
  sequences: readonly ArrayData[],
  options: PadSequencesOptions<D> = {},
): NDArray<D> {
  checkOptions('padSequences', options, ['maxlen', 'dtype', 'padding', 'truncating', 'value']);
  const { padding = 'pre', truncating = 'pre' } = options;
  const dtype = (options.dtype ?? 'int32') as D;
  oneOf('padSequences', 'padding', padding, ['pre', 'post']);
  oneOf('padSequences', 'truncating', truncating, ['pre', 'post']);
  if (!Array.isArray(sequences))
    throw new WeftError(
      'WEFT_E_DATA',
      `padSequences needs an array of sequences. Received: ${received(sequences)}. Wrap a single sequence in brackets.`,
    );

  const rows = sequences.map((sequence, index) => {
    const row = toNDArray(sequence, (sequence as { length?: number }).length === 0 ? dtype : undefined);
    if (row.rank === 0)
      throw new WeftError(
        'WEFT_E_DATA',
        `Each sequence must be an array. Received: ${received(sequence)} at position ${index}. Wrap it in brackets.`,
      );
    return row;
  });
  const element = rows.find((row) => row.size > 0)?.shape.slice(1) ?? [];
  const longest = rows.reduce((most, row) => Math.max(most, row.shape[0] as number), 0);
  const length = options.maxlen === undefined ? longest : positiveInteger('padSequences', 'maxlen', options.maxlen);

  const inner = element.reduce((product, size) => product * size, 1);
  const result = allocate(dtype, rows.length * length * inner);
  const write = writer(result, dtype);
  const value = options.value ?? (dtype === 'string' ? '' : 0);
  for (let i = 0; i < result.length; i++) write(i, value);
  rows.forEach((row, index) => {
    if (row.size > 0 && row.shape.slice(1).join() !== element.join()) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `The elements of all sequences must have one shape, here [${element.join(', ')}]. Received: [${row.shape.slice(1).join(', ')}] in sequence ${index}. Make the elements alike first.`,
      );
    }
    const count = row.shape[0] as number;
    const kept = truncating === 'pre' ? row.slice(Math.max(0, count - length), count) : row.slice(0, length);
    const gap = padding === 'pre' ? length - (kept.shape[0] as number) : 0;
    kept.data.forEach((entry: string | number, offset: number) =>
      write((index * length + gap) * inner + offset, entry),
    );
  });
  return new NDArray(result, [rows.length, length, ...element], dtype);
}
