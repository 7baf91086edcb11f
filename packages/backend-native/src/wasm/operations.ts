/** Machine operations as WebAssembly instructions, on scalars and on vectors of four lanes. In a vector a bool is a mask, all ones or zeros. */
import { internalError } from '@weftjs/graph';
import type { Operation, ScalarType } from '../kernel/expression.ts';
import { f32, i32, isOpcode, lanesOf, op, set, tee, get, truncate, type Code, type Local, type ValueType } from './code.ts';

export const valueType = (type: ScalarType): 'i32' | 'f32' => (type === 'float32' ? 'f32' : 'i32');

/** Names of the instructions, `s` or `u` to be appended where the sign matters. */
const NAMES: Readonly<Partial<Record<Operation, string>>> = {
  add: 'add', sub: 'sub', mul: 'mul', divide: 'div', min: 'min', max: 'max', neg: 'neg', abs: 'abs', sqrt: 'sqrt', floor: 'floor',
  ceil: 'ceil', nearest: 'nearest', and: 'and', or: 'or', xor: 'xor', shiftLeft: 'shl', shiftRight: 'shr', equal: 'eq', notEqual: 'ne',
  less: 'lt', lessEqual: 'le', greater: 'gt', greaterEqual: 'ge',
};
const BITWISE: ReadonlySet<Operation> = new Set(['and', 'or', 'xor', 'not']);

export const literalScalar = (type: ScalarType, value: number): Code => (type === 'float32' ? f32(value) : i32(value));
export const literalVector = (type: ScalarType, value: number): Code =>
  lanesOf(new Array<number>(4).fill(type === 'bool' ? -value : value), type === 'float32' ? 'f32' : 'i32');

export const splat = (type: ScalarType, scalar: Code): Code =>
  type === 'float32' ? op('f32x4.splat', scalar) : type === 'bool' ? op('i32x4.neg', op('i32x4.splat', scalar)) : op('i32x4.splat', scalar);

const found = new Map<string, Code | null>();
function named(prefix: string, name: string, type: ScalarType): Code | null {
  const sign = type === 'uint32' ? 'u' : 's';
  const key = `${prefix}.${name}_${sign}`;
  let code = found.get(key);
  if (code === undefined) {
    const plain = `${prefix}.${name}`;
    found.set(key, (code = isOpcode(plain) ? op(plain) : isOpcode(key) ? op(key) : null));
  }
  return code;
}

/** An operation on scalars. `spill` makes a local for an operand that is used twice. */
export function scalarOperation(operation: Operation, type: ScalarType, from: ScalarType, operands: Code[], spill: (type: ValueType) => Local): Code {
  const [a, b, c] = operands as [Code, Code, Code];
  const prefix = valueType(from);
  switch (operation) {
    case 'select':
      return op('select', b, c, a);
    case 'convert':
      return convertScalar(a, from, type);
    case 'bits':
      if (valueType(type) === prefix) return a;
      return type === 'float32' ? op('f32.reinterpret_i32', a) : op('i32.reinterpret_f32', a);
    case 'not':
      return from === 'bool' ? op('i32.eqz', a) : op('i32.xor', a, i32(-1));
    case 'neg':
      if (prefix === 'i32') return op('i32.sub', i32(0), a);
      break;
    case 'abs':
      if (prefix === 'i32') {
        const local = spill('i32');
        const sign = op('i32.shr_s', get(local), i32(31));
        return op('i32.sub', op('i32.xor', op('i32.shr_s', tee(local, a), i32(31)), get(local)), sign);
      }
      break;
    case 'min':
    case 'max':
      if (prefix === 'i32') {
        const [x, y] = [spill('i32'), spill('i32')];
        const [first, second] = [tee(x, a), tee(y, b)];
        const compare = named('i32', operation === 'min' ? 'lt' : 'gt', from) as Code;
        return [first, second, op('select', [], [], [get(x), get(y), compare])];
      }
      break;
    case 'divide':
      if (prefix === 'i32') return wholeDivide(a, b, from, spill);
      break;
    default:
  }
  const code = named(prefix, NAMES[operation] ?? '', from);
  if (!code) throw internalError(`no scalar instruction for ${operation} of ${from}`);
  return [...operands, code];
}

