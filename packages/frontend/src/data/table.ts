/**
 * A table: named columns of numbers, bools or text, as a CSV file holds them. It turns into arrays for training with
 * `select` (features), `column` (one array) and `encode` (text as class numbers).
 */
import { WeftError, received } from '@weftjs/graph';
import { NDArray } from '../core/ndarray.ts';
import type { NDType } from '../core/ndarray.ts';
import type { Description, MimeBundle } from '../looks/describe.ts';
import { htmlTable, inspectSymbol, jupyterSymbol, mimeBundle } from '../looks/describe.ts';
import { didYouMean } from '../names/nearest.ts';

const SHOWN_ROWS = 5;

/** Class numbers and what they stand for. */
export interface Encoded {
  readonly labels: NDArray<'int32'>;
  /** The text of each class; the class number is the index. */
  readonly classes: readonly string[];
}

/** Rows and named columns. Missing numbers are NaN, missing text is empty. */
export class Table {
  /** Names in order. */
  readonly columns: readonly string[];
  /** Number of rows. */
  readonly length: number;
  private readonly data: ReadonlyMap<string, NDArray<NDType>>;

  constructor(data: ReadonlyMap<string, NDArray<NDType>>) {
    this.data = data;
    this.columns = [...data.keys()];
    this.length = data.values().next().value?.shape[0] ?? 0;
  }

  /** One column: float32, int32 (whole numbers without gaps), bool or string. */
  column(name: string): NDArray<NDType> {
    const found = this.data.get(name);
    if (found !== undefined) return found;
    throw new WeftError(
      'WEFT_E_NAME',
      `A table gives the columns that it has. Received: ${received(name)}.${didYouMean(name, this.columns) || ` Columns: ${this.columns.slice(0, 20).join(', ')}.`}`,
    );
  }

  /**
   * Numeric columns side by side: float32[rows, columns]. All numeric columns by default.
   *
   * @throws WeftError `WEFT_E_DTYPE` for a text column: `encode` it.
   */
  select(
    names: readonly string[] = this.columns.filter((name) => this.column(name).dtype !== 'string'),
  ): NDArray<'float32'> {
    const result = new Float32Array(this.length * names.length);
    names.forEach((name, index) => {
      const { data, dtype } = this.column(name);
      if (dtype === 'string')
        throw new WeftError(
          'WEFT_E_DTYPE',
          `select puts numbers side by side. Received: the text column ${received(name)}. Turn it into numbers with \`encode(${received(name)})\`.`,
        );
      for (let row = 0; row < this.length; row++) result[row * names.length + index] = data[row] as number;
    });
    return new NDArray(result, [this.length, names.length], 'float32');
  }

  /**
   * A column as class numbers 0, 1, …, in the order of the sorted texts.
   *
   * @example
   * const { labels, classes } = table.encode('species'); // classes: ['Adelie', 'Chinstrap', 'Gentoo']
   */
  encode(name: string): Encoded {
    const { data } = this.column(name);
    const texts = Array.from(data as ArrayLike<string | number>, String);
    const numeric = typeof data[0] === 'number';
    const classes = [...new Set(texts)].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
    const numberOf = new Map(classes.map((text, index) => [text, index]));
    const labels = Int32Array.from(texts, (text) => numberOf.get(text) as number);
    return { labels: new NDArray(labels, [labels.length], 'int32'), classes };
  }

  /** The rows without gaps in the named columns (in any column by default). */
  dropMissing(names: readonly string[] = this.columns): Table {
    const kept: number[] = [];
    const columns = names.map((name) => this.column(name));
    for (let row = 0; row < this.length; row++)
      if (columns.every(({ data, dtype }) => !isMissing(data[row], dtype))) kept.push(row);
    return this.rows(kept);
  }

  /** Number of gaps in a column. */
  missing(name: string): number {
    const { data, dtype } = this.column(name);
    let count = 0;
    for (let row = 0; row < this.length; row++) if (isMissing(data[row], dtype)) count++;
    return count;
  }

  /** Gaps of numeric columns filled with a number, or with the mean of their column. */
  fillMissing(value: number | 'mean'): Table {
    const filled = new Map<string, NDArray<NDType>>();
    for (const [name, array] of this.data)
      filled.set(name, array.dtype === 'float32' ? fill(array as NDArray<'float32'>, value) : array);
    return new Table(filled);
  }

  /** Some rows, by index. */
  rows(indices: readonly number[]): Table {
    return new Table(new Map([...this.data].map(([name, array]) => [name, array.take(indices)])));
  }

  /** The first rows and what each column holds. */
  describe(): Description {
    const head = ['', ...this.columns];
    const kinds = ['dtype', ...this.columns.map((name) => this.column(name).dtype)];
    const rows = Array.from({ length: Math.min(SHOWN_ROWS, this.length) }, (_, row) => [
      String(row),
      ...this.columns.map((name) => shown(this.column(name), row)),
    ]);
    const lines = [head, kinds, ...rows];
    const widths = head.map((_, index) => Math.max(...lines.map((line) => (line[index] as string).length)));
    const size = `Table of ${this.length} rows and ${this.columns.length} columns`;
    const text = [
      size,
      ...lines.map((line) => line.map((cell, index) => cell.padStart(widths[index] as number)).join('  ')),
    ].join('\n');
    return { text, html: htmlTable(lines, size) };
  }

  toString(): string {
    return this.describe().text;
  }

  [inspectSymbol](): string {
    return this.describe().text;
  }

  [jupyterSymbol](): MimeBundle {
    return mimeBundle(this.describe());
  }
}

function isMissing(value: unknown, dtype: NDType): boolean {
  return dtype === 'string' ? value === '' : Number.isNaN(value);
}

function fill(array: NDArray<'float32'>, value: number | 'mean'): NDArray<'float32'> {
  const present = array.data.filter((entry) => !Number.isNaN(entry));
  const filler = value === 'mean' ? present.reduce((sum, entry) => sum + entry, 0) / present.length : value;
  return array.map((entry) => (Number.isNaN(entry) ? filler : entry));
}

function shown(array: NDArray<NDType>, row: number): string {
  const value = array.data[row] as string | number;
  if (array.dtype === 'bool') return String(value === 1);
  return typeof value === 'number'
    ? String(Number(value.toPrecision(7)))
    : value.length > 24
      ? `${value.slice(0, 23)}…`
      : value;
}
