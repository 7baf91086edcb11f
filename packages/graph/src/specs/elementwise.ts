/** Specifications of elementwise ops. */
import type { DType } from '../core/types.ts';
import { FLOATS, NUMBERS, SIGNED, BITS, BOOL, ALL } from '../ops/dtypes.ts';
import { PRIMITIVES, type PrimitiveName } from '../ops/primitives.ts';
import { applyElementwise } from '../ops/elementwise/rules.ts';
import { cast, select } from '../ops/elementwise/select.ts';
import type { OpDef } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { given, random, representable, shapeName, SHAPES, SHAPE_PAIRS, type OpSpec, type Range, type Sample, type ToleranceClass } from './sample.ts';

type Elementwise = OpDef<string, Record<never, never>>;

interface Options {
  readonly dtypes?: readonly DType[];
  readonly tolerance?: ToleranceClass;
  /** Where operands lie, by operand; what is missing is the default of the dtype. */
  readonly ranges?: (dtype: DType) => readonly (Range | undefined)[];
  /** Elements of interest: tuples of operands. */
  readonly special?: (dtype: DType) => readonly (readonly number[])[];
  /** The special elements are points without kinks. */
  readonly smooth?: boolean;
  readonly large?: boolean;
}

/** Samples of an op with `arity` operands: all shapes, all special elements. */
function elementwise(name: PrimitiveName, arity: 1 | 2, doc: string, options: Options = {}): OpSpec {
  const build = (inputs: readonly Value[]): Value[] => [applyElementwise(PRIMITIVES[name] as unknown as Elementwise, inputs)];
  const shapes = arity === 1 ? [...SHAPES.map((shape) => [shape]), ...(options.large ? [[[70001]]] : [])] : SHAPE_PAIRS;
  return {
    name,
    doc,
    dtypes: options.dtypes ?? FLOATS,
    tolerance: options.tolerance ?? 'relative',
    samples(dtype) {
      const ranges = options.ranges?.(dtype) ?? [];
      const shaped = shapes.map((operands): Sample => {
        const label = shapeName(...operands);
        return { name: label, inputs: operands.map((shape, i) => random(`${name} ${label} ${i}`, dtype, shape, ranges[i])), build };
      });
      const points = options.special?.(dtype) ?? [];
      if (points.length === 0) return shaped;
      const inputs = Array.from({ length: arity }, (_, i) => given(dtype, [points.length], points.map((point) => point[i] as number)));
      return [...shaped, { name: 'special elements', inputs, build, smooth: options.smooth ?? false }];
    },
  };
}

const isInt = (dtype: DType): boolean => dtype === 'int32' || dtype === 'uint32';
/** The whole range of integers, to see that results wrap. */
const wide = (dtype: DType): Range | undefined => (dtype === 'int32' ? [-(2 ** 31), 2 ** 31] : dtype === 'uint32' ? [0, 2 ** 32] : undefined);
const wideBoth = (dtype: DType): (Range | undefined)[] => [wide(dtype), wide(dtype)];
const INT_EDGES = [0, 1, -1, 0x7fffffff, -0x80000000];
const pairs = (list: readonly number[]): number[][] => list.flatMap((a) => list.map((b) => [a, b]));
const wrapPoints = (dtype: DType): number[][] => (isInt(dtype) ? pairs(INT_EDGES) : pairs([0, 1, -1, 1.5]));
/** Odd multiples of an eighth: no quotient by the divisors below is a whole number, or near one. */
const eighths: Range = { from: Array.from({ length: 40 }, (_, i) => (2 * i - 39) / 8) };
const divisors: Range = { from: [-4, -2.5, -1.5, -1, -0.5, 0.5, 0.75, 1, 2, 3] };
const integers: Range = { from: Array.from({ length: 61 }, (_, i) => i - 30) };
const divisionRanges = (dtype: DType): Range[] => (isInt(dtype) ? [integers, { from: [-7, -3, -2, -1, 1, 2, 3, 5] }] : [eighths, divisors]);
const divisionPoints = (dtype: DType): number[][] =>
  isInt(dtype)
    ? [[7, 2], [-7, 2], [7, -2], [-7, -2], [6, 3], [-6, 3], [5, 0], [-5, 0], [0, 0], [0, -3], [-0x80000000, -1], [0x7fffffff, -2], [-0x80000000, 3], [16777217, 1], [2147483646, 4]]
    : [[7, 2], [-7, 2], [7, -2], [-7, -2], [6, 3], [-6, 3], [0, 2], [0.5, -4]];
