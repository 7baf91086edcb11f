/** The lowering of every elementwise op to a scalar expression: once, for both targets. */
import { roundToHalf, type Attrs, type DType, type PrimitiveName } from '@weftjs/graph';
import { apply, bitsAs, call, convert, float, int, literal, select, type Expression, type Operation, type ScalarType } from './expression.ts';

type E = Expression;
type Rule = (operands: readonly E[], attrs: Attrs) => E;

const operation = (name: Operation): Rule => (operands) => apply(name, ...operands);
const library = (name: string): Rule => (operands) => call(name, ...operands);
const zeroOf = (x: E): E => literal(x.type, 0);

/** Whole quotient rounded down: the truncated one, less 1 where there is a rest and the signs differ. 0 for a zero divisor. */
function wholeFloorDivide(a: E, b: E): E {
  const q = apply('divide', a, b);
  const rest = apply('sub', a, apply('mul', q, b));
  const differ = apply('less', apply('xor', a, b), int(0));
  const lower = apply('and', apply('and', apply('notEqual', rest, int(0)), differ), apply('notEqual', b, int(0)));
  return select(lower, apply('sub', q, int(1)), q);
}

const rules = {
  add: operation('add'),
  sub: operation('sub'),
  mul: operation('mul'),
  div: operation('divide'),
  floorDiv: ([a, b]) => (isFloat(a as E) ? call('floorDivide', a as E, b as E) : wholeFloorDivide(a as E, b as E)),
  mod: ([a, b]) => {
    if (isFloat(a as E)) return call('floorModulo', a as E, b as E);
    const rest = apply('sub', a as E, apply('mul', wholeFloorDivide(a as E, b as E), b as E));
    return select(apply('equal', b as E, int(0)), int(0), rest);
  },
  pow: library('pow'),
  maximum: operation('max'),
  minimum: operation('min'),
  atan2: library('atan2'),
  neg: operation('neg'),
  abs: operation('abs'),
  sign: ([x]) => {
    const [zero, one] = [zeroOf(x as E), literal((x as E).type, 1)];
    const signed = select(apply('less', x as E, zero), literal((x as E).type, -1), zero);
    const result = select(apply('less', zero, x as E), one, signed);
    return isFloat(x as E) ? select(apply('notEqual', x as E, x as E), x as E, result) : result;
  },
  floor: operation('floor'),
  ceil: operation('ceil'),
  round: operation('nearest'),
  exp: library('exp'),
  expm1: library('expm1'),
  log: library('log'),
  log1p: library('log1p'),
  sqrt: operation('sqrt'),
  rsqrt: ([x]) => apply('divide', float(1), apply('sqrt', x as E)),
  sin: library('sin'),
  cos: library('cos'),
  tan: library('tan'),
  asin: library('asin'),
  acos: library('acos'),
  atan: library('atan'),
  sinh: library('sinh'),
  cosh: library('cosh'),
  tanh: library('tanh'),
  asinh: library('asinh'),
  acosh: library('acosh'),
  atanh: library('atanh'),
  erf: library('erf'),
  sigmoid: library('sigmoid'),
  equal: operation('equal'),
  notEqual: operation('notEqual'),
  less: operation('less'),
  lessEqual: operation('lessEqual'),
  greater: operation('greater'),
  greaterEqual: operation('greaterEqual'),
  logicalAnd: operation('and'),
  logicalOr: operation('or'),
  logicalNot: operation('not'),
  // tests of bits, since a WGSL compiler may assume that there is no NaN and no infinity
  isNan: ([x]) => apply('less', int(0x7f800000), magnitudeBits(x as E)),
  isFinite: ([x]) => apply('less', magnitudeBits(x as E), int(0x7f800000)),
  bitwiseAnd: operation('and'),
  bitwiseOr: operation('or'),
  bitwiseXor: operation('xor'),
  bitwiseNot: operation('not'),
  shiftLeft: operation('shiftLeft'),
  shiftRight: operation('shiftRight'),
  select: operation('select'),
  cast: ([x], { dtype }) => (dtype === 'float16' ? half : (y: E) => y)(convert(x as E, scalarType(dtype as DType))),
} satisfies Partial<Record<PrimitiveName, Rule>>;

function half(x: E): E {
  return x.kind === 'literal' ? float(roundToHalf(x.value)) : apply('half', x);
}

function isFloat(x: E): boolean {
  return x.type === 'float32';
}

function magnitudeBits(x: E): E {
  return apply('and', bitsAs(x, 'int32'), int(0x7fffffff));
}

/** The scalar type that computes a dtype. */
export function scalarType(dtype: DType): ScalarType {
  return dtype === 'float16' ? 'float32' : dtype;
}

/** The ops of this table. */
export type ElementwiseName = keyof typeof rules;
export const ELEMENTWISE: Readonly<Record<ElementwiseName, Rule>> = rules;

export function isElementwise(op: string): op is ElementwiseName {
  return Object.hasOwn(rules, op);
}
