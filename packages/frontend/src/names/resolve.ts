/**
 * From what a person wrote to the one name that Weft uses: `'mean_squared_error'`, `'MeanSquaredError'` and `'mse'` all
 * become `'meanSquaredError'`. A name that nobody knows is an error with the nearest known one.
 */
import { WeftError, received } from '@weftjs/graph';
import { nearestName } from './nearest.ts';
import type { NameKind } from './shortForms.ts';
import { SHORT_FORMS } from './shortForms.ts';
import { camelToSnake, foldName } from './words.ts';

/** The names of one family: the keys of a registry object, or a list. */
export type NameTable<N extends string> = Readonly<Record<N, unknown>> | readonly N[];

function namesOf<N extends string>(table: NameTable<N>): readonly N[] {
  return Array.isArray(table) ? (table as readonly N[]) : (Object.keys(table) as N[]);
}

/** The name that `id` stands for in `table`, or `undefined`. */
export function findName<N extends string>(kind: NameKind, id: string, table: NameTable<N>): N | undefined {
  const names = namesOf(table);
  if ((names as readonly string[]).includes(id)) return id as N;
  const folded = foldName(id);
  const match = names.find((name) => foldName(name) === folded);
  if (match !== undefined) return match;
  const shortForms = SHORT_FORMS[kind];
  const long = shortForms && Object.hasOwn(shortForms, folded) ? shortForms[folded] : undefined;
  return names.find((name) => name === long);
}

/**
 * The name that `id` stands for: camelCase, snake_case, the Keras class name or a short form.
 *
 * @throws WeftError `WEFT_E_NAME`, with the nearest name (within two edits), or the list when it is short.
 * @example
 * resolveName('loss', 'mse', { meanSquaredError: 1 }); // 'meanSquaredError'
 */
export function resolveName<N extends string>(kind: NameKind, id: unknown, table: NameTable<N>): N {
  const names = namesOf(table);
  const article = /^[aeiou]/.test(kind) ? 'An' : 'A';
  if (typeof id !== 'string') {
    throw new WeftError(
      'WEFT_E_NAME',
      `${article} ${kind} must be given by name or as an object of its class. Received: ${received(id)}. Write one of the names, such as \`'${names[0] ?? ''}'\`.`,
    );
  }
  const found = findName(kind, id, table);
  if (found !== undefined) return found;

  const nearest = nearestName(id, [...names, ...Object.keys(SHORT_FORMS[kind] ?? {})]);
  const suggestion = nearest === undefined ? undefined : (findName(kind, nearest, table) ?? undefined);
  const spelled = suggestion !== undefined && id.includes('_') ? camelToSnake(suggestion) : suggestion;
  const listed = [...names].sort().join(', ');
  const remedy =
    spelled !== undefined
      ? ` Did you mean \`'${spelled}'\`?`
      : ` Known names: ${listed.length > 600 ? `${listed.slice(0, listed.lastIndexOf(',', 600))}, …` : listed}.`;
  throw new WeftError(
    'WEFT_E_NAME',
    `${article} ${kind} must be one that Weft knows. Received: ${received(id)}.${remedy}`,
  );
}
