/**
 * Objects that can be called: `dense(x)`. The instance is an arrow function whose prototype is the class's, which works without `eval` (strict
 * content-security policies) and keeps fields on the right object. Compare such objects by their configuration; they cannot be
 * structured-cloned.
 */
export abstract class Callable {
  constructor() {
    const self = ((inputs: unknown, options?: unknown) => (self as unknown as Callable).apply(inputs, options)) as unknown as this;
    Reflect.deleteProperty(self, 'length');
    Object.defineProperty(self, 'name', { value: '', writable: true, enumerable: true, configurable: true });
    return Object.setPrototypeOf(self, new.target.prototype as object) as this;
  }

  abstract apply(inputs: unknown, options?: unknown): unknown;
}
