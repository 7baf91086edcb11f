/** Short forms for code written by hand. */
import { get, i32, op, repeatAgain, set, when, type Code, type Local, type ValueType } from '../code.ts';
import { FunctionWriter } from '../module.ts';

export const add = (...terms: Code[]): Code => terms.reduce((sum, term) => op('i32.add', sum, term));
export const sub = (a: Code, b: Code): Code => op('i32.sub', a, b);
export const mul = (a: Code, b: Code): Code => op('i32.mul', a, b);
export const less = (a: Code, b: Code): Code => op('i32.lt_s', a, b);
export const equal = (a: Code, b: Code): Code => op('i32.eq', a, b);
/** The smaller of a value and a constant; the value's code runs twice. */
export const atMost = (value: Code, limit: number): Code => op('select', value, i32(limit), less(value, i32(limit)));
/** local += amount */
export const increase = (local: Local, amount: Code | number): Code => set(local, add(get(local), typeof amount === 'number' ? i32(amount) : amount));

/** for (counter = from; counter < limit; counter += step) */
export const forRange = (counter: Local, from: Code, limit: Code, step: number | Code, body: Code): Code => [
  set(counter, from),
  when(less(get(counter), limit), repeatAgain([body, increase(counter, step)], less(get(counter), limit))),
];

/** A function with i32 parameters and fresh locals, by number. */
export function makeFunction(parameters: number): { writer: FunctionWriter; parameters: Local[]; locals: (type: ValueType, count: number) => Local[] } {
  const writer = new FunctionWriter(new Array<ValueType>(parameters).fill('i32'));
  return {
    writer,
    parameters: Array.from({ length: parameters }, (_, i) => i),
    locals: (type, count) => Array.from({ length: count }, () => writer.local(type)),
  };
}

/** A kernel's function: addresses of storages, the units [from, to), and scratch where it takes some (else a local that is 0). */
export function makeKernel(storages: number, scratchBytes: number) {
  const { writer, parameters, locals } = makeFunction(storages + 2 + (scratchBytes > 0 ? 1 : 0));
  const [from, to] = [storages, storages + 1];
  return { writer, locals, addresses: parameters.slice(0, storages), from, to, scratch: scratchBytes > 0 ? storages + 2 : writer.local('i32') };
}
