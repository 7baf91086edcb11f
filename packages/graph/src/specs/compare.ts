/** Specifications of comparisons, logic and bits. */
import type { DType } from '../core/types.ts';
import { ALL, BITS, BOOL, NUMBERS } from '../ops/dtypes.ts';
import { INT_EDGES, elementwise, isInt, pairs, points, wide, wideBoth } from './elementwise.ts';
import type { Range } from './sample.ts';

/** Few different elements, so that equal ones meet. */
function few(dtype: DType): Range[] {
  const range: Range =
    dtype === 'bool'
      ? { from: [0, 1] }
      : isInt(dtype)
        ? { from: [0, 1, 2, 0x7fffffff, -0x80000000] }
        : { from: [-1, 0, 0.5, 1] };
  return [range, range];
}

function comparePoints(dtype: DType): number[][] {
  if (dtype === 'bool') return pairs([0, 1]);
  return isInt(dtype) ? pairs([...INT_EDGES, 16777216, 16777217]) : pairs([-1, 0, -0, 0.5, 1]);
}

function shiftPoints(): number[][] {
  return [1, -1, 0x7fffffff, -0x80000000].flatMap((x) => [0, 1, 31, 32, 33].map((by) => [x, by]));
}

export const COMPARE_SPECS = {
  equal: elementwise('equal', 2, 'Whether a = b.', {
    dtypes: ALL,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  notEqual: elementwise('notEqual', 2, 'Whether a ≠ b.', {
    dtypes: ALL,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  less: elementwise('less', 2, 'Whether a < b.', {
    dtypes: NUMBERS,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  lessEqual: elementwise('lessEqual', 2, 'Whether a ≤ b.', {
    dtypes: NUMBERS,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  greater: elementwise('greater', 2, 'Whether a > b.', {
    dtypes: NUMBERS,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  greaterEqual: elementwise('greaterEqual', 2, 'Whether a ≥ b.', {
    dtypes: NUMBERS,
    tolerance: 'exact',
    ranges: few,
    special: comparePoints,
  }),
  logicalAnd: elementwise('logicalAnd', 2, 'Whether both are true. y = a ∧ b.', {
    dtypes: BOOL,
    tolerance: 'exact',
    special: () => pairs([0, 1]),
  }),
  logicalOr: elementwise('logicalOr', 2, 'Whether one is true. y = a ∨ b.', {
    dtypes: BOOL,
    tolerance: 'exact',
    special: () => pairs([0, 1]),
  }),
  logicalNot: elementwise('logicalNot', 1, 'Whether x is false. y = ¬x.', {
    dtypes: BOOL,
    tolerance: 'exact',
    special: points(0, 1),
  }),
  isNan: elementwise('isNan', 1, 'Whether x is not a number.', {
    tolerance: 'exact',
    special: points(0, NaN, Infinity, -Infinity, 1, NaN, -2),
  }),
  isFinite: elementwise('isFinite', 1, 'Whether x is neither NaN nor infinite.', {
    tolerance: 'exact',
    special: points(0, NaN, Infinity, -Infinity, 1, 65504),
  }),
  bitwiseAnd: elementwise('bitwiseAnd', 2, 'Bits set in both.', {
    dtypes: BITS,
    tolerance: 'exact',
    ranges: wideBoth,
    special: () => pairs(INT_EDGES),
  }),
  bitwiseOr: elementwise('bitwiseOr', 2, 'Bits set in either.', {
    dtypes: BITS,
    tolerance: 'exact',
    ranges: wideBoth,
    special: () => pairs(INT_EDGES),
  }),
  bitwiseXor: elementwise('bitwiseXor', 2, 'Bits that differ.', {
    dtypes: BITS,
    tolerance: 'exact',
    ranges: wideBoth,
    special: () => pairs(INT_EDGES),
  }),
  bitwiseNot: elementwise('bitwiseNot', 1, 'All bits turned over.', {
    dtypes: BITS,
    tolerance: 'exact',
    ranges: wideBoth,
    special: () => INT_EDGES.map((x) => [x]),
  }),
  shiftLeft: elementwise('shiftLeft', 2, 'Bits moved up by b mod 32; zeros come in.', {
    dtypes: BITS,
    tolerance: 'exact',
    ranges: (d) => [wide(d), [0, 32]],
    special: shiftPoints,
  }),
  shiftRight: elementwise(
    'shiftRight',
    2,
    'Bits moved down by b mod 32; the sign comes in for int32, zeros for uint32.',
    {
      dtypes: BITS,
      tolerance: 'exact',
      ranges: (d) => [wide(d), [0, 32]],
      special: shiftPoints,
    },
  ),
};
