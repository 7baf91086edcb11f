/** A promise whose result's fields explain a forgotten `await`: `model.fit(…).history` would otherwise be undefined, silently. */
import { WeftError } from '@weftjs/graph';

const prototypes = /* @__PURE__ */ new Map<string, object>();

/** Adds getters that throw for `fields`. They are on a prototype, made once for each call that is named. */
export function guardedPromise<T>(promise: Promise<T>, call: string, fields: readonly string[]): Promise<T> {
  let prototype = prototypes.get(call);
  if (!prototype) prototypes.set(call, (prototype = prototypeFor(call, fields)));
  return Object.setPrototypeOf(promise, prototype) as Promise<T>;
}

function prototypeFor(call: string, fields: readonly string[]): object {
  const prototype: object = Object.create(Promise.prototype);
  for (const field of fields) {
    Object.defineProperty(prototype, field, {
      get(): never {
        throw new WeftError('WEFT_E_AWAIT', `${call} gives a promise, and \`${field}\` belongs to its result. Received: a promise. Write \`(await ${call}).${field}\`.`);
      },
    });
  }
  return prototype;
}
