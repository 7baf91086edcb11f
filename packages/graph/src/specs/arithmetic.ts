/** Specifications of arithmetic. */
import type { DType } from '../core/types.ts';
import { NUMBERS, SIGNED } from '../ops/dtypes.ts';
import { INT_EDGES, elementwise, isInt, pairs, points, wideBoth } from './elementwise.ts';
import type { Range } from './sample.ts';

const wrapPoints = (dtype: DType): number[][] => (isInt(dtype) ? pairs(INT_EDGES) : pairs([0, 1, -1, 1.5]));
/** Odd multiples of an eighth: no quotient by the divisors below is a whole number, or near one. */
const eighths: Range = { from: Array.from({ length: 40 }, (_, i) => (2 * i - 39) / 8) };
const divisors: Range = { from: [-4, -2.5, -1.5, -1, -0.5, 0.5, 0.75, 1, 2, 3] };
const integers: Range = { from: Array.from({ length: 61 }, (_, i) => i - 30) };
const divisionRanges = (dtype: DType): Range[] =>
  isInt(dtype) ? [integers, { from: [-7, -3, -2, -1, 1, 2, 3, 5] }] : [eighths, divisors];
const divisionPoints = (dtype: DType): number[][] =>
  isInt(dtype)
    ? [
        [7, 2],
        [-7, 2],
        [7, -2],
        [-7, -2],
        [6, 3],
        [-6, 3],
        [5, 0],
        [-5, 0],
        [0, 0],
        [0, -3],
        [-0x80000000, -1],
        [0x7fffffff, -2],
        [-0x80000000, 3],
        [16777217, 1],
        [2147483646, 4],
      ]
    : [
        [7, 2],
        [-7, 2],
        [7, -2],
        [-7, -2],
        [6, 3],
        [-6, 3],
        [0, 2],
        [0.5, -4],
      ];
const awayFromZero: Range = { from: [-3, -2.5, -1.25, -0.75, -0.5, 0.5, 0.8, 1, 1.7, 2.9] };

export const ARITHMETIC_SPECS = {
  add: elementwise('add', 2, 'Sum. y = a + b; integers wrap at 32 bits.', {
    dtypes: NUMBERS,
    ranges: wideBoth,
    special: wrapPoints,
    smooth: true,
  }),
  sub: elementwise('sub', 2, 'Difference. y = a − b; integers wrap at 32 bits.', {
    dtypes: NUMBERS,
    ranges: wideBoth,
    special: wrapPoints,
    smooth: true,
  }),
  mul: elementwise('mul', 2, 'Product. y = a · b; integers wrap at 32 bits.', {
    dtypes: NUMBERS,
    ranges: wideBoth,
    special: wrapPoints,
    smooth: true,
  }),
  div: elementwise('div', 2, 'Quotient of floats. y = a / b.', { ranges: () => [undefined, awayFromZero] }),
  floorDiv: elementwise('floorDiv', 2, 'Quotient rounded down. y = ⌊a / b⌋; for integers 0 where b = 0.', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: divisionRanges,
    special: divisionPoints,
  }),
  mod: elementwise('mod', 2, 'Remainder with the sign of the divisor. y = a − b·⌊a / b⌋; for integers 0 where b = 0.', {
    dtypes: SIGNED,
    ranges: divisionRanges,
    special: divisionPoints,
  }),
  pow: elementwise('pow', 2, 'Power. y = aᵇ; a negative base needs a whole exponent, and 0⁰ = 1.', {
    ranges: () => [
      [0.2, 4],
      [-2, 2],
    ],
    special: () => [
      [0, 0],
      [0, 2],
      [-2, 3],
      [-2, 2],
      [-1.5, -1],
      [3, 0],
      [1, 100],
      [2, 10],
      [-2, 0],
    ],
  }),
  maximum: elementwise('maximum', 2, 'The larger element. y = max(a, b).', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: wideBoth,
    special: wrapPoints,
  }),
  minimum: elementwise('minimum', 2, 'The smaller element. y = min(a, b).', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: wideBoth,
    special: wrapPoints,
  }),
  atan2: elementwise('atan2', 2, 'The angle of the point (b, a) in (−π, π]. y = atan2(a, b).', {
    ranges: () => [awayFromZero, undefined],
    special: () => [
      [0, 1],
      [1, 0],
      [-1, 0],
      [0, -1],
      [1, 1],
      [1, -1],
      [-1, -1],
      [-1, 1],
    ],
  }),
  neg: elementwise('neg', 1, 'Opposite. y = −x; the least integer is its own opposite.', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: wideBoth,
    special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [1.5]]),
    smooth: true,
    large: true,
  }),
  abs: elementwise('abs', 1, 'Size. y = |x|; the least integer stays.', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: wideBoth,
    special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [-1.5]]),
  }),
  sign: elementwise('sign', 1, 'Sign: −1, 0 or 1.', {
    dtypes: SIGNED,
    tolerance: 'exact',
    ranges: wideBoth,
    special: (d) => (isInt(d) ? INT_EDGES.map((x) => [x]) : [[0], [-1.5], [1e-4]]),
  }),
  floor: elementwise('floor', 1, 'Rounding down. y = ⌊x⌋.', {
    tolerance: 'exact',
    special: points(-2, -1.5, -0.25, 0, 0.25, 1, 2.5, 2047),
  }),
  ceil: elementwise('ceil', 1, 'Rounding up. y = ⌈x⌉.', {
    tolerance: 'exact',
    special: points(-2, -1.5, -0.25, 0, 0.25, 1, 2.5, 2047),
  }),
  round: elementwise('round', 1, 'Rounding to the nearest whole number, halves to the even one.', {
    tolerance: 'exact',
    special: points(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.25, 7, 1023.5, 0),
  }),
};
