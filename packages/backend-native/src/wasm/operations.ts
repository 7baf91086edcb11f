/** Machine operations as WebAssembly instructions, on scalars and on vectors of four lanes. In a vector a bool is a mask, all ones or zeros. */
import type { Operation, ScalarType } from '../kernel/expression.ts';
import { OPCODES, f32, i32, lanesOf, op, set, tee, get, truncate, type Code, type Local, type Opcode } from './code.ts';
import type { FunctionWriter } from './module.ts';

export const valueType = (type: ScalarType): 'i32' | 'f32' => (type === 'float32' ? 'f32' : 'i32');

/** Instructions that are not called like their operations. */
const NAMES: Readonly<Partial<Record<Operation, string>>> = {
  divide: 'div', shiftLeft: 'shl', shiftRight: 'shr', equal: 'eq', notEqual: 'ne', less: 'lt', lessEqual: 'le', greater: 'gt', greaterEqual: 'ge',
};
const BITWISE: ReadonlySet<Operation> = new Set(['and', 'or', 'xor', 'not']);

export const literalScalar = (type: ScalarType, value: number): Code => (type === 'float32' ? f32(value) : i32(value));
export const literalVector = (type: ScalarType, value: number): Code =>
  lanesOf(new Array<number>(4).fill(type === 'bool' ? -value : value), type === 'float32' ? 'f32' : 'i32');

export function splat(type: ScalarType, scalar: Code): Code {
  const lanes = op(type === 'float32' ? 'f32x4.splat' : 'i32x4.splat', scalar);
  return type === 'bool' ? op('i32x4.neg', lanes) : lanes;
}

/** The instruction of an operation, where there is one; `_s` or `_u` ends its name where the sign matters. */
function applied(prefix: string, operation: Operation, from: ScalarType, operands: readonly Code[]): Code {
  const plain = `${prefix}.${NAMES[operation] ?? operation}`;
  return op((OPCODES.has(plain) ? plain : `${plain}_${from === 'uint32' ? 'u' : 's'}`) as Opcode, ...operands);
}

/** An operation on scalars; operands that are used twice get locals of the function. */
export function scalarOperation(operation: Operation, type: ScalarType, from: ScalarType, operands: readonly Code[], writer: FunctionWriter): Code {
  const [a, b, c] = operands as [Code, Code, Code];
  const prefix = valueType(from);
  if (operation === 'select') return op('select', b, c, a);
  if (operation === 'convert') return converted(a, from, type, '');
  if (operation === 'bits') return valueType(type) === prefix ? a : op(type === 'float32' ? 'f32.reinterpret_i32' : 'i32.reinterpret_f32', a);
  if (operation === 'not') return from === 'bool' ? op('i32.eqz', a) : op('i32.xor', a, i32(-1));
  if (prefix === 'f32') return applied(prefix, operation, from, operands);
  switch (operation) {
    case 'neg':
      return op('i32.sub', i32(0), a);
    case 'abs': {
      const local = writer.local('i32');
      const sign = op('i32.shr_s', get(local), i32(31));
      return op('i32.sub', op('i32.xor', op('i32.shr_s', tee(local, a), i32(31)), get(local)), sign);
    }
    case 'min':
    case 'max': {
      const [x, y] = [writer.local('i32'), writer.local('i32')];
      return op('select', tee(x, a), tee(y, b), applied('i32', operation === 'min' ? 'less' : 'greater', from, [get(x), get(y)]));
    }
    case 'divide':
      return wholeDivide(a, b, from, writer.local('i32'), writer.local('i32'));
    default:
      return applied(prefix, operation, from, operands);
  }
}

/** Truncating division without traps: 0 for a zero divisor; −a for divisor −1, so that the least int32 wraps. */
function wholeDivide(a: Code, b: Code, type: ScalarType, x: Local, y: Local): Code {
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

/** A number, or four, as another type. */
function converted(value: Code, from: ScalarType, to: ScalarType, lanes: '' | 'x4'): Code {
  if (from === to) return value;
  if (to === 'bool') return op(`${valueType(from)}${lanes}.ne`, value, lanes ? literalVector(from, 0) : literalScalar(from, 0));
  if (from === 'bool' && lanes) return op('v128.and', value, literalVector(to, 1));
  if (to === 'float32') return op(`f32${lanes}.convert_i32${lanes}_${from === 'uint32' ? 'u' : 's'}` as Opcode, value);
  if (from !== 'float32') return value;
  return lanes ? op(`i32x4.trunc_sat_f32x4_${to === 'uint32' ? 'u' : 's'}`, value) : truncate(value, to === 'int32');
}

/** Whether there is an instruction for an operation on vectors whose operands are all vectors; else lanes must be computed one by one. */
export const isVectorOperation = (operation: Operation, from: ScalarType): boolean =>
  operation !== 'shiftLeft' && operation !== 'shiftRight' && (operation !== 'divide' || from === 'float32');

/** An operation on vectors. The amount of a shift is a scalar. */
export function vectorOperation(operation: Operation, type: ScalarType, from: ScalarType, operands: readonly Code[]): Code {
  const [a, b, c] = operands as [Code, Code, Code];
  if (operation === 'select') return op('v128.bitselect', b, c, a);
  if (operation === 'convert') return converted(a, from, type, 'x4');
  if (operation === 'bits') return a;
  // masks compare as int32: −1 stands for true, so that the order of false and true turns around, but only equality is asked of bools
  return applied(BITWISE.has(operation) ? 'v128' : from === 'float32' ? 'f32x4' : 'i32x4', operation, from, operands);
}