const awayFromZero: Range = { from: [-3, -2.5, -1.25, -0.75, -0.5, 0.5, 0.8, 1, 1.7, 2.9] };
const within = (low: number, high: number) => (): Range[] => [[low, high]];
const points = (...list: readonly number[]) => (): number[][] => list.map((x) => [x]);

export const ELEMENTWISE_SPECS = {
  add: elementwise('add', 2, 'Sum. y = a + b; integers wrap at 32 bits.', { dtypes: NUMBERS, ranges: wideBoth, special: wrapPoints, smooth: true }),
  sub: elementwise('sub', 2, 'Difference. y = a − b; integers wrap at 32 bits.', { dtypes: NUMBERS, ranges: wideBoth, special: wrapPoints, smooth: true }),
  mul: elementwise('mul', 2, 'Product. y = a · b; integers wrap at 32 bits.', { dtypes: NUMBERS, ranges: wideBoth, special: wrapPoints, smooth: true }),
  div: elementwise('div', 2, 'Quotient of floats. y = a / b.', { ranges: () => [undefined, awayFromZero] }),
  floorDiv: elementwise('floorDiv', 2, 'Quotient rounded down. y = ⌊a / b⌋; for integers 0 where b = 0.', {
    dtypes: SIGNED, tolerance: 'exact', ranges: divisionRanges, special: divisionPoints,
  }),
  mod: elementwise('mod', 2, 'Remainder with the sign of the divisor. y = a − b·⌊a / b⌋; for integers 0 where b = 0.', {
    dtypes: SIGNED, ranges: divisionRanges, special: divisionPoints,
  }),
  pow: elementwise('pow', 2, 'Power. y = aᵇ; a negative base needs a whole exponent, and 0⁰ = 1.', {
    ranges: () => [[0.2, 4], [-2, 2]],
    special: () => [[0, 0], [0, 2], [-2, 3], [-2, 2], [-1.5, -1], [3, 0], [1, 100], [2, 10], [-2, 0]],
  }),
  maximum: elementwise('maximum', 2, 'The larger element. y = max(a, b).', { dtypes: SIGNED, tolerance: 'exact', ranges: wideBoth, special: wrapPoints }),
  minimum: elementwise('minimum', 2, 'The smaller element. y = min(a, b).', { dtypes: SIGNED, tolerance: 'exact', ranges: wideBoth, special: wrapPoints }),
  atan2: elementwise('atan2', 2, 'The angle of the point (b, a) in (−π, π]. y = atan2(a, b).', {
    ranges: () => [awayFromZero, undefined],
    special: () => [[0, 1], [1, 0], [-1, 0], [0, -1], [1, 1], [1, -1], [-1, -1], [-1, 1]],
  }),
  neg: elementwise('neg', 1, 'Opposite. y = −x; the least integer is its own opposite.', {
    dtypes: SIGNED, tolerance: 'exact', ranges: wideBoth, special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [1.5]]), smooth: true, large: true,
  }),
  abs: elementwise('abs', 1, 'Size. y = |x|; the least integer stays.', {
    dtypes: SIGNED, tolerance: 'exact', ranges: wideBoth, special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [-1.5]]),
  }),
  sign: elementwise('sign', 1, 'Sign: −1, 0 or 1.', {
    dtypes: SIGNED, tolerance: 'exact', ranges: wideBoth, special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [-1.5], [1e-4]]),
  }),
  floor: elementwise('floor', 1, 'Rounding down. y = ⌊x⌋.', { tolerance: 'exact', special: points(-2, -1.5, -0.25, 0, 0.25, 1, 2.5, 2047) }),
  ceil: elementwise('ceil', 1, 'Rounding up. y = ⌈x⌉.', { tolerance: 'exact', special: points(-2, -1.5, -0.25, 0, 0.25, 1, 2.5, 2047) }),
  round: elementwise('round', 1, 'Rounding to the nearest whole number, halves to the even one.', {
    tolerance: 'exact', special: points(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.25, 7, 1023.5, 0),
  }),
  exp: elementwise('exp', 1, 'Exponential. y = eˣ.', { ranges: within(-8, 8), special: points(0, 1, -1, 10, -10), smooth: true, large: true }),
  expm1: elementwise('expm1', 1, 'Exponential less one, exact for small x. y = eˣ − 1.', { ranges: within(-4, 4), special: points(0, 1e-3, -1e-3, 0.3), smooth: true }),
  log: elementwise('log', 1, 'Natural logarithm. y = ln x.', { ranges: within(0.02, 50), special: points(1, 0.5, 2, 1000, 1.01, 0.99), smooth: true }),
  log1p: elementwise('log1p', 1, 'Logarithm of 1 + x, exact for small x. y = ln(1 + x).', { ranges: within(-0.9, 9), special: points(0, 1e-3, -1e-3), smooth: true }),
  sqrt: elementwise('sqrt', 1, 'Square root. y = √x.', { ranges: within(0.02, 60), special: points(0, 1, 4, 2, 1000) }),
  rsqrt: elementwise('rsqrt', 1, 'Reciprocal square root. y = 1 / √x.', { ranges: within(0.02, 60), special: points(1, 4, 0.25, 1000), smooth: true }),
  sin: elementwise('sin', 1, 'Sine of radians. y = sin x.', { ranges: within(-12, 12), special: points(0, 1, -1, 30), smooth: true }),
  cos: elementwise('cos', 1, 'Cosine of radians. y = cos x.', { ranges: within(-12, 12), special: points(0, 1, -1, 30), smooth: true }),
  tan: elementwise('tan', 1, 'Tangent of radians. y = tan x.', { ranges: within(-1.3, 1.3), special: points(0, 1, -1, 4), smooth: true }),
  asin: elementwise('asin', 1, 'Inverse sine, in [−π/2, π/2].', { ranges: within(-0.95, 0.95), special: points(0, 1, -1, 0.5) }),
  acos: elementwise('acos', 1, 'Inverse cosine, in [0, π].', { ranges: within(-0.95, 0.95), special: points(0, 1, -1, 0.5) }),
  atan: elementwise('atan', 1, 'Inverse tangent, in (−π/2, π/2).', { ranges: within(-8, 8), special: points(0, 1, -1, 100), smooth: true }),
  sinh: elementwise('sinh', 1, 'Hyperbolic sine. y = (eˣ − e⁻ˣ) / 2.', { ranges: within(-5, 5), special: points(0, 1e-3, 1), smooth: true }),
  cosh: elementwise('cosh', 1, 'Hyperbolic cosine. y = (eˣ + e⁻ˣ) / 2.', { ranges: within(-5, 5), special: points(0, 1, -1), smooth: true }),
  tanh: elementwise('tanh', 1, 'Hyperbolic tangent. y = sinh x / cosh x.', { ranges: within(-6, 6), special: points(0, 1e-3, 20, -20), smooth: true, large: true }),
  asinh: elementwise('asinh', 1, 'Inverse hyperbolic sine.', { ranges: within(-8, 8), special: points(0, 1e-2, 1, -1), smooth: true }),
  acosh: elementwise('acosh', 1, 'Inverse hyperbolic cosine, for x ≥ 1.', { ranges: within(1.1, 20), special: points(1, 2, 1.5) }),
  atanh: elementwise('atanh', 1, 'Inverse hyperbolic tangent, for −1 < x < 1.', { ranges: within(-0.95, 0.95), special: points(0, 0.5, 1e-2), smooth: true }),
  erf: elementwise('erf', 1, 'Error function. y = 2/√π · ∫₀ˣ e^(−t²) dt.', { ranges: within(-4, 4), special: points(0, 1e-3, 0.5, -3, 6), smooth: true }),
  sigmoid: elementwise('sigmoid', 1, 'Logistic function. y = 1 / (1 + e⁻ˣ).', { ranges: within(-8, 8), special: points(0, 30, -10), smooth: true }),
  equal: elementwise('equal', 2, 'Whether a = b.', { dtypes: ALL, tolerance: 'exact', ranges: few, special: comparePoints }),
  notEqual: elementwise('notEqual', 2, 'Whether a ≠ b.', { dtypes: ALL, tolerance: 'exact', ranges: few, special: comparePoints }),
  less: elementwise('less', 2, 'Whether a < b.', { dtypes: NUMBERS, tolerance: 'exact', ranges: few, special: comparePoints }),
  lessEqual: elementwise('lessEqual', 2, 'Whether a ≤ b.', { dtypes: NUMBERS, tolerance: 'exact', ranges: few, special: comparePoints }),
  greater: elementwise('greater', 2, 'Whether a > b.', { dtypes: NUMBERS, tolerance: 'exact', ranges: few, special: comparePoints }),
  greaterEqual: elementwise('greaterEqual', 2, 'Whether a ≥ b.', { dtypes: NUMBERS, tolerance: 'exact', ranges: few, special: comparePoints }),
  logicalAnd: elementwise('logicalAnd', 2, 'Whether both are true. y = a ∧ b.', { dtypes: BOOL, tolerance: 'exact', special: () => pairs([0, 1]) }),
  logicalOr: elementwise('logicalOr', 2, 'Whether one is true. y = a ∨ b.', { dtypes: BOOL, tolerance: 'exact', special: () => pairs([0, 1]) }),
  logicalNot: elementwise('logicalNot', 1, 'Whether x is false. y = ¬x.', { dtypes: BOOL, tolerance: 'exact', special: points(0, 1) }),
  isNan: elementwise('isNan', 1, 'Whether x is not a number.', { tolerance: 'exact', special: points(0, NaN, Infinity, -Infinity, 1, NaN, -2) }),
  isFinite: elementwise('isFinite', 1, 'Whether x is neither NaN nor infinite.', { tolerance: 'exact', special: points(0, NaN, Infinity, -Infinity, 1, 65504) }),
  bitwiseAnd: elementwise('bitwiseAnd', 2, 'Bits set in both.', { dtypes: BITS, tolerance: 'exact', ranges: wideBoth, special: () => pairs(INT_EDGES) }),
  bitwiseOr: elementwise('bitwiseOr', 2, 'Bits set in either.', { dtypes: BITS, tolerance: 'exact', ranges: wideBoth, special: () => pairs(INT_EDGES) }),
  bitwiseXor: elementwise('bitwiseXor', 2, 'Bits that differ.', { dtypes: BITS, tolerance: 'exact', ranges: wideBoth, special: () => pairs(INT_EDGES) }),
  bitwiseNot: elementwise('bitwiseNot', 1, 'All bits turned over.', { dtypes: BITS, tolerance: 'exact', ranges: wideBoth, special: () => INT_EDGES.map((x) => [x]) }),
  shiftLeft: elementwise('shiftLeft', 2, 'Bits moved up by b mod 32; zeros come in.', { dtypes: BITS, tolerance: 'exact', ranges: (d) => [wide(d), [0, 32]], special: shiftPoints }),
  shiftRight: elementwise('shiftRight', 2, 'Bits moved down by b mod 32; the sign comes in for int32, zeros for uint32.', {
    dtypes: BITS, tolerance: 'exact', ranges: (d) => [wide(d), [0, 32]], special: shiftPoints,
  }),
  select: selectSpec(),
  cast: castSpec(),
};

