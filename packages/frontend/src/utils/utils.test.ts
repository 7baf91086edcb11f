import { describe, expect, it } from 'vitest';
import type { NDArray } from '../core/ndarray.ts';
import { ndarray } from '../core/ndarray.ts';
import { destandardize, featureStatistics, minMaxScale, normalize, standardize } from './normalize.ts';
import { padSequences } from './padSequences.ts';
import { seededPermutation } from './permutation.ts';
import { timeseriesDatasetFromArray } from './timeseries.ts';
import { toCategorical } from './toCategorical.ts';
import { trainTestSplit } from './trainTestSplit.ts';

describe('permutation', () => {
  it('holds every number once, and repeats by seed', () => {
    const order = seededPermutation(1000, 7);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(seededPermutation(1000, 7)).toEqual(order);
    expect(seededPermutation(1000, 8)).not.toEqual(order);
    expect([...seededPermutation(8, 0)]).toMatchInlineSnapshot(`
      [
        4,
        3,
        7,
        1,
        6,
        0,
        2,
        5,
      ]
    `);
  });
});

describe('toCategorical', () => {
  it('makes one-hot rows', () => {
    expect(toCategorical([0, 2, 1]).toArray()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(toCategorical([[1], [0]], 3).toArray()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
    expect(
      toCategorical([
        [1, 0],
        [0, 1],
      ]).shape,
    ).toEqual([2, 2, 2]);
    expect(toCategorical(new Uint8Array([1])).toArray()).toEqual([[0, 1]]);
  });

  it('teaches', () => {
    expect(() => toCategorical([0, 3], 3)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Labels must be whole numbers from 0 to 2. Received: 3 at element 1 of int32[2]. Raise \`numClasses\` to 4.]`,
    );
    expect(() => toCategorical([-1, 0])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Labels must be whole numbers from 0 to 0. Received: -1 at element 0 of int32[2]. Shift the labels so that they start at 0.]`,
    );
    expect(() => toCategorical([0.5])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: toCategorical needs whole numbers. Received: 0.5 at element 0 of float32[1]. Round the values, or use a loss for regression.]`,
    );
  });
});

describe('trainTestSplit', () => {
  const x = ndarray(
    Float32Array.from({ length: 20 }, (_, i) => i),
    { shape: [10, 2] },
  );
  const y = ndarray(Int32Array.from({ length: 10 }, (_, i) => i));

  it('keeps x and y together', () => {
    const { train, test } = trainTestSplit(x, y, { testSplit: 0.3, seed: 1 });
    expect([train.x.shape, test.x.shape, test.y.shape]).toEqual([[7, 2], [3, 2], [3]]);
    for (const part of [train, test]) part.y.data.forEach((label, row) => expect(part.x.at(row, 0)).toBe(label * 2));
    expect([...train.y.data, ...test.y.data].sort((a, b) => a - b)).toEqual([...y.data]);
    expect(trainTestSplit(x, y, { testSplit: 0.3, seed: 1 }).test.y.data).toEqual(test.y.data);
  });

  it('keeps the order when asked', () => {
    expect([...trainTestSplit(x, y, { shuffle: false }).test.y.data]).toEqual([8, 9]);
  });

  it('teaches', () => {
    expect(() => trainTestSplit(x, [1, 2])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: x and y must have the same number of samples, one target for each input. Received: 10 and 2. Check that no row was dropped from one of them.]`,
    );
    expect(() => trainTestSplit(x, y, { testSplit: 20 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: trainTestSplit: \`testSplit\` must be a number between 0 and 1. Received: 20. For a fifth of the samples write 0.2.]`,
    );
    expect(() => trainTestSplit(x, y, { testSize: 0.2 } as object)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: trainTestSplit: unknown option \`testSize\`. It takes: testSplit, seed, shuffle.]`,
    );
    expect(() => trainTestSplit([1], [1])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: trainTestSplit needs at least two samples. Received: 1. Collect more data.]`,
    );
  });
});

describe('scaling', () => {
  const x = ndarray([
    [1, 10],
    [3, 10],
    [5, 40],
  ]);

  it('uses the statistics of the training data again', () => {
    const statistics = featureStatistics(x);
    expect(statistics.mean[0]).toBeCloseTo(3, 12);
    expect(statistics.std[0]).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect(standardize(x, statistics).at(0, 0)).toBeCloseTo(-2 / Math.sqrt(8 / 3), 6);
    expect(standardize([[3, 20]], statistics).at(0, 0)).toBeCloseTo(0, 6);
    expect(destandardize(standardize(x, statistics), statistics).at(2, 1)).toBeCloseTo(40, 4);
    expect(minMaxScale(x).toArray()).toEqual([
      [0, 0],
      [0.5, 0],
      [1, 1],
    ]);
    expect(standardize([[5], [5]]).toArray()).toEqual([[0], [0]]);
  });

  it('gives vectors the length 1', () => {
    expect(
      normalize([
        [3, 4],
        [0, 0],
      ]).toArray(),
    ).toEqual([
      [Math.fround(0.6), Math.fround(0.8)],
      [0, 0],
    ]);
    expect(
      normalize(
        [
          [1, 3],
          [1, 1],
        ],
        0,
        1,
      ).toArray(),
    ).toEqual([
      [0.5, 0.75],
      [0.5, 0.25],
    ]);
  });

  it('teaches', () => {
    expect(() => standardize([[1, 2]], featureStatistics([[1], [2]]))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: standardize needs data with as many features (last axis) as the statistics, 1. Received: float32[1, 2]. Use the statistics of the same features.]`,
    );
    expect(() => featureStatistics([[1, NaN]])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Features must have no missing values. Received: NaN in row 0, feature 1. Use \`table.dropMissing()\` or \`table.fillMissing('mean')\` first.]`,
    );
  });
});

