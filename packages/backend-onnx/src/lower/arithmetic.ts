/** Arithmetic. Integers wrap at 32 bits; integer division never meets a zero divisor or an overflow, which would kill the process. */
import { isFloat } from '@weftjs/graph';
import { elementwise } from './aligned.ts';
import type { Emitter, Ref } from './emitter.ts';
import type { Lowerings } from './site.ts';

type Binary = (e: Emitter, a: Ref, b: Ref) => Ref;
type Unary = (e: Emitter, x: Ref) => Ref;

export const binary = (formula: Binary) => elementwise((e, [a, b]) => formula(e, a as Ref, b as Ref));
export const unary = (formula: Unary) => elementwise((e, [x]) => formula(e, x as Ref));
export const binaryNode = (op: string) => binary((e, a, b) => e.binary(op, a, b));
export const unaryNode = (op: string) => unary((e, x) => e.unary(op, x));

/** a mod b for int64, with the sign of b and 0 where b is 0; and the divisor made safe. */
function flooredMod64(e: Emitter, a: Ref, b: Ref): { remainder: Ref; divisor: Ref; zero: Ref } {
  const zero = e.compare('Equal', b, e.same(b, 0));
  const divisor = e.where(zero, e.same(b, 1), b);
  return { remainder: e.binary('Mod', a, divisor), divisor, zero };
}

const floorDiv: Binary = (e, a, b) => {
  if (isFloat(a.dtype as 'float32')) return e.unary('Floor', e.binary('Div', a, b));
  const [wideA, wideB] = [e.cast(a, 'int64'), e.cast(b, 'int64')];
  const { remainder, divisor, zero } = flooredMod64(e, wideA, wideB);
  const quotient = e.binary('Div', e.binary('Sub', wideA, remainder), divisor);
  return e.cast(e.where(zero, e.same(quotient, 0), quotient), a.dtype);
};

/** For floats from the remainder with the sign of a, which is exact. */
const mod: Binary = (e, a, b) => {
  if (a.dtype === 'int32') return e.cast(flooredMod64(e, e.cast(a, 'int64'), e.cast(b, 'int64')).remainder, 'int32');
  const rest = e.binary('Mod', a, b, a.dtype, { fmod: 1 });
  const zero = e.same(a, 0);
  const signsDiffer = e.compare('Xor', e.compare('Less', rest, zero), e.compare('Less', b, zero));
  const nonzero = e.not(e.compare('Equal', rest, zero));
  return e.where(e.compare('And', nonzero, signsDiffer), e.binary('Add', rest, b), rest);
};

/** The angle from the quotient of the smaller by the larger side, then unfolded by octants. Infinite sides count as the largest float. */
const atan2: Binary = (e, y, x) => {
  const largest = e.same(x, 3.4028234663852886e38);
  const [zero, pi, half] = [e.same(x, 0), e.same(x, Math.PI), e.same(x, Math.PI / 2)];
  const side = (z: Ref): Ref => e.binary('Min', e.unary('Abs', z), largest);
  const [ay, ax] = [side(y), side(x)];
  const [short, long] = [e.binary('Min', ax, ay), e.binary('Max', ax, ay)];
  const safe = e.where(e.compare('Equal', long, zero), e.same(x, 1), long);
  const angle = e.unary('Atan', e.binary('Div', short, safe));
  const first = e.where(e.compare('Greater', ay, ax), e.binary('Sub', half, angle), angle);
  const upper = e.where(e.compare('Less', x, zero), e.binary('Sub', pi, first), first);
  return e.where(e.compare('Less', y, zero), e.unary('Neg', upper), upper);
};

export const arithmetic = {
  add: binaryNode('Add'),
  sub: binaryNode('Sub'),
  mul: binaryNode('Mul'),
  div: binaryNode('Div'),
  floorDiv: binary(floorDiv),
  mod: binary(mod),
  pow: binaryNode('Pow'),
  maximum: binaryNode('Max'),
  minimum: binaryNode('Min'),
  atan2: binary(atan2),
  neg: unaryNode('Neg'),
  abs: unaryNode('Abs'),
  sign: unaryNode('Sign'),
  floor: unaryNode('Floor'),
  ceil: unaryNode('Ceil'),
  round: unaryNode('Round'),
} satisfies Partial<Lowerings>;
