/** Fixture options to Weft objects: a class is found by Keras's name among the exports of a package entry. */
import { isMade, type FixtureOptions, type Made } from '../load.ts';

export type Namespace = Readonly<Record<string, unknown>>;
type Class = (new (options: unknown) => unknown) & { readonly className?: string };

/** The exported class of a Keras name; undefined where Weft has none (yet). */
export function findClass(namespaces: readonly Namespace[], className: string): Class | undefined {
  for (const namespace of namespaces) {
    for (const value of Object.values(namespace)) {
      if (typeof value === 'function' && Object.hasOwn(value, 'className') && (value as Class).className === className)
        return value as Class;
    }
  }
  return undefined;
}

/** `new Class(options)`, nested objects included. */
export function make<T>(namespaces: readonly Namespace[], { class: className, options }: Made): T {
  const Found = findClass(namespaces, className);
  if (!Found) throw new Error(`No export of the given entries has the class name ${className}.`);
  return new Found(madeOptions(namespaces, options)) as T;
}

/** Options with the objects in them made. */
export function madeOptions(namespaces: readonly Namespace[], options: FixtureOptions): Record<string, unknown> {
  const convert = (value: unknown): unknown => {
    if (isMade(value)) return make(namespaces, value);
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value === 'object' && value !== null) return madeOptions(namespaces, value as FixtureOptions);
    return value;
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, convert(value)]));
}

/** Cases by class, in order. */
export function byClass<Case extends Made>(cases: readonly Case[]): [className: string, cases: Case[]][] {
  const groups = new Map<string, Case[]>();
  for (const item of cases) groups.set(item.class, [...(groups.get(item.class) ?? []), item]);
  return [...groups];
}