/** Few different elements, so that equal ones meet. */
function few(dtype: DType): Range[] {
  const range: Range = dtype === 'bool' ? { from: [0, 1] } : isInt(dtype) ? { from: [0, 1, 2, 0x7fffffff, -0x80000000] } : { from: [-1, 0, 0.5, 1] };
  return [range, range];
}

function comparePoints(dtype: DType): number[][] {
  if (dtype === 'bool') return pairs([0, 1]);
  return isInt(dtype) ? pairs([...INT_EDGES, 16777216, 16777217]) : pairs([-1, 0, -0, 0.5, 1]);
}

function shiftPoints(): number[][] {
  return [1, -1, 0x7fffffff, -0x80000000].flatMap((x) => [0, 1, 31, 32, 33].map((by) => [x, by]));
}

function selectSpec(): OpSpec {
  const triples: readonly (readonly (readonly number[])[])[] = [
    ...SHAPE_PAIRS.map(([a, b]) => [b, a, b]),
    [[], [4], [4]], [[4], [], []], [[2, 1], [3], []], [[3], [2, 3], [2, 1]], [[1], [5, 1], [1, 4]],
  ];
  return {
    name: 'select',
    doc: 'Choice by element: a where the condition holds, else b. All three broadcast.',
    dtypes: ALL,
    tolerance: 'exact',
    samples: (dtype) =>
      triples.map((shapes) => {
        const label = shapeName(...shapes);
        return {
          name: label,
          inputs: shapes.map((shape, i) => random(`select ${label} ${i}`, i === 0 ? 'bool' : dtype, shape)),
          build: ([condition, a, b]) => [select(condition as Value, a as Value, b as Value)],
        };
      }),
  };
}

