/**
 * What an option may be, and what to say when it is not. A few lines of our own: a page that trains loads this file, and a
 * schema library would weigh as much as all of Weft's layers.
 */
import { WeftError, received } from '@weftjs/graph';
import { nearestName } from '../names/nearest.ts';

/** A rule for one option. */
export interface Rule {
  /** Completes "must be …". */
  readonly requirement: string;
  /** A right entry, as it stands in a file. */
  readonly example: string;
  /** The words it may be, where it is one of a few. */
  readonly words?: readonly string[];
  accepts(value: unknown): boolean;
}

/** A rule for each option that is known; `null` where the value is judged elsewhere. */
export type Rules = Readonly<Record<string, Rule | null>>;

const isText = (value: unknown): boolean => typeof value === 'string';

/** True for an object made of names and values, and nothing else. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

export const text = (example: string): Rule => ({ requirement: 'text', example, accepts: isText });

export const texts = (example: string): Rule => ({
  requirement: 'text, or an object of texts',
  example,
  accepts: (value) => isText(value) || (isRecord(value) && Object.values(value).every(isText)),
});

export const truth = (example: string): Rule => ({
  requirement: '`true` or `false`',
  example,
  accepts: (value) => typeof value === 'boolean',
});

export const records = (example: string): Rule => ({ requirement: 'an object of options', example, accepts: isRecord });

export const wholeNumber = (requirement: string, least: number, most: number, example: string): Rule => ({
  requirement,
  example,
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
});

export const oneOf = (words: readonly string[]): Rule => ({
  requirement: `one of ${quoted(words)}`,
  example: words[0] ?? '',
  words,
  accepts: (value) => words.includes(value as string),
});

/** `'a'`, `'b'` in a sentence. */
export const quoted = (words: readonly string[]): string => words.map((word) => `\`'${word}'\``).join(', ');

/**
 * Checks options against rules: every value, then every name.
 *
 * @param owner stands after a name in messages: ` of native`
 * @param sourceOf the source that set an option
 * @throws WeftError `WEFT_E_CONFIG` with the source, the option, what was required, what was received and the remedy.
 */
export function checkRules(
  options: Readonly<Record<string, unknown>>,
  rules: Rules,
  owner: string,
  sourceOf: (key: string) => string,
): void {
  for (const [key, rule] of Object.entries(rules)) {
    const value = Object.hasOwn(options, key) ? options[key] : undefined;
    if (!rule || value === undefined || rule.accepts(value)) continue;
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${sourceOf(key)}: \`${key}\`${owner} must be ${rule.requirement}. Received: ${received(value)}. ${remedy(rule, value)}`,
    );
  }
  const known = Object.keys(rules).filter((key) => !key.startsWith('$'));
  for (const key of Object.keys(options)) {
    if (Object.hasOwn(rules, key)) continue;
    const nearest = nearestName(key, known);
    const hint = nearest === undefined ? `Known: ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`;
    throw new WeftError('WEFT_E_CONFIG', `${sourceOf(key)}: unknown option \`${key}\`${owner}. ${hint}`);
  }
}

function remedy({ words, example }: Rule, value: unknown): string {
  if (!words) return `Write for example \`${example}\`.`;
  const nearest = typeof value === 'string' ? nearestName(value, words) : undefined;
  return nearest === undefined ? 'Write one of these.' : `Did you mean \`'${nearest}'\`?`;
}
