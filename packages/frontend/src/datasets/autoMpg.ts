/**
 * Auto MPG: how far cars of 1970 to 1982 went on a gallon, from their engines and weights (Quinlan 1993, UCI).
 */
import { NDArray } from '../core/ndarray.ts';
import type { NDType } from '../core/ndarray.ts';
import { decodeUtf8 } from '../data/readBytes.ts';
import { Table } from '../data/table.ts';
import { readRecords } from './penguins.ts';
import type { DataFile } from './provide/files.ts';
import { readLocal } from './provide/files.ts';
import type { TabularDataset, TabularOptions } from './tabular.ts';
import { tabularDataset } from './tabular.ts';

const UCI: DataFile = { local: ['tabular/auto-mpg.data', 'auto-mpg.data'] };

const CARS: DataFile = {
  local: ['tabular/cars.json', 'cars.json'],
  remote: {
    url: 'https://cdn.jsdelivr.net/npm/vega-datasets@3.2.1/data/cars.json',
    sha256: 'f686a53678b21f4231e2f6a5ba7ce5761d9d39204fccdea1caa29fb8c460e319',
  },
};

const COLUMNS = {
  mpg: 'Miles_per_Gallon',
  cylinders: 'Cylinders',
  displacement: 'Displacement',
  horsepower: 'Horsepower',
  weight: 'Weight_in_lbs',
  acceleration: 'Acceleration',
  year: 'Year',
  origin: 'Origin',
  name: 'Name',
};

const NUMERIC = ['cylinders', 'displacement', 'horsepower', 'weight', 'acceleration', 'year'];
const ORIGINS = ['USA', 'Europe', 'Japan'];

/** Cars and their miles per gallon. */
export const autoMpg = {
  /** Six standardized numbers and the origin as three columns; `y` is miles per gallon. 392 cars have all values. */
  async load(options: TabularOptions = {}): Promise<TabularDataset> {
    const { table, source } = await readCars();
    const complete = table.dropMissing(['mpg', ...NUMERIC]);
    return tabularDataset(
      { name: 'autoMpg', numeric: NUMERIC, categorical: ['origin'], target: 'mpg' },
      complete,
      source,
      options,
    );
  },
};

async function readCars(): Promise<{ table: Table; source: string }> {
  const [uci] = (await readLocal([UCI])) ?? [];
  if (uci !== undefined) return { table: parseUci(decodeUtf8(uci.bytes, 'auto-mpg.data')), source: uci.source };
  const { table, source } = await readRecords('autoMpg', CARS, 'data/cars.json', COLUMNS);
  const columns = new Map<string, NDArray<NDType>>(table.columns.map((name) => [name, table.column(name)]));
  // Years are written 1970-01-01 there, and 70 at UCI.
  const years = Float32Array.from(table.column('year').data as readonly string[], (date) => Number(date.slice(2, 4)));
  columns.set('year', new NDArray<NDType>(years, [years.length], 'float32'));
  return { table: new Table(columns), source };
}

/** Columns separated by spaces, the name in quotes; origin as 1, 2, 3. */
function parseUci(text: string): Table {
  const rows = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.match(/"[^"]*"|\S+/g) ?? []);
  const number = (index: number): NDArray<NDType> =>
    new NDArray<NDType>(
      Float32Array.from(rows, (row) => Number(row[index])),
      [rows.length],
      'float32',
    );
  const words = (pick: (row: readonly string[]) => string): NDArray<NDType> =>
    new NDArray<NDType>(rows.map(pick), [rows.length], 'string');
  return new Table(
    new Map([
      ['mpg', number(0)],
      ...NUMERIC.map((name, index): [string, NDArray<NDType>] => [name, number(index + 1)]),
      ['origin', words((row) => ORIGINS[Number(row[7]) - 1] ?? '')],
      ['name', words((row) => (row[8] ?? '').replace(/"/g, ''))],
    ]),
  );
}
