/**
 * Series in time. They come whole and in order: which windows to learn from is the lesson (`timeseriesDatasetFromArray`).
 */
import type { NDArray } from '../core/ndarray.ts';
import { decodeUtf8 } from '../data/readBytes.ts';
import { parseCsv } from '../data/readCsv.ts';
import { boolean, checkOptions } from '../options/strict.ts';
import { announce } from './announce.ts';
import type { DataFile } from './provide/files.ts';
import { oneFile } from './tabular.ts';

export interface SeriesOptions {
  /** `false` prints nothing. */
  verbose?: boolean;
}

export interface SeriesDataset {
  /** float32[time] */
  readonly values: NDArray;
  /** The date of each value, as the file has it. */
  readonly times: readonly string[];
  readonly source: string;
}

/** A series with a `load` of its own. */
export interface SeriesSource {
  load(options?: SeriesOptions): Promise<SeriesDataset>;
}

const COLLECTION = 'https://raw.githubusercontent.com/jbrownlee/Datasets/d20fcb6402ae34e653d4513b00f39257bb37ed7f';

function series(name: string, file: string, sha256: string): SeriesSource {
  const data: DataFile = { local: [`timeseries/${file}`, file], remote: { url: `${COLLECTION}/${file}`, sha256 } };
  return {
    async load(options = {}) {
      checkOptions(`datasets.${name}.load`, options, ['verbose']);
      const verbose = boolean(`datasets.${name}.load`, 'verbose', options.verbose ?? true);
      const { bytes, source } = await oneFile(name, data);
      const table = await parseCsv(decodeUtf8(bytes, name), {
        columns: ['time', 'value'],
        types: { time: 'string', value: 'float32' },
      });
      const values = table.column('value') as unknown as NDArray;
      const times = table.column('time').data as readonly string[];
      if (verbose) announce(name, source, { values, times: `${times[0]} to ${times.at(-1)}` });
      return { values, times, source };
    },
  };
}

/** International airline passengers, in thousands, monthly 1949 to 1960 (Box and Jenkins). */
export const airlinePassengers: SeriesSource = /* @__PURE__ */ series(
  'airlinePassengers',
  'airline-passengers.csv',
  '8cb51be753a718d9be5d76d7e238cc224792754676adc21faa59e954b0201621',
);

/** The lowest temperature of each day in Melbourne, 1981 to 1990 (Australian Bureau of Meteorology). */
export const dailyMinTemperatures: SeriesSource = /* @__PURE__ */ series(
  'dailyMinTemperatures',
  'daily-min-temperatures.csv',
  '8b9de63ed6789492bf497625e7f9beb96a63d367b4b0a21754006f749fa5e5da',
);

/** Sunspots, monthly means 1749 to 1983 (Andrews and Herzberg). */
export const monthlySunspots: SeriesSource = /* @__PURE__ */ series(
  'monthlySunspots',
  'monthly-sunspots.csv',
  'c4ec8cc57d9f6fb6ecdb3e1f37f25b6f4badd5124c55931052b0cd2fc3bc71f3',
);
