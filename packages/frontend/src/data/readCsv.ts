/**
 * CSV files into tables. Splitting lines into fields is the work of csv-parse; this file decides what the fields mean: where
 * the names are, which columns are numbers, what counts as missing.
 */
import { WeftError, received } from '@weftjs/graph';
import type { CsvError } from 'csv-parse/browser/esm/sync';
import { NDArray } from '../core/ndarray.ts';
import type { NDType } from '../core/ndarray.ts';
import { checkOptions } from '../options/strict.ts';
import type { ByteSource } from './readBytes.ts';
import { readText } from './readBytes.ts';
import { Table } from './table.ts';

/** What a column is read as. */
export type CsvType = 'float32' | 'int32' | 'bool' | 'string';

export interface CsvOptions {
  /**
   * Whether the first line holds names. By default it does, unless one of its fields is a number; columns without names
   * are called `0`, `1`, ….
   */
  header?: boolean;
  /** Names of the columns, instead of those in the file. */
  columns?: readonly string[];
  /** What separates fields; by default the one of `,` `;` tab `|` that the first line has most of. */
  delimiter?: string;
  /** Fields that mean "no value"; by default empty, `NA`, `N/A`, `NaN`, `null`, `None` and `?`, in any case. */
  missing?: readonly string[];
  /** The type of some columns, where the guess would be wrong: a postal code is text. */
  types?: Readonly<Record<string, CsvType>>;
  /** Lines that start with this are left out. */
  comment?: string;
}

const KNOWN = ['header', 'columns', 'delimiter', 'missing', 'types', 'comment'];
const MISSING = ['', 'na', 'n/a', 'nan', 'null', 'none', '?'];
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+$/;

/**
 * Reads a CSV file (also gzipped): text that has a line break, a path, a URL, a `File` or bytes.
 *
 * Whole numbers without gaps become int32, other numbers float32 with NaN for gaps, `true`/`false` bool, the rest text.
 *
 * @throws WeftError `WEFT_E_DATA` for rows of different length and for values that do not fit a given type.
 * @example
 * const table = await readCsv('iris.csv', { columns: ['a', 'b', 'c', 'd', 'species'] });
 * const x = table.select(['a', 'b', 'c', 'd']);
 * const { labels, classes } = table.encode('species');
 */
export async function readCsv(source: ByteSource, options: CsvOptions = {}): Promise<Table> {
  checkOptions('readCsv', options, KNOWN);
  const text = typeof source === 'string' && /[\n\r]/.test(source) ? source : await readText(source);
  return parseCsv(text, options);
}

/** A table from the text of a CSV file. */
export async function parseCsv(text: string, options: CsvOptions = {}): Promise<Table> {
  const rows = await splitFields(text, options);
  const [first] = rows;
  if (first === undefined)
    throw new WeftError(
      'WEFT_E_DATA',
      'A CSV file must have at least one line. Received: none. Check that it is the right file.',
    );
  const hasHeader = options.header ?? !first.some((field) => DECIMAL.test(field));
  const names = columnNames(first, hasHeader, options.columns);
  if (hasHeader) rows.shift();

  const missing = new Set((options.missing ?? MISSING).map((word) => word.toLowerCase()));
  const data = new Map<string, NDArray<NDType>>();
  names.forEach((name, index) => {
    const fields = rows.map((row) => row[index] as string);
    const isMissing = (field: string): boolean => missing.has(field.toLowerCase());
    const wanted = options.types && Object.hasOwn(options.types, name) ? options.types[name] : undefined;
    data.set(name, columnOf(name, fields, wanted ?? guess(fields, isMissing), isMissing, hasHeader ? 2 : 1));
  });
  for (const name of Object.keys(options.types ?? {})) {
    if (!data.has(name))
      throw new WeftError(
        'WEFT_E_OPTION',
        `readCsv: \`types\` must name columns of the file. Received: ${received(name)}. Columns: ${names.slice(0, 20).join(', ')}.`,
      );
  }
  return new Table(data);
}

