/** The lowering of every elementwise op to a scalar expression: once, for both targets. */
import { roundToHalf, type Attrs, type DType, type PrimitiveName } from '@weftjs/graph';
import { apply, bitsAs, call, convert, float, int, literal, select, type Expression, type Operation, type ScalarType } from './expression.ts';
import { LIBRARY, type LibraryName } from './functions.ts';

type E = Expression;
type Rule = (operands: readonly E[], attrs: Attrs) => E;

const zeroOf = (x: E): E => literal(x.type, 0);

/** Whole quotient rounded down: the truncated one, less 1 where there is a rest and the signs differ. 0 for a zero divisor. */
function wholeFloorDivide(a: E, b: E): E {
  const q = apply('divide', a, b);
  const rest = apply('sub', a, apply('mul', q, b));
  const differ = apply('less', apply('xor', a, b), int(0));
  const lower = apply('and', apply('and', apply('notEqual', rest, int(0)), differ), apply('notEqual', b, int(0)));
  return select(lower, apply('sub', q, int(1)), q);
}

/** Ops that are one machine operation or take some; those that are functions of the library have their names. */
const rules = {
  add: 'add',
  sub: 'sub',
  mul: 'mul',
  div: 'divide',
  maximum: 'max',
  minimum: 'min',
  neg: 'neg',
  abs: 'abs',
  floor: 'floor',
  ceil: 'ceil',
  round: 'nearest',
  sqrt: 'sqrt',
  equal: 'equal',
  notEqual: 'notEqual',
  less: 'less',
  lessEqual: 'lessEqual',
  greater: 'greater',
  greaterEqual: 'greaterEqual',
  logicalAnd: 'and',
  logicalOr: 'or',
  logicalNot: 'not',
  bitwiseAnd: 'and',
  bitwiseOr: 'or',
  bitwiseXor: 'xor',
  bitwiseNot: 'not',
  shiftLeft: 'shiftLeft',
  shiftRight: 'shiftRight',
  select: 'select',
  floorDiv: ([a, b]) => (isFloat(a as E) ? call('floorDivide', a as E, b as E) : wholeFloorDivide(a as E, b as E)),
  mod: ([a, b]) => {
    if (isFloat(a as E)) return call('floorModulo', a as E, b as E);
    const rest = apply('sub', a as E, apply('mul', wholeFloorDivide(a as E, b as E), b as E));
    return select(apply('equal', b as E, int(0)), int(0), rest);
  },
  sign: ([x]) => {
    const [zero, one] = [zeroOf(x as E), literal((x as E).type, 1)];
    const signed = select(apply('less', x as E, zero), literal((x as E).type, -1), zero);
    const result = select(apply('less', zero, x as E), one, signed);
    return isFloat(x as E) ? select(apply('notEqual', x as E, x as E), x as E, result) : result;
  },
  rsqrt: ([x]) => apply('divide', float(1), apply('sqrt', x as E)),
  // tests of bits, since a WGSL compiler may assume that there is no NaN and no infinity
  isNan: ([x]) => apply('less', int(0x7f800000), magnitudeBits(x as E)),
  isFinite: ([x]) => apply('less', magnitudeBits(x as E), int(0x7f800000)),
  cast: ([x], { dtype }) => (dtype === 'float16' ? half : (y: E) => y)(convert(x as E, scalarType(dtype as DType))),
} satisfies Partial<Record<PrimitiveName, Operation | Rule>>;

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

/** The ops that are lowered here. */
export type ElementwiseName = keyof typeof rules | LibraryName;

function makeRules(): Record<ElementwiseName, Rule> {
  const entries: [string, Rule][] = LIBRARY.map((name) => [name, (operands) => call(name, ...operands)]);
  for (const [op, rule] of Object.entries(rules)) entries.push([op, typeof rule === 'string' ? (operands): E => apply(rule, ...operands) : rule]);
  return Object.fromEntries(entries) as Record<ElementwiseName, Rule>;
}

export const ELEMENTWISE: Readonly<Record<ElementwiseName, Rule>> = /* @__PURE__ */ makeRules();

export function isElementwise(op: string): op is ElementwiseName {
  return Object.hasOwn(ELEMENTWISE, op);
}