function castSpec(): OpSpec {
  const interesting = (dtype: DType): number[] => {
    if (dtype === 'bool') return [0, 1];
    if (isInt(dtype)) return [...INT_EDGES, 2047, 12345];
    const shared = [0, -0, 0.4, 0.5, 0.9, 1, 1.5, 2.9, 2047];
    return dtype === 'float16' ? [...shared, 65504] : [...shared, 3e9, 5e9, 1e20, 16777216];
  };
  const usable = (from: DType, to: DType, x: number): boolean => {
    if (to === 'float16') return Math.abs(representable(from, x)) <= (isInt(from) ? 2048 : 65000);
    return true;
  };
  const signed = (dtype: DType, list: number[]): number[] => (dtype === 'bool' || isInt(dtype) ? list : [...list, ...list.map((x) => -x), NaN]);
  return {
    name: 'cast',
    doc: 'Conversion of the dtype. To integers: towards zero, saturating, NaN to 0; to bool: whether not 0; int32 and uint32 share their bits.',
    dtypes: ALL,
    tolerance: 'relative',
    samples: (to) =>
      ALL.filter((from) => from !== to).flatMap((from) => {
        const build = ([x]: readonly Value[]): Value[] => [cast(x as Value, to)];
        const list = signed(from, interesting(from)).filter((x) => usable(from, to, x) && (!Number.isNaN(x) || isInt(to)));
        return [
          { name: `from ${from} special elements`, inputs: [given(from, [list.length], list)], build, smooth: false },
          ...[[], [17], [0], [3, 5], [257]].map((shape): Sample => ({
            name: `from ${from} ${shapeName(shape)}`, inputs: [random(`cast ${from} ${shape.join()}`, from, shape)], build,
          })),
        ];
      }),
  };
}
