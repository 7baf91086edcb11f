/** Code written by hand: a variable stands for the code that reads it, and a number among operands for a constant. */
import type { Storage } from '../../kernel/expression.ts';
import { callFunction as call, fillMemory, i32, load, loadLane, op as instruction, repeatAgain, store, storeLane, unsigned, when, type Code, type Opcode, type ValueType } from '../code.ts';
import { FunctionWriter, type ModuleWriter } from '../module.ts';
import type { PrintedKernel } from '../nest.ts';

/** A variable of a function: the code that reads it. */
export type Variable = readonly [get: 0x20, ...index: number[]];
const variable = (index: number): Variable => [0x20, ...unsigned(index)];

/** An operand: code, or a constant. */
export type Value = Code | number;
const codeOf = (value: Value): Code => (typeof value === 'number' ? i32(value) : value);

export const set = ([, ...index]: Variable, value: Value): Code => [codeOf(value), 0x21, ...index];
export const tee = ([, ...index]: Variable, value: Value): Code => [codeOf(value), 0x22, ...index];
export const op = (name: Opcode, ...operands: Value[]): Code => instruction(name, ...operands.map(codeOf));
export const callFunction = (index: number, ...operands: Value[]): Code => call(index, ...operands.map(codeOf));

const binary = (name: Opcode) => (a: Value, b: Value): Code => op(name, a, b);
export const add = (...terms: Value[]): Code => terms.map(codeOf).reduce((sum, term) => op('i32.add', sum, term));
export const sub = /* @__PURE__ */ binary('i32.sub');
export const mul = /* @__PURE__ */ binary('i32.mul');
export const and = /* @__PURE__ */ binary('i32.and');
export const less = /* @__PURE__ */ binary('i32.lt_s');
export const equal = /* @__PURE__ */ binary('i32.eq');
/** Of numbers that are not negative. */
export const divide = /* @__PURE__ */ binary('i32.div_u');
export const modulo = /* @__PURE__ */ binary('i32.rem_u');
/** Whether 0 ≤ value < extent. */
export const isWithin = /* @__PURE__ */ binary('i32.lt_u');
/** The smaller of a value and a constant; the value's code runs twice. */
export const atMost = (value: Value, limit: number): Code => op('select', value, limit, less(value, limit));
/** The value, or 0 where it is negative; its code runs twice. */
export const positive = (value: Value): Code => op('select', value, 0, op('i32.gt_s', value, 0));
/** local += amount */
export const increase = (local: Variable, amount: Value): Code => set(local, add(local, amount));

/** Row-major: the number of an element, given its place along each axis and the extents of all axes but the first. */
export const flat = (places: readonly Value[], extents: readonly number[]): Code =>
  places.map(codeOf).reduce((sum, place, i) => add(mul(sum, extents[i - 1] as number), place));
/** The address of a word, given how many words each index moves on. */
export const wordAt = (base: Value, ...indices: (readonly [index: Value, words: number])[]): Code =>
  add(base, ...indices.map(([index, words]) => mul(index, words * 4)));
/** Moves counters on to the next place, the last one first: at its extent it starts again, and the one before it moves on. */
export const advance = ([first, ...rest]: readonly Variable[], extents: readonly number[]): Code =>
  rest.reduce((carry, counter, i) => [increase(counter, 1), when(equal(counter, extents[i] as number), [set(counter, 0), carry])], increase(first as Variable, 1));

/** for (counter = from; counter < limit; counter += step) */
export const forRange = (counter: Variable, from: Value, limit: Value, step: Value, body: Code): Code => [
  set(counter, from),
  when(less(counter, limit), repeatAgain([body, increase(counter, step)], less(counter, limit))),
];
/** Runs `body` as often as the counter says, which ends at 0; at least once. One test a turn: for innermost loops. */
export const countDown = (counter: Variable, body: Code): Code => repeatAgain(body, tee(counter, add(counter, -1)));
/** For each entry of a batch that has some of the units [from, to), of `units` each. */
export const forEntries = (entry: Variable, from: Variable, to: Variable, units: number, body: Code): Code =>
  forRange(entry, divide(from, units), divide(add(to, units - 1), units), 1, body);

export const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

export const clear = (address: Code, bytes: Value): Code => fillMemory(address, i32(0), codeOf(bytes));
export const zeros = (): Code => op('i32x4.splat', 0);
/** A vector whose first lanes are words of memory, the next `stride` bytes on; the others are those of `rest`. */
export const loadLanes = (address: Code, offset: number, lanes: number, stride = 4, rest = zeros()): Code =>
  lanes === 4 && stride === 4 ? load('v128', address, offset) : times(lanes, (lane) => lane).reduce((vector, lane) => loadLane(address, vector, lane, offset + lane * stride), rest);
/** Stores the first lanes of a vector. */
export const storeLanes = (address: Code, vector: Code, offset: number, lanes: number): Code =>
  lanes === 4 ? store('v128', address, vector, offset) : times(lanes, (lane) => storeLane(address, vector, lane, offset + 4 * lane));

/** So many of a type: a tuple, where the number is known. */
type Many<T, N extends number, Made extends readonly T[] = []> = number extends N ? T[] : Made['length'] extends N ? Made : Many<T, N, [...Made, T]>;
/** Makes fresh variables of a function, 0 at first. */
export type Locals = <N extends number>(count: N, type?: ValueType) => Many<Variable, N>;

/** Adds a function of i32 parameters, those of `body`; gives its index. */
export function writeFunction(module: ModuleWriter, body: (locals: Locals, ...parameters: Variable[]) => Code, count = body.length - 1, name?: string): number {
  const writer = new FunctionWriter(times(count, () => 'i32'));
  const locals = ((many, type = 'i32') => times(many, () => variable(writer.local(type)))) as Locals;
  return module.add(writer, body(locals, ...times(count, variable)), name);
}

/** What a kernel is told: where its storages lie, the units [from, to), and scratch where it takes some (else a local that is 0). */
type KernelBody<S> = (locals: Locals, addresses: { [K in keyof S]: Variable }, from: Variable, to: Variable, scratch: Variable) => Code;

/** Adds the function of a kernel. */
export function writeKernel<const S extends readonly Storage[]>(
  module: ModuleWriter, { storages, units, scratchBytes = 0, name }: { storages: S; units: number; scratchBytes?: number; name?: string }, body: KernelBody<S>,
): PrintedKernel {
  const count = storages.length;
  const index = writeFunction(module, (locals, ...parameters) => {
    const [from, to, scratch = locals(1)[0]] = parameters.slice(count) as [Variable, Variable, Variable?];
    return body(locals, parameters.slice(0, count) as { [K in keyof S]: Variable }, from, to, scratch);
  }, count + (scratchBytes > 0 ? 3 : 2), name);
  return { index, storages, units, scratchBytes };
}
