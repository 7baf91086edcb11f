/**
 * Printing arrays as NumPy prints them: aligned columns, the shortest digits that tell two float32 apart (at most eight
 * behind the point), brackets for axes, and `...` for what would fill more than a screen.
 *
 * The rules are NumPy's `array2string` defaults: precision 8, threshold 1000, edgeitems 3, linewidth 75.
 */
import { halfToNumber } from './half.ts';
import type { NDType } from './dtypes.ts';

const PRECISION = 8;
const THRESHOLD = 1000;
const EDGE = 3;
const LINE_WIDTH = 75;

/** The parts of an array that printing needs. */
export interface Printable {
  readonly shape: readonly number[];
  readonly dtype: NDType;
  readonly data: ArrayLike<number | string>;
}

/** The text of an array, as `print(array)` shows it in NumPy. */
export function formatArray(array: Printable): string {
  const { shape, dtype, data } = array;
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size === 0) return '[]';
  const summarize = size > THRESHOLD;
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }

  const shown: number[] = [];
  visit(shape, strides, summarize, 0, 0, (offset) => shown.push(offset));
  const format = formatterOf(
    dtype,
    shown.map((offset) => data[offset] as number | string),
  );
  if (shape.length === 0) return format(data[0] as number | string).trim();

  const write = (axis: number, offset: number, indent: number): string => {
    const extent = shape[axis] as number;
    const stride = strides[axis] as number;
    const folded = summarize && extent > 2 * EDGE;
    const indices: (number | '...')[] = folded
      ? [...range(0, EDGE), '...', ...range(extent - EDGE, extent)]
      : range(0, extent);
    if (axis === shape.length - 1) {
      const words = indices.map((index) =>
        index === '...' ? '...' : format(data[offset + index * stride] as number | string),
      );
      return `[${wrap(words, indent + 1, LINE_WIDTH - shape.length)}]`;
    }
    const gap = '\n'.repeat(shape.length - axis - 1) + ' '.repeat(indent + 1);
    return `[${indices.map((index) => (index === '...' ? '...' : write(axis + 1, offset + index * stride, indent + 1))).join(gap)}]`;
  };
  return write(0, 0, 0);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function visit(
  shape: readonly number[],
  strides: readonly number[],
  summarize: boolean,
  axis: number,
  offset: number,
  found: (offset: number) => void,
): void {
  if (axis === shape.length) return found(offset);
  const extent = shape[axis] as number;
  for (let index = 0; index < extent; index++) {
    if (summarize && extent > 2 * EDGE && index === EDGE) index = extent - EDGE;
    visit(shape, strides, summarize, axis + 1, offset + index * (strides[axis] as number), found);
  }
}

/** Words of the innermost axis, broken into lines no longer than `room`. */
function wrap(words: readonly string[], indent: number, room: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && indent + line.length + 1 + word.length > room) {
      lines.push(line.trimEnd());
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}

function formatterOf(dtype: NDType, shown: readonly (number | string)[]): (value: number | string) => string {
  if (dtype === 'string') {
    return (value) => `'${String(value).replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
  }
  if (dtype === 'bool') {
    return (value) => (value === 0 ? 'False' : 'True').padStart(5);
  }
  if (dtype === 'float32' || dtype === 'float16') {
    const decode = dtype === 'float16' ? (value: number | string) => halfToNumber(Number(value)) : Number;
    const digits = dtype === 'float16' ? halfDigits : float32Digits;
    const format = floatFormatter(shown.map(decode), digits);
    return (value) => format(decode(value));
  }
  const width = Math.max(...shown.map((value) => String(value).length));
  return (value) => String(value).padStart(width);
}

/** The fewest significant digits that read back as the same number of the type, as an exponent string. */
function shortest(value: number, same: (text: string) => boolean, most: number): string {
  for (let digits = 0; digits < most; digits++) {
    const text = value.toExponential(digits);
    if (same(text)) return text;
  }
  return value.toExponential(most);
}

const float32Digits = (value: number): string => shortest(value, (text) => Math.fround(Number(text)) === value, 8);

/** Half has 11 significant bits: the text must lie nearer to `value` than to its neighbours. */
const halfDigits = (value: number): string => {
  const magnitude = Math.abs(value);
  const step = magnitude < 2 ** -14 ? 2 ** -24 : 2 ** (Math.floor(Math.log2(magnitude)) - 10);
  return shortest(value, (text) => Math.abs(Number(text) - value) < step / 2, 4);
};

/** Splits shortest digits into what stands before and behind the point, at most `PRECISION` behind it. */
function positional(value: number, digits: (value: number) => string): [string, string] {
  const [mantissa = '', exponentText = '0'] = digits(Math.abs(value)).split('e');
  const exponent = Number(exponentText);
  const figures = mantissa.replace('.', '');
  const places = figures.length - 1 - exponent;
  // Rounding to PRECISION places is done on the shortest digits, as NumPy does (Dragon4, unique, cut off).
  const text = places > PRECISION ? Math.abs(value).toFixed(PRECISION) : placePoint(figures, exponent);
  const [whole = '0', fraction = ''] = text.split('.');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return [sign + whole, fraction.replace(/0+$/, '')];
}

function placePoint(figures: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${figures}`;
  const padded = figures.padEnd(exponent + 1, '0');
  return `${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1)}`;
}

function floatFormatter(values: readonly number[], digits: (value: number) => string): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const magnitudes = finite.filter((value) => value !== 0).map(Math.abs);
  const largest = Math.max(0, ...magnitudes);
  const smallest = Math.min(Infinity, ...magnitudes);
  const scientific = magnitudes.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000);

  const specials = values.filter((value) => !Number.isFinite(value)).map(special);
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

  if (scientific) {
    // As many digits as the longest needs; the others show digits of their exact value there.
    const places = widest(finite.map((value) => (digits(Math.abs(value)).split('e')[0] as string).slice(2)));
    const write = (value: number): string => exponential(value, places);
    const width = widest([...finite.map(write), ...specials]);
    return (value) => (Number.isFinite(value) ? write(value) : special(value)).padStart(width);
  }
  const parts = finite.map((value) => positional(value, digits));
  const left = widest(parts.map(([whole]) => whole));
  const right = widest(parts.map(([, fraction]) => fraction));
  const width = Math.max(finite.length === 0 ? 0 : left + 1 + right, widest(specials));
  return (value) => {
    if (!Number.isFinite(value)) return special(value).padStart(width);
    const [whole, fraction] = positional(value, digits);
    return `${whole}.${fraction.padEnd(right)}`.padStart(width);
  };
}

/** `1.5e+03`: a point always, and at least two digits of exponent. */
function exponential(value: number, places: number): string {
  const [mantissa = '', exponent = '+0'] = value.toExponential(places).split('e');
  const sign = Object.is(value, -0) ? '-' : '';
  return `${sign}${mantissa}${places === 0 ? '.' : ''}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

const special = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');
