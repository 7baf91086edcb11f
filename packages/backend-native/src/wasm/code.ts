/**
 * Instructions of WebAssembly as data. Code is a nested list of bytes in evaluation order: `op('i32.add', get(x), i32(4))` is the operands'
 * bytes followed by the opcode's. Lists are flattened once, when the module is written.
 */
export type Code = readonly (number | Code)[];

/** The value types that kernels use. */
export type ValueType = 'i32' | 'f32' | 'v128';
export const VALUE_TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** An index of a local variable. */
export type Local = number;

/** LEB128, unsigned. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return bytes;
}

/** LEB128 of an int32. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && !(low & 0x40)) || (rest === -1 && low & 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** Opcodes that pop their operands and push a result, by the names of the specification; SIMD opcodes are those above 0xff, less 0x100. */
export const OPCODES = {
  'i32.eqz': 0x45, 'i32.eq': 0x46, 'i32.ne': 0x47, 'i32.lt_s': 0x48, 'i32.lt_u': 0x49, 'i32.gt_s': 0x4a, 'i32.gt_u': 0x4b, 'i32.le_s': 0x4c,
  'i32.le_u': 0x4d, 'i32.ge_s': 0x4e, 'i32.ge_u': 0x4f, 'f32.eq': 0x5b, 'f32.ne': 0x5c, 'f32.lt': 0x5d, 'f32.gt': 0x5e, 'f32.le': 0x5f,
  'f32.ge': 0x60, 'i32.add': 0x6a, 'i32.sub': 0x6b, 'i32.mul': 0x6c, 'i32.div_s': 0x6d, 'i32.div_u': 0x6e, 'i32.rem_s': 0x6f, 'i32.rem_u': 0x70,
  'i32.and': 0x71, 'i32.or': 0x72, 'i32.xor': 0x73, 'i32.shl': 0x74, 'i32.shr_s': 0x75, 'i32.shr_u': 0x76, 'f32.abs': 0x8b, 'f32.neg': 0x8c,
  'f32.ceil': 0x8d, 'f32.floor': 0x8e, 'f32.nearest': 0x90, 'f32.sqrt': 0x91, 'f32.add': 0x92, 'f32.sub': 0x93, 'f32.mul': 0x94,
  'f32.div': 0x95, 'f32.min': 0x96, 'f32.max': 0x97, 'f32.convert_i32_s': 0xb2, 'f32.convert_i32_u': 0xb3, 'i32.reinterpret_f32': 0xbc,
  'f32.reinterpret_i32': 0xbe, select: 0x1b,
  'i32x4.splat': 0x111, 'f32x4.splat': 0x113, 'i32x4.eq': 0x137, 'i32x4.ne': 0x138, 'i32x4.lt_s': 0x139, 'i32x4.lt_u': 0x13a,
  'i32x4.gt_s': 0x13b, 'i32x4.gt_u': 0x13c, 'i32x4.le_s': 0x13d, 'i32x4.le_u': 0x13e, 'i32x4.ge_s': 0x13f, 'i32x4.ge_u': 0x140,
  'f32x4.eq': 0x141, 'f32x4.ne': 0x142, 'f32x4.lt': 0x143, 'f32x4.gt': 0x144, 'f32x4.le': 0x145, 'f32x4.ge': 0x146, 'v128.not': 0x14d,
  'v128.and': 0x14e, 'v128.or': 0x150, 'v128.xor': 0x151, 'v128.bitselect': 0x152, 'f32x4.ceil': 0x167, 'f32x4.floor': 0x168,
  'f32x4.nearest': 0x16a, 'i32x4.abs': 0x1a0, 'i32x4.neg': 0x1a1, 'i32x4.shl': 0x1ab, 'i32x4.shr_s': 0x1ac, 'i32x4.shr_u': 0x1ad,
  'i32x4.add': 0x1ae, 'i32x4.sub': 0x1b1, 'i32x4.mul': 0x1b5, 'i32x4.min_s': 0x1b6, 'i32x4.min_u': 0x1b7, 'i32x4.max_s': 0x1b8,
  'i32x4.max_u': 0x1b9, 'f32x4.abs': 0x1e0, 'f32x4.neg': 0x1e1, 'f32x4.sqrt': 0x1e3, 'f32x4.add': 0x1e4, 'f32x4.sub': 0x1e5,
  'f32x4.mul': 0x1e6, 'f32x4.div': 0x1e7, 'f32x4.min': 0x1e8, 'f32x4.max': 0x1e9, 'f32x4.pmin': 0x1ea, 'f32x4.pmax': 0x1eb, 'i32x4.trunc_sat_f32x4_s': 0x1f8,
  'i32x4.trunc_sat_f32x4_u': 0x1f9, 'f32x4.convert_i32x4_s': 0x1fa, 'f32x4.convert_i32x4_u': 0x1fb, 'f32x4.relaxed_madd': 0x205,
} as const;

export type Opcode = keyof typeof OPCODES;
export const isOpcode = (name: string): name is Opcode => Object.hasOwn(OPCODES, name);

const simd = (opcode: number): Code => [0xfd, ...unsigned(opcode)];

const instructions = new Map<Opcode, Code>();
function instruction(name: Opcode): Code {
  let code = instructions.get(name);
  if (!code) {
    const opcode: number = OPCODES[name];
    instructions.set(name, (code = opcode > 0xff ? simd(opcode - 0x100) : [opcode]));
  }
  return code;
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

const word = new DataView(new ArrayBuffer(4));
function floatBytes(value: number): number[] {
  word.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => word.getUint8(i));
}
function intBytes(value: number): number[] {
  word.setInt32(0, value | 0, true);
  return [0, 1, 2, 3].map((i) => word.getUint8(i));
}
export const f32 = (value: number): Code => [0x43, ...floatBytes(value)];
/** A vector of four literals. */
export const lanesOf = (values: readonly number[], type: 'i32' | 'f32'): Code => [
  ...simd(0x0c),
  ...values.flatMap(type === 'f32' ? floatBytes : intBytes),
];

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
/** A whole number as an i64, from −2³¹ to 2³¹ − 1. */
const i64 = (value: number): Code => [0x42, ...signed(value)];

/** Instructions on words that several threads share. */
export const atomicLoad = (address: Code): Code => [address, 0xfe, 0x10, ...memarg(0)];
export const atomicStore = (address: Code, value: Code): Code => [address, value, 0xfe, 0x17, ...memarg(0)];
/** Adds to a word; gives what it was before. */
export const atomicAdd = (address: Code, value: Code): Code => [address, value, 0xfe, 0x1e, ...memarg(0)];
/** Sleeps while a word has this value, so many nanoseconds at most. */
export const atomicWait = (address: Code, value: Code, nanoseconds: number): Code => [address, value, i64(nanoseconds), 0xfe, 0x01, ...memarg(0), 0x1a];
/** Wakes all that sleep on a word. */
export const atomicNotify = (address: Code): Code => [address, i32(-1), 0xfe, 0x00, ...memarg(0), 0x1a];
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