describe('padSequences', () => {
  it('pads and cuts as Keras does', () => {
    expect(padSequences([[1], [2, 3], [4, 5, 6]]).toArray()).toEqual([
      [0, 0, 1],
      [0, 2, 3],
      [4, 5, 6],
    ]);
    expect(padSequences([[1], [2, 3], [4, 5, 6]], { padding: 'post', maxlen: 2 }).toArray()).toEqual([
      [1, 0],
      [2, 3],
      [5, 6],
    ]);
    expect(padSequences([[4, 5, 6], []], { maxlen: 2, truncating: 'post', value: -1 }).toArray()).toEqual([
      [4, 5],
      [-1, -1],
    ]);
    expect(
      padSequences(
        [
          [[1, 2]],
          [
            [3, 4],
            [5, 6],
          ],
        ],
        { dtype: 'float32' },
      ).shape,
    ).toEqual([2, 2, 2]);
    expect(padSequences([['a'], ['b', 'c']], { dtype: 'string', value: '-' }).toArray()).toEqual([
      ['-', 'a'],
      ['b', 'c'],
    ]);
  });

  it('teaches', () => {
    expect(() => padSequences([1, 2] as never)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Each sequence must be an array. Received: 1 at position 0. Wrap it in brackets.]`,
    );
    expect(() => padSequences([[1]], { padding: 'left' } as never)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: padSequences: \`padding\` must be 'pre' or 'post'. Received: "left".]`,
    );
    expect(() => padSequences([[0.5]])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: int32 holds whole numbers from -2147483648 to 2147483647. Received: 0.5 at element 0. Round the values, or use float32.]`,
    );
  });
});

describe('timeseriesDatasetFromArray', () => {
  const series = ndarray(Float32Array.from({ length: 10 }, (_, i) => i));
  const batches = (...args: Parameters<typeof timeseriesDatasetFromArray>): unknown[] =>
    [...timeseriesDatasetFromArray(...args)].map((batch) =>
      Array.isArray(batch) ? batch.map((part) => part.toArray()) : (batch as NDArray).toArray(),
    );

  it('cuts windows with their targets', () => {
    expect(batches(series, series.slice(3), { sequenceLength: 3, batchSize: 5 })).toEqual([
      [
        [
          [0, 1, 2],
          [1, 2, 3],
          [2, 3, 4],
          [3, 4, 5],
          [4, 5, 6],
        ],
        [3, 4, 5, 6, 7],
      ],
      [
        [
          [5, 6, 7],
          [6, 7, 8],
        ],
        [8, 9],
      ],
    ]);
    expect(batches(series, null, { sequenceLength: 2, sequenceStride: 4, samplingRate: 3 })).toEqual([
      [
        [0, 3],
        [4, 7],
      ],
    ]);
    expect(batches(series, null, { sequenceLength: 2, startIndex: 6, endIndex: 9 })).toEqual([
      [
        [6, 7],
        [7, 8],
      ],
    ]);
  });

  it('can be gone through twice, and knows its length', () => {
    const dataset = timeseriesDatasetFromArray(series, null, {
      sequenceLength: 3,
      batchSize: 3,
      shuffle: true,
      seed: 4,
    });
    expect(dataset.length).toBe(3);
    expect([...dataset].length).toBe(3);
    expect([...dataset].map(String)).toEqual([...dataset].map(String));
  });

  it('teaches', () => {
    expect(() => timeseriesDatasetFromArray(series, null, { sequenceLength: 11 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A series must be longer than one window, 11 rows, and have targets. Received: 10 rows. Shorten \`sequenceLength\` or collect more data.]`,
    );
    expect(() =>
      timeseriesDatasetFromArray(series, null, { sequence_length: 3 } as never),
    ).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: timeseriesDatasetFromArray: unknown option \`sequence_length\`. Did you mean \`sequenceLength\`?]`,
    );
  });
});
