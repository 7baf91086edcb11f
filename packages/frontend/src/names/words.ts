/**
 * How one name is spelled in three worlds. Keras writes classes `Conv2DTranspose`, `MeanIoU`, `ReLU` and functions
 * `conv2d_transpose`; Weft writes `conv2dTranspose`, `meanIou`, `relu`: camelCase with acronyms as words, and no second
 * capital behind a digit. Everything here is a rule, so a new layer needs no new table row.
 */

/** The snake_case spelling of a camelCase literal type: `Snake<'meanSquaredError'>` is `'mean_squared_error'`. */
export type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Head extends Lowercase<Head>
    ? `${Head}${Snake<Tail>}`
    : `_${Lowercase<Head>}${Snake<Tail>}`
  : S;

/**
 * A string id in an option's type: editors suggest the camelCase names, the snake_case spelling type-checks as well, and
 * a typo in either is a compile error.
 */
export type Id<C extends string> = C | (Snake<C> & Record<never, never>);

/** Keras spellings whose inner capitals are not word boundaries. */
const WHOLE_WORDS: readonly (readonly [RegExp, string])[] = [
  [/ReLU/g, 'Relu'],
  [/IoU/g, 'Iou'],
  [/NaN/g, 'Nan'],
  [/ConvNeXt/g, 'ConvNext'],
  [/RMSprop/g, 'Rmsprop'],
  [/^PRelu/, 'Prelu'],
];

/**
 * The name of a Keras class in Weft.
 *
 * @example
 * classToCamel('ConvLSTM2D'); // 'convLstm2d'
 * classToCamel('KLDivergence'); // 'klDivergence'
 */
export function classToCamel(className: string): string {
  let name = className;
  for (const [pattern, word] of WHOLE_WORDS) name = name.replace(pattern, word);
  name = name
    .replace(/(\d)D(?![a-z])/g, '$1d') // Conv2D, but not the D of "2Dense"
    .replace(/([A-Z])([A-Z]+)(?=[A-Z][a-z]|\d|$)/g, (_, first: string, rest: string) => first + rest.toLowerCase());
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `meanSquaredError` as `mean_squared_error`: an underscore before each capital. */
export function camelToSnake(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

/** `mean_squared_error` as `meanSquaredError`. A leading underscore stays. */
export function snakeToCamel(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What all spellings of a name have in common: its letters and digits, lower case. */
export function foldName(name: string): string {
  return name.replace(/[_\s-]/g, '').toLowerCase();
}
