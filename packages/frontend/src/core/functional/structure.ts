/** Nested arrays and plain objects with things at their leaves: how several inputs and outputs are grouped. */

/** A leaf, or an array or plain object of structures. */
export type Structure<T> = T | readonly Structure<T>[] | { readonly [name: string]: Structure<T> };

function isGroup(value: unknown): value is readonly unknown[] | Record<string, unknown> {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The leaves, in order, behind those in `leaves`; names of objects in the order in which they were written. */
export function flatten<T>(structure: Structure<T>, leaves: T[] = []): T[] {
  if (!isGroup(structure)) leaves.push(structure as T);
  else for (const item of Array.isArray(structure) ? structure : Object.values(structure)) flatten(item as Structure<T>, leaves);
  return leaves;
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