/** Truncating division without traps: 0 for a zero divisor; −a for divisor −1, so that the least int32 wraps. */
function wholeDivide(a: Code, b: Code, type: ScalarType, spill: (type: ValueType) => Local): Code {
  const [x, y] = [spill('i32'), spill('i32')];
  const isZero = op('i32.eqz', get(y));
  if (type === 'uint32') {
    return [set(x, a), set(y, b), op('select', i32(0), op('i32.div_u', get(x), op('i32.add', get(y), isZero)), isZero)];
  }
  const isMinusOne = op('i32.eq', get(y), i32(-1));
  // the divisor is replaced by 1 where it is 0, and by 1 where it is −1
  const safe = op('select', i32(1), get(y), op('i32.or', isZero, isMinusOne));
  const quotient = op('i32.div_s', get(x), safe);
  const signed = op('select', op('i32.sub', i32(0), get(x)), quotient, isMinusOne);
  return [set(x, a), set(y, b), op('select', i32(0), signed, isZero)];
}

function convertScalar(a: Code, from: ScalarType, to: ScalarType): Code {
  if (to === 'bool') return from === 'float32' ? op('f32.ne', a, f32(0)) : from === 'bool' ? a : op('i32.ne', a, i32(0));
  if (to === 'float32') return op(from === 'uint32' ? 'f32.convert_i32_u' : 'f32.convert_i32_s', a);
  return from === 'float32' ? truncate(a, to === 'int32') : a;
}

/** Whether there is an instruction for an operation on vectors whose operands are all vectors. */
export const isVectorOperation = (operation: Operation, from: ScalarType): boolean =>
  operation !== 'shiftLeft' && operation !== 'shiftRight' && (operation !== 'divide' || from === 'float32');

/** An operation on vectors; null where there is no instruction and lanes must be computed one by one. `amount` is a scalar shift amount. */
export function vectorOperation(operation: Operation, type: ScalarType, from: ScalarType, operands: Code[], amount: Code | null): Code | null {
  const [a, b, c] = operands as [Code, Code, Code];
  const prefix = from === 'float32' ? 'f32x4' : 'i32x4';
  switch (operation) {
    case 'select':
      return op('v128.bitselect', b, c, a);
    case 'convert':
      return convertVector(a, from, type);
    case 'bits':
      return a;
    case 'shiftLeft':
    case 'shiftRight':
      if (amount === null) return null;
      return [a, amount, named('i32x4', NAMES[operation] as string, from) as Code];
    case 'not':
      return op('v128.not', a);
    case 'divide':
      if (from !== 'float32') return null;
      break;
    default:
  }
  if (BITWISE.has(operation)) return [...operands, named('v128', NAMES[operation] as string, from) as Code];
  // masks compare as int32: −1 stands for true, so that the order of false and true turns around, but only equality is asked of bools
  const code = named(prefix, NAMES[operation] ?? '', from);
  return code && [...operands, code];
}

function convertVector(a: Code, from: ScalarType, to: ScalarType): Code {
  if (from === 'bool') return to === 'bool' ? a : op('v128.and', a, literalVector(to, 1));
  if (to === 'bool') return from === 'float32' ? op('f32x4.ne', a, literalVector('float32', 0)) : op('i32x4.ne', a, literalVector('int32', 0));
  if (to === 'float32') return op(from === 'uint32' ? 'f32x4.convert_i32x4_u' : 'f32x4.convert_i32x4_s', a);
  return from === 'float32' ? op(to === 'int32' ? 'i32x4.trunc_sat_f32x4_s' : 'i32x4.trunc_sat_f32x4_u', a) : a;
}
