/**
 * JSON from strangers. `JSON.parse` keeps the last of two equal keys and gives objects a prototype; both have been used to
 * show one file to a checker and another to the loader. This parser refuses duplicate keys, limits the depth, and gives
 * objects without a prototype, so `__proto__` is a key like any other.
 */
import { WeftError } from '@weftjs/graph';

/** A parsed value. Objects have no prototype. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

export interface StrictJsonOptions {
  /** Deepest nesting of arrays and objects; 64 by default. */
  readonly maxDepth?: number;
  /** What is being read, for error texts: `the safetensors header`. */
  readonly what?: string;
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Parses JSON, refusing what `JSON.parse` lets pass.
 *
 * @throws WeftError `WEFT_E_FILE`
 */
export function parseStrictJson(text: string, options: StrictJsonOptions = {}): Json {
  const { maxDepth = 64, what = 'the file' } = options;
  let at = 0;

  const fail = (requirement: string, got: string): WeftError =>
    new WeftError(
      'WEFT_E_FILE',
      `JSON of ${what} must ${requirement}. Received: ${got} at character ${at}. The file is damaged, or was made to mislead; get it again from its source.`,
    );
  const unexpected = (): WeftError =>
    fail('be well-formed', at < text.length ? JSON.stringify(text.slice(at, at + 12)) : 'the end of the text');
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const take = (char: string): boolean => {
    match(SPACE);
    if (text[at] !== char) return false;
    at++;
    return true;
  };
  const string = (): string => {
    match(SPACE);
    const found = match(STRING);
    if (found === undefined) throw unexpected();
    return JSON.parse(found) as string;
  };

  const object = (depth: number): JsonObject => {
    const result = Object.create(null) as JsonObject;
    if (take('}')) return result;
    do {
      const key = string();
      if (key in result) throw fail('have each key once', `${JSON.stringify(key.slice(0, 60))} twice`);
      if (!take(':')) throw unexpected();
      result[key] = value(depth);
    } while (take(','));
    if (!take('}')) throw unexpected();
    return result;
  };
  const array = (depth: number): Json[] => {
    const result: Json[] = [];
    if (take(']')) return result;
    do result.push(value(depth));
    while (take(','));
    if (!take(']')) throw unexpected();
    return result;
  };
  const value = (depth: number): Json => {
    if (depth > maxDepth) throw fail(`be nested at most ${maxDepth} deep`, 'deeper nesting');
    match(SPACE);
    const char = text[at];
    if (char === '"') return string();
    if (char === '{' || char === '[') {
      at++;
      return char === '{' ? object(depth + 1) : array(depth + 1);
    }
    for (const [word, meaning] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    const number = match(NUMBER);
    if (number === undefined) throw unexpected();
    return Number(number);
  };

  const result = value(0);
  match(SPACE);
  if (at < text.length) throw unexpected();
  return result;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