async function splitFields(text: string, options: CsvOptions): Promise<string[][]> {
  const { parse } = await import('csv-parse/browser/esm/sync');
  try {
    return parse(text, {
      bom: true,
      delimiter: options.delimiter ?? guessDelimiter(text),
      skip_empty_lines: true,
      trim: options.delimiter === undefined || options.delimiter.trim() !== '',
      ...(options.comment === undefined ? {} : { comment: options.comment }),
    }) as unknown as string[][];
  } catch (cause) {
    const error = cause as CsvError & { lines?: number };
    const reason =
      error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
        ? 'a line with another number of fields'
        : error.message.split(',')[0];
    throw new WeftError(
      'WEFT_E_DATA',
      `Every line of a CSV file must have the same number of fields, quoted where they hold a delimiter. Received: ${reason}, on line ${error.lines ?? '?'}. Repair the line, or set \`delimiter\`.`,
      { cause },
    );
  }
}

function guessDelimiter(text: string): string {
  const line = /[^\n\r]*/.exec(text.replace(/^[\uFEFF\s]+/, ''))?.[0] ?? '';
  const unquoted = line.replace(/"[^"]*"/g, '');
  let best = ',';
  for (const candidate of [',', ';', '\t', '|']) {
    if (unquoted.split(candidate).length > unquoted.split(best).length) best = candidate;
  }
  return best;
}

function columnNames(first: readonly string[], hasHeader: boolean, given: readonly string[] | undefined): string[] {
  if (given !== undefined && given.length !== first.length) {
    throw new WeftError(
      'WEFT_E_OPTION',
      `readCsv: \`columns\` must name every column of the file, ${first.length}. Received: ${given.length} names. The first line is ${received(first.join(', '))}.`,
    );
  }
  const names = given ?? (hasHeader ? first : first.map((_, index) => String(index)));
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  });
}

function guess(fields: readonly string[], isMissing: (field: string) => boolean): CsvType {
  const present = fields.filter((field) => !isMissing(field));
  if (present.length === 0) return 'float32';
  if (present.every((field) => DECIMAL.test(field))) {
    const whole =
      present.length === fields.length &&
      present.every((field) => WHOLE.test(field) && Math.abs(Number(field)) < 2 ** 31);
    return whole ? 'int32' : 'float32';
  }
  if (present.length === fields.length && present.every((field) => /^(true|false)$/i.test(field))) return 'bool';
  return 'string';
}

function columnOf(
  name: string,
  fields: readonly string[],
  type: CsvType,
  isMissing: (field: string) => boolean,
  firstLine: number,
): NDArray<NDType> {
  const refuse = (row: number, what: string): WeftError =>
    new WeftError(
      'WEFT_E_DATA',
      `The column ${received(name)} must hold ${what}. Received: ${received(fields[row])} in data row ${row}, about line ${row + firstLine}. Correct the field, list it in \`missing\`, or read the column as 'string' with \`types\`.`,
    );
  if (type === 'string')
    return new NDArray(
      fields.map((field) => (isMissing(field) ? '' : field)),
      [fields.length],
      'string',
    );
  if (type === 'bool') {
    const data = Uint8Array.from(fields, (field, row) => {
      if (!/^(true|false|0|1)$/i.test(field)) throw refuse(row, '`true` or `false`');
      return /^(true|1)$/i.test(field) ? 1 : 0;
    });
    return new NDArray(data, [data.length], 'bool');
  }
  const values = fields.map((field, row) => {
    if (type === 'float32' && isMissing(field)) return NaN;
    if (!DECIMAL.test(field)) throw refuse(row, type === 'int32' ? 'whole numbers' : 'numbers');
    return Number(field);
  });
  if (type === 'float32') return new NDArray(Float32Array.from(values), [values.length], 'float32');
  const odd = values.findIndex((value) => !Number.isInteger(value) || Math.abs(value) >= 2 ** 31);
  if (odd >= 0) throw refuse(odd, 'whole numbers that fit into int32');
  return new NDArray(Int32Array.from(values), [values.length], 'int32');
}
