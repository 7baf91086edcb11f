/** Nested arrays and plain objects with things at their leaves: how several inputs and outputs are grouped. */

/** A leaf, or an array or plain object of structures. */
export type Structure<T> = T | readonly Structure<T>[] | { readonly [name: string]: Structure<T> };

const isGroup = (value: unknown): value is readonly unknown[] | Record<string, unknown> =>
  Array.isArray(value) || (typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as never));

/** The leaves, in order; names of objects in the order in which they were written. */
export function flatten<T>(structure: Structure<T>): T[] {
  if (!isGroup(structure)) return [structure as T];
  return (Array.isArray(structure) ? structure : Object.values(structure)).flatMap((item) => flatten(item as Structure<T>));
}

/** The same structure with each leaf replaced. */
export function mapStructure<T, U>(structure: Structure<T>, leaf: (value: T) => U): Structure<U> {
  if (!isGroup(structure)) return leaf(structure as T);
  if (Array.isArray(structure)) return structure.map((item) => mapStructure(item as Structure<T>, leaf));
  return Object.fromEntries(Object.entries(structure).map(([name, item]) => [name, mapStructure(item as Structure<T>, leaf)]));
}

/** A structure like `pattern` with the given leaves. */
export function pack<T, U>(pattern: Structure<T>, leaves: readonly U[]): Structure<U> {
  let next = 0;
  return mapStructure(pattern, () => leaves[next++] as U);
}
