/** Comparisons, logic, bits and choice. */
import { isFloat, type DType } from '@weftjs/graph';
import { elementwise } from './aligned.ts';
import { binary, binaryNode, unary, unaryNode } from './arithmetic.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings } from './site.ts';

type Comparison = Parameters<Emitter['compare']>[0];
const comparison = (op: Comparison) => binary((e, a, b) => e.compare(op, a, b));

const isFinite = (e: Emitter, x: Ref): Ref => e.compare('Less', e.unary('Abs', x), e.same(x, Infinity));

/** Shift amounts count modulo 32. The engine shifts only uint32; a negative int32 is shifted as its complement, so that ones come in. */
function shift(direction: 'LEFT' | 'RIGHT') {
  return binary((e, a, b) => {
    const amount = e.binary('BitwiseAnd', e.cast(b, 'uint32'), e.scalar('uint32', 31));
    const shifted = (x: Ref): Ref => e.binary('BitShift', x, amount, 'uint32', { direction });
    if (a.dtype === 'uint32' || direction === 'LEFT') return e.cast(shifted(e.cast(a, 'uint32')), a.dtype);
    const negative = e.compare('Less', a, e.same(a, 0));
    const flip = (x: Ref): Ref => e.where(negative, e.unary('BitwiseNot', x), x);
    return flip(e.cast(shifted(e.cast(flip(a), 'uint32')), 'int32'));
  });
}

/** Integers from floats saturate, and NaN gives 0; the engine leaves both undefined. */
function toInteger(e: Emitter, x: Ref, dtype: 'int32' | 'uint32'): Ref {
  const [low, high, highest] = dtype === 'int32' ? [-0x80000000, 0x80000000, 0x7fffffff] : [0, 0x100000000, 0xffffffff];
  const number = e.where(e.isNan(x), e.same(x, 0), x);
  // clipped below 2³¹ or 2³², at the nearest float
  const below = e.node('Clip', [number, e.same(x, low), e.same(x, dtype === 'int32' ? 2147483520 : 4294967040)], number);
  const whole = e.cast(dtype === 'int32' ? below : e.cast(below, 'int64'), dtype);
  return e.where(e.compare('GreaterOrEqual', number, e.same(x, high)), e.scalar(dtype, highest), whole);
}

function cast(e: Emitter, x: Ref, to: DType): Ref {
  const fromFloat = isFloat(x.dtype as DType);
  return fromFloat && (to === 'int32' || to === 'uint32') ? toInteger(e, x, to) : e.cast(x, to);
}

export const logic = {
  equal: comparison('Equal'),
  notEqual: binary((e, a, b) => e.not(e.compare('Equal', a, b))),
  less: comparison('Less'),
  lessEqual: comparison('LessOrEqual'),
  greater: comparison('Greater'),
  greaterEqual: comparison('GreaterOrEqual'),
  logicalAnd: comparison('And'),
  logicalOr: comparison('Or'),
  logicalNot: unary((e, x) => e.not(x)),
  isNan: unary((e, x) => e.isNan(x)),
  isFinite: unary(isFinite),
  bitwiseAnd: binaryNode('BitwiseAnd'),
  bitwiseOr: binaryNode('BitwiseOr'),
  bitwiseXor: binaryNode('BitwiseXor'),
  bitwiseNot: unaryNode('BitwiseNot'),
  shiftLeft: shift('LEFT'),
  shiftRight: shift('RIGHT'),
  select: elementwise((e, [condition, a, b]) => e.where(condition as Ref, a as Ref, b as Ref)),
  cast: elementwise((e, [x], dtype) => cast(e, x as Ref, dtype)),
} satisfies Partial<Lowerings>;
