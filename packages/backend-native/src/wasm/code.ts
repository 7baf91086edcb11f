/** Instructions of WebAssembly as data. */
import { remember } from './remember.ts';

/**
 * Code is a nested list of bytes in evaluation order: `op('i32.add', get(x), i32(4))` is the operands' bytes followed by the opcode's. Lists are
 * flattened once, when the module is written.
 */
export type Code = readonly (number | Code)[];

/** The value types that kernels use. */
export type ValueType = 'i32' | 'f32' | 'v128';
export const VALUE_TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** An index of a local variable. */
export type Local = number;

/** LEB128: seven bits a byte, the lowest first. */
function leb128(value: number, isSigned: boolean): number[] {
  const rest = Math.floor(value / 128);
  const low = value - rest * 128;
  return rest === (isSigned && low & 0x40 ? -1 : 0) ? [low] : [low | 0x80, ...leb128(rest, isSigned)];
}
export const unsigned = (value: number): number[] => leb128(value, false);
/** Of an int32. */
export const signed = (value: number): number[] => leb128(value | 0, true);

/**
 * Instructions that pop their operands and push a result, by the names of the specification, in runs of opcodes that follow one another: what their
 * names begin with, the first opcode, and the rest of the names. SIMD opcodes are those above 0xff, less 0x100.
 */
const RUNS = [
  ['', 0x1b, 'select'],
  ['i32.', 0x45, 'eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'],
  ['f32.', 0x5b, 'eq ne lt gt le ge'],
  ['i32.', 0x6a, 'add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u'],
  ['f32.', 0x8b, 'abs neg ceil floor trunc nearest sqrt add sub mul div min max'],
  ['f32.', 0xb2, 'convert_i32_s convert_i32_u'],
  ['i32.', 0xbc, 'reinterpret_f32'],
  ['f32.', 0xbe, 'reinterpret_i32'],
  ['i32x4.', 0x111, 'splat'],
  ['f32x4.', 0x113, 'splat'],
  ['i32x4.', 0x137, 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'],
  ['f32x4.', 0x141, 'eq ne lt gt le ge'],
  ['v128.', 0x14d, 'not and andnot or xor bitselect'],
  ['f32x4.', 0x167, 'ceil floor trunc nearest'],
  ['i32x4.', 0x1a0, 'abs neg'],
  ['i32x4.', 0x1ab, 'shl shr_s shr_u add'],
  ['i32x4.', 0x1b1, 'sub'],
  ['i32x4.', 0x1b5, 'mul min_s min_u max_s max_u'],
  ['f32x4.', 0x1e0, 'abs neg'],
  ['f32x4.', 0x1e3, 'sqrt add sub mul div min max pmin pmax'],
  ['i32x4.', 0x1f8, 'trunc_sat_f32x4_s trunc_sat_f32x4_u'],
  ['f32x4.', 0x1fa, 'convert_i32x4_s convert_i32x4_u'],
  ['f32x4.', 0x205, 'relaxed_madd'],
] as const;

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;
type NamesIn<Run> = Run extends readonly [infer Prefix extends string, number, infer Names extends string] ? `${Prefix}${Words<Names>}` : never;
export type Opcode = NamesIn<(typeof RUNS)[number]>;

export const OPCODES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  RUNS.flatMap(([prefix, first, names]) => names.split(' ').map((name, i) => [prefix + name, first + i] as const)),
);

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];

const instructions = /* @__PURE__ */ new Map<Opcode, Code>();
function instruction(name: Opcode): Code {
  return remember(instructions, name, () => {
    const opcode = OPCODES.get(name) as number;
    return opcode > 0xff ? simd(opcode - 0x100) : [opcode];
  });
}

/** Operands, then the instruction. */
export function op(name: Opcode, ...operands: Code[]): Code {
  operands.push(instruction(name));
  return operands;
}

/** float to int32 (or uint32), saturating; NaN gives 0. */
export const truncate = (value: Code, isSigned: boolean): Code => [value, 0xfc, isSigned ? 0 : 1];

export const get = (local: Local): Code => [0x20, ...unsigned(local)];
export const set = (local: Local, value: Code): Code => [value, 0x21, ...unsigned(local)];
export const tee = (local: Local, value: Code): Code => [value, 0x22, ...unsigned(local)];

export const i32 = (value: number): Code => [0x41, ...signed(value)];

const bytesOf = ({ buffer }: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): number[] => [...new Uint8Array(buffer)];

export const f32 = (value: number): Code => [0x43, ...bytesOf(Float32Array.of(value))];
/** A vector of four literals. */
export const lanesOf = (values: readonly number[], type: 'i32' | 'f32'): Code => [...simd(0x0c), ...bytesOf((type === 'f32' ? Float32Array : Int32Array).from(values))];

