/**
 * What the data sets of rows and columns share: gaps are handled, categories become one-hot columns, numbers are standardized
 * with the statistics of the training rows, and a fifth of the rows, chosen by a seed, is the test set.
 */
import type { NDType } from '../core/ndarray.ts';
import { NDArray } from '../core/ndarray.ts';
import { Table } from '../data/table.ts';
import { boolean, checkOptions } from '../options/strict.ts';
import type { Statistics } from '../utils/normalize.ts';
import { featureStatistics, standardize } from '../utils/normalize.ts';
import { splitIndices } from '../utils/trainTestSplit.ts';
import { announce } from './announce.ts';
import type { DataFile, Found } from './provide/files.ts';
import { download, readLocal } from './provide/files.ts';

export interface TabularOptions {
  /** `true` leaves the numbers as they are in the file. */
  raw?: boolean;
  /** The seed of the split; 0 by default. */
  seed?: number;
  /** The share of rows for testing; 0.2 by default. */
  testSplit?: number;
  /** `false` prints nothing. */
  verbose?: boolean;
}

export interface TabularSamples {
  /** Features float32[rows, columns]. */
  readonly x: NDArray;
  /** Class numbers int32[rows], or numbers float32[rows]. */
  readonly y: NDArray;
  /** The rows themselves, with the names and values of the file. */
  readonly table: Table;
}

export interface TabularDataset {
  readonly train: TabularSamples;
  readonly test: TabularSamples;
  /** The name of each column of `x`; one-hot columns are called `name=value`. */
  readonly columns: readonly string[];
  /** What each class number means; empty for regression. */
  readonly classes: readonly string[];
  /** Of the numeric columns of `train.x` before they were standardized. */
  readonly statistics: Statistics;
  readonly source: string;
}

/** How a table becomes features and targets. */
export interface TabularRecipe {
  readonly name: string;
  readonly numeric: readonly string[];
  /** Columns that become one column for each value. */
  readonly categorical?: readonly string[];
  readonly target: string;
  /** Names of the classes in sorted order of the target's values; absent for regression. */
  readonly classes?: readonly string[];
  /** What a target is divided by to be of the order of 1; kept whole when `raw`. */
  readonly targetUnit?: number;
}

/** The data set that a recipe makes of a table. */
export function tabularDataset(
  recipe: TabularRecipe,
  table: Table,
  source: string,
  options: TabularOptions,
): TabularDataset {
  const owner = `datasets.${recipe.name}.load`;
  checkOptions(owner, options, ['raw', 'seed', 'testSplit', 'verbose']);
  const { raw = false, seed = 0, testSplit = 0.2, verbose = true } = options;
  boolean(owner, 'raw', raw);
  boolean(owner, 'verbose', verbose);

  const indices = splitIndices(table.length, { seed, testSplit });
  const categories = (recipe.categorical ?? []).map((name) => ({ name, values: table.encode(name).classes }));
  const numericTrain = table.rows([...indices.train]).select(recipe.numeric);
  const statistics = featureStatistics(numericTrain);
  const encoded = recipe.classes === undefined ? undefined : table.encode(recipe.target);

  const samples = (rows: Int32Array): TabularSamples => {
    const part = table.rows([...rows]);
    const numbers = part.select(recipe.numeric);
    const x = besides(
      raw ? numbers : standardize(numbers, statistics),
      categories.map(({ name, values }) => oneHot(part, name, values)),
    );
    const y =
      encoded === undefined
        ? regressionTarget(part.column(recipe.target), raw ? 1 : (recipe.targetUnit ?? 1))
        : (encoded.labels.take(rows) as unknown as NDArray);
    return { x: x as unknown as NDArray, y, table: part };
  };
  const dataset: TabularDataset = {
    train: samples(indices.train),
    test: samples(indices.test),
    columns: [
      ...recipe.numeric,
      ...categories.flatMap(({ name, values }) => values.map((value) => `${name}=${value}`)),
    ],
    classes: recipe.classes ?? [],
    statistics,
    source,
  };
  if (verbose) {
    const { train, test } = dataset;
    announce(recipe.name, source, {
      'train.x': train.x,
      'train.y': train.y,
      'test.x': test.x,
      'test.y': test.y,
      columns: dataset.columns.join(', '),
    });
  }
  return dataset;
}

function regressionTarget(column: NDArray<NDType>, unit: number): NDArray {
  return new NDArray(
    Float32Array.from(column.data as ArrayLike<number>, (value) => value / unit),
    column.shape,
    'float32',
  ) as unknown as NDArray;
}

function oneHot(table: Table, name: string, values: readonly string[]): NDArray<'float32'> {
  const { data } = table.column(name);
  const rows = new Float32Array(table.length * values.length);
  for (let row = 0; row < table.length; row++) rows[row * values.length + values.indexOf(String(data[row]))] = 1;
  return new NDArray(rows, [table.length, values.length], 'float32');
}

/** Matrices side by side. */
function besides(first: NDArray<'float32'>, others: readonly NDArray<'float32'>[]): NDArray<'float32'> {
  const parts = [first, ...others];
  const rows = first.shape[0] as number;
  const width = parts.reduce((total, part) => total + (part.shape[1] as number), 0);
  const result = new Float32Array(rows * width);
  let start = 0;
  for (const part of parts) {
    const columns = part.shape[1] as number;
    for (let row = 0; row < rows; row++)
      result.set(part.data.subarray(row * columns, (row + 1) * columns), row * width + start);
    start += columns;
  }
  return new NDArray(result, [rows, width], 'float32');
}

/** A data set in a single file: from `WEFT_DATA`, else downloaded. */
export async function oneFile(name: string, file: DataFile, hint?: string): Promise<Found> {
  const [found] = (await readLocal([file])) ?? (await download(name, [file], hint));
  return found as Found;
}

/** A table from the records of a JSON file; `columns` maps our names to theirs. `null` is a gap. */
export function tableOfRecords(
  records: readonly Readonly<Record<string, unknown>>[],
  columns: Readonly<Record<string, string>>,
): Table {
  const data = new Map<string, NDArray<NDType>>();
  for (const [name, key] of Object.entries(columns)) {
    const values = records.map((record) => record[key]);
    const isText = values.some((value) => typeof value === 'string');
    data.set(
      name,
      isText
        ? new NDArray<NDType>(
            values.map((value) => (typeof value === 'string' ? value : '')),
            [values.length],
            'string',
          )
        : new NDArray<NDType>(
            Float32Array.from(values, (value) => (typeof value === 'number' ? value : NaN)),
            [values.length],
            'float32',
          ),
    );
  }
  return new Table(data);
}
