/**
 * Data held back from training, to see how a model does on what it has not seen.
 */
import { WeftError, received } from '@weftjs/graph';
import type { ArrayData, NDArray, NDType } from '../core/ndarray.ts';
import { toNDArray } from '../core/ndarray.ts';
import { checkOptions, nonNegativeInteger, optionError } from '../options/strict.ts';
import { seededPermutation } from './permutation.ts';

export interface TrainTestSplitOptions {
  /** The share of samples for testing, between 0 and 1; 0.2 by default. */
  testSplit?: number;
  /** The seed of the shuffle; 0 by default, so that a split repeats. */
  seed?: number;
  /** Whether samples are shuffled first; `true` by default. Series in time should not be. */
  shuffle?: boolean;
}

/** Inputs and targets that belong together. */
export interface Samples<X = NDArray, Y = NDArray> {
  readonly x: X;
  readonly y: Y;
}

/** Training and test samples. */
export interface Split<X = NDArray, Y = NDArray> {
  readonly train: Samples<X, Y>;
  readonly test: Samples<X, Y>;
}

/** The indices of training and test samples among `count`. At least one sample falls on either side. */
export function splitIndices(
  count: number,
  options: TrainTestSplitOptions = {},
): { train: Int32Array; test: Int32Array } {
  checkOptions('trainTestSplit', options, ['testSplit', 'seed', 'shuffle']);
  const { testSplit = 0.2, seed = 0, shuffle = true } = options;
  nonNegativeInteger('trainTestSplit', 'seed', seed);
  if (!(testSplit > 0 && testSplit < 1))
    throw optionError(
      'trainTestSplit',
      'testSplit',
      'a number between 0 and 1',
      testSplit,
      'For a fifth of the samples write 0.2',
    );
  if (count < 2)
    throw new WeftError(
      'WEFT_E_DATA',
      `trainTestSplit needs at least two samples. Received: ${count}. Collect more data.`,
    );
  const order = shuffle ? seededPermutation(count, seed) : Int32Array.from({ length: count }, (_, i) => i);
  const tests = Math.min(count - 1, Math.max(1, Math.ceil(count * testSplit)));
  return { train: order.slice(0, count - tests), test: order.slice(count - tests) };
}

/**
 * Splits inputs and targets into a training and a test part.
 *
 * @throws WeftError `WEFT_E_DATA` when `x` and `y` have different numbers of samples.
 * @example
 * const { train, test } = trainTestSplit(x, y, { testSplit: 0.25, seed: 1 });
 */
export function trainTestSplit(x: ArrayData, y: ArrayData, options: TrainTestSplitOptions = {}): Split {
  const inputs = toNDArray(x) as NDArray;
  const targets = toNDArray(y) as NDArray;
  const count = samplesOf('x', inputs);
  if (samplesOf('y', targets) !== count) {
    throw new WeftError(
      'WEFT_E_DATA',
      `x and y must have the same number of samples, one target for each input. Received: ${count} and ${targets.shape[0]}. Check that no row was dropped from one of them.`,
    );
  }
  const { train, test } = splitIndices(count, options);
  return {
    train: { x: inputs.take(train), y: targets.take(train) },
    test: { x: inputs.take(test), y: targets.take(test) },
  };
}

function samplesOf(name: string, array: NDArray<NDType>): number {
  if (array.rank > 0) return array.shape[0] as number;
  throw new WeftError(
    'WEFT_E_SHAPE',
    `${name} must have an axis of samples. Received: ${received(array.item())}. Pass an array.`,
  );
}