type LoadName = 'i32' | 'f32' | 'v128' | 'splat';
const LOADS: Readonly<Record<LoadName, Code>> = { i32: [0x28], f32: [0x2a], v128: simd(0x00), splat: simd(0x09) };
const STORES: Readonly<Record<ValueType, Code>> = { i32: [0x36], f32: [0x38], v128: simd(0x0b) };

/** Alignment hint of a word, then the constant offset. */
const memarg = (offset: number): number[] => [2, ...unsigned(offset)];

/** Loads a word, four words, or one word into four lanes. */
export const load = (type: LoadName, address: Code, offset = 0): Code => [address, LOADS[type], memarg(offset)];
export const store = (type: ValueType, address: Code, value: Code, offset = 0): Code => [address, value, STORES[type], memarg(offset)];
/** Replaces one lane of a vector by a word from memory. */
export const loadLane = (address: Code, vector: Code, lane: number, offset = 0): Code => [address, vector, simd(0x56), memarg(offset), lane];
export const storeLane = (address: Code, vector: Code, lane: number, offset = 0): Code => [address, vector, simd(0x5a), memarg(offset), lane];
export const extractLane = (type: 'i32' | 'f32', vector: Code, lane: number): Code => [vector, simd(type === 'i32' ? 0x1b : 0x1f), lane];
export const replaceLane = (type: 'i32' | 'f32', vector: Code, lane: number, value: Code): Code => [vector, value, simd(type === 'i32' ? 0x1c : 0x20), lane];
/** Picks four words out of the eight of two vectors. */
export const shuffle = (a: Code, b: Code, lanes: readonly number[]): Code => [
  a, b, simd(0x0d), lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
];

export const copyMemory = (to: Code, from: Code, bytes: Code): Code => [to, from, bytes, 0xfc, 10, 0, 0];
export const fillMemory = (to: Code, value: Code, bytes: Code): Code => [to, value, bytes, 0xfc, 11, 0];

/** Instructions on words that several threads share. */
const atomic = (opcode: number, ...operands: Code[]): Code => [...operands, 0xfe, opcode, ...memarg(0)];
export const drop = (value: Code): Code => [value, 0x1a];
export const atomicLoad = (address: Code): Code => atomic(0x10, address);
export const atomicStore = (address: Code, value: Code): Code => atomic(0x17, address, value);
/** Adds to a word; gives what it was before. */
export const atomicAdd = (address: Code, value: Code): Code => atomic(0x1e, address, value);
/** Sleeps while a word has this value, so many nanoseconds at most: an i64, here below 2³¹. */
export const atomicWait = (address: Code, value: Code, nanoseconds: number): Code => drop(atomic(0x01, address, value, [0x42, ...signed(nanoseconds)]));
/** Wakes all that sleep on a word. */
export const atomicNotify = (address: Code): Code => drop(atomic(0x00, address, i32(-1)));
export const unreachable: Code = [0x00];

export const callFunction = (index: number, ...operands: Code[]): Code => [...operands, 0x10, ...unsigned(index)];

/** `if` with a result, or without. */
export const choose = (type: ValueType, condition: Code, yes: Code, no: Code): Code => [condition, 0x04, VALUE_TYPES[type], yes, 0x05, no, 0x0b];
export const when = (condition: Code, yes: Code, no: Code = []): Code => [condition, 0x04, 0x40, yes, no.length > 0 ? [0x05, no] : [], 0x0b];

/** Repeats `body` while `condition` holds; it is tested first. */
export const repeatWhile = (condition: Code, body: Code): Code => [0x02, 0x40, 0x03, 0x40, op('i32.eqz', condition), 0x0d, 1, body, 0x0c, 0, 0x0b, 0x0b];

/** Runs `body`, and again as long as `condition` holds after it. */
export const repeatAgain = (body: Code, condition: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b];

/** Repeats `body` for counter, counter + step, … < limit; at least once: the caller knows that the first turn is due. */
export const countUp = (counter: Local, limit: Code, step: number, body: Code): Code =>
  repeatAgain(body, op('i32.lt_s', tee(counter, op('i32.add', get(counter), i32(step))), limit));

/** Runs `body` as often as the counter says, which ends at 0; at least once. One test a turn: for innermost loops. */
export const countDown = (counter: Local, body: Code): Code => repeatAgain(body, tee(counter, op('i32.add', get(counter), i32(-1))));

/** All bytes of nested code. */
export function flattenCode(code: Code, into: number[] = []): number[] {
  for (const item of code) {
    if (typeof item === 'number') into.push(item);
    else flattenCode(item, into);
  }
  return into;
}
