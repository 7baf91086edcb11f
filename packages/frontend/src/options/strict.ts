/**
 * Options are strict: a key that nobody reads is an error before anything is built, since a silently ignored option is
 * the hardest bug to see. The validators below all speak the same form: requirement, `Received: …`, remedy.
 */
import { WeftError, received } from '@weftjs/graph';
import { nearestName } from '../names/nearest.ts';

/** A plain object: what an options argument must be. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : received(value);
}

/**
 * Checks the options object of `owner` and returns it (`{}` for `undefined`). `known` lists the keys; its first entry is
 * the one that a lone value probably meant.
 *
 * @throws WeftError `WEFT_E_OPTION` for an unknown key, with the nearest name; for something that is not an options object,
 * with the line to write instead.
 * @example
 * checkOptions('dense', { units: 64 }, ['units', 'activation']);
 */
export function checkOptions(
  owner: string,
  options: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (options === undefined) return {};
  if (!isPlainObject(options)) {
    const first = known[0];
    const remedy =
      first === undefined ? `Write \`${owner}()\`` : `Write \`${owner}({ ${first}: ${literal(options)} })\``;
    const lone =
      typeof options === 'number' ||
      typeof options === 'string' ||
      typeof options === 'boolean' ||
      Array.isArray(options);
    throw new WeftError(
      'WEFT_E_OPTION',
      `${owner} takes one object of named options. Received: ${received(options)}. ${lone ? remedy : `Write \`${owner}({ ${first ?? ''}${first === undefined ? '' : ': … '}})\``}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    const remedy =
      nearest !== undefined
        ? ` Did you mean \`${nearest}\`?`
        : known.length > 0
          ? ` It takes: ${known.join(', ')}.`
          : ' It takes none.';
    throw new WeftError('WEFT_E_OPTION', `${owner}: unknown option \`${key}\`.${remedy}`);
  }
  return options;
}

/** The error of a bad option value: `dense: \`units\` must be a whole number >= 1. Received: 0.` plus the remedy. */
export function optionError(owner: string, name: string, requirement: string, value: unknown, remedy = ''): WeftError {
  const tail = remedy === '' ? '' : ` ${remedy}${/[.?!]$/.test(remedy) ? '' : '.'}`;
  return new WeftError(
    'WEFT_E_ARGUMENT',
    `${owner}: \`${name}\` must be ${requirement}. Received: ${received(value)}.${tail}`,
  );
}

/** A whole number >= 1. */
export function positiveInteger(owner: string, name: string, value: unknown, remedy?: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw optionError(owner, name, 'a whole number >= 1', value, remedy ?? missing(name, value));
}

/** A whole number >= 0. */
export function nonNegativeInteger(owner: string, name: string, value: unknown, remedy?: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw optionError(owner, name, 'a whole number >= 0', value, remedy ?? missing(name, value));
}

/** A whole number of either sign: an axis, a seed. */
export function integer(owner: string, name: string, value: unknown, remedy?: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw optionError(owner, name, 'a whole number', value, remedy ?? missing(name, value));
}

/** A finite number, optionally within closed bounds. */
export function finiteNumber(
  owner: string,
  name: string,
  value: unknown,
  bounds: { min?: number; max?: number } = {},
): number {
  const { min = -Infinity, max = Infinity } = bounds;
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max) return value;
  const range =
    min > -Infinity && max < Infinity
      ? ` from ${min} to ${max}`
      : min > -Infinity
        ? ` >= ${min}`
        : max < Infinity
          ? ` <= ${max}`
          : '';
  throw optionError(owner, name, `a finite number${range}`, value, missing(name, value));
}

/** A number in [0, 1]; in [0, 1) with `below1`, as dropout rates need. */
export function probability(owner: string, name: string, value: unknown, options: { below1?: boolean } = {}): number {
  const below1 = options.below1 ?? false;
  if (typeof value === 'number' && value >= 0 && (below1 ? value < 1 : value <= 1)) return value;
  const remedy =
    typeof value === 'number' && value > 1 && value <= 100
      ? `For ${value} percent write ${value / 100}.`
      : missing(name, value);
  throw optionError(owner, name, below1 ? 'a number >= 0 and < 1' : 'a number from 0 to 1', value, remedy);
}

/** `true` or `false`. */
export function boolean(owner: string, name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw optionError(owner, name, '`true` or `false`', value, missing(name, value));
}

/** One of a fixed set of words, with the nearest on a typo. Other Keras spellings of a word are accepted. */
export function oneOf<const W extends string>(owner: string, name: string, value: unknown, words: readonly W[]): W {
  const match = words.find((word) => word === value);
  if (match !== undefined) return match;
  const nearest = typeof value === 'string' ? nearestName(value, words) : undefined;
  const listed = words
    .map((word) => `'${word}'`)
    .join(', ')
    .replace(/, ('[^']*')$/, ' or $1');
  throw optionError(owner, name, listed, value, nearest === undefined ? '' : `Did you mean \`'${nearest}'\`?`);
}

/**
 * A size per spatial axis: one number for all axes, or an array with one for each.
 *
 * @example
 * sizes('conv2d', 'kernelSize', 3, 2); // [3, 3]
 */
export function sizes(owner: string, name: string, value: unknown, rank: number): number[] {
  const listed: readonly unknown[] = Array.isArray(value) ? value : new Array<unknown>(rank).fill(value);
  const valid = listed.length === rank && listed.every((size) => Number.isSafeInteger(size) && (size as number) >= 1);
  if (valid) return listed.map(Number);
  const requirement = rank === 1 ? 'a whole number >= 1' : `a whole number >= 1, or an array of ${rank} of them`;
  throw optionError(owner, name, requirement, value, missing(name, value));
}

/** A required option: present, whatever it is. */
export function requiredOption(owner: string, name: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new WeftError(
    'WEFT_E_OPTION',
    `${owner}: the option \`${name}\` is required. Received: nothing. Write \`${owner}({ ${name}: … })\`.`,
  );
}

function missing(name: string, value: unknown): string {
  return value === undefined ? `Write \`{ ${name}: … }\`` : '';
}
