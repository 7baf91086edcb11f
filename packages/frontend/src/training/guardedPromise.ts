/** A promise whose result's fields explain a forgotten `await`: `model.fit(…).history` would otherwise be undefined, silently. */
import { WeftError } from '@weftjs/graph';

/** Adds getters that throw for `fields`. */
export function guardedPromise<T>(promise: Promise<T>, call: string, fields: readonly string[]): Promise<T> {
  for (const field of fields) {
    Object.defineProperty(promise, field, {
      configurable: true,
      get(): never {
        throw new WeftError('WEFT_E_AWAIT', `${call} gives a promise, and \`${field}\` belongs to its result. Received: a promise. Write \`(await ${call}).${field}\`.`);
      },
    });
  }
  return promise;
}
