/** Lining up what is given per output (targets, losses, metrics, weights) with a model's outputs, by position or by name. */
import { WeftError } from '@weftjs/graph';
import { didYouMean } from '../names/index.ts';

const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/**
 * One entry for each output.
 * @param what for messages: `losses`
 * @param spread what a single value means when there are several outputs: the same for each, or an error
 */
export function perOutput<T>(what: string, given: unknown, names: readonly string[], spread: 'each' | 'first'): (T | null)[] {
  if (given === undefined || given === null) return names.map(() => null);
  if (isNamed(given)) {
    for (const name of Object.keys(given)) {
      if (!names.includes(name)) {
        throw new WeftError('WEFT_E_NAME', `The ${what} must be given for outputs of the model: ${names.join(', ')}. Received: '${name}'.${didYouMean(name, names)}`);
      }
    }
    return names.map((name) => (Object.hasOwn(given, name) ? (given[name] as T) : null));
  }
  if (Array.isArray(given)) {
    if (given.length !== names.length) {
      throw new WeftError('WEFT_E_DATA', `The ${what} need one entry for each of the ${names.length} outputs (${names.join(', ')}). Received: ${given.length}.`);
    }
    return given as (T | null)[];
  }
  if (names.length > 1 && spread === 'first') {
    throw new WeftError('WEFT_E_DATA', `The ${what} need one entry for each of the ${names.length} outputs (${names.join(', ')}). Received: a single one.`);
  }
  return names.map(() => given as T);
}
