/**
 * Small configurable functions: initializers, regularizers, constraints. Each is written by name, as an object of its
 * class, as a saved `{ className, config }`, or as a plain function of one's own.
 */
import { Callable } from '../layers/base/callable.ts';
import type { NameKind } from '../names/shortForms.ts';
import { resolveName } from '../names/resolve.ts';

/** How such an object is saved. */
export interface SavedObject {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A function with a class name and a configuration. */
export abstract class NamedFunction extends Callable {
  /** Keras's class name, which saved files use. */
  static readonly className: string = '';

  /** The options that make it anew. */
  getConfig(): Record<string, unknown> {
    return {};
  }

  override toString(): string {
    return `${(this.constructor as typeof NamedFunction).className}(${JSON.stringify(this.getConfig())})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

type ClassTable<N extends string> = Readonly<Record<N, new (options?: never) => unknown>>;

const isSaved = (value: unknown): value is SavedObject =>
  typeof value === 'object' && value !== null && typeof (value as SavedObject).className === 'string';

/** The function that a name, an object or a saved object stands for. */
export function namedFrom<F, N extends string>(kind: NameKind, given: unknown, classes: ClassTable<N>): F {
  if (typeof given === 'function') return given as F;
  if (isSaved(given)) return new classes[resolveName(kind, given.className, classes)](given.config as never) as F;
  return new classes[resolveName(kind, given, classes)]() as F;
}

/** The saved form of such a function; a plain function stays what it is, and null is nothing. */
export function savedForm(given: unknown): unknown {
  const { className } = (given as { constructor?: { className?: unknown } } | null)?.constructor ?? {};
  if (typeof given !== 'function' || typeof className !== 'string') return given ?? null;
  return { className, config: (given as unknown as NamedFunction).getConfig() };
}
