/**
 * What the specification of an op consists of: its documentation, and samples that every engine must get right. Samples are generated from
 * their names, so that they are the same everywhere and no tables of numbers are stored.
 */
import { roundToHalf } from '../core/half.ts';
import type { Value } from '../core/graph.ts';
import { sizeOf, tensorType, type DType, type Shape, type TensorType } from '../core/types.ts';
import { hashText } from '../print/hashGraph.ts';
import { randomWords } from '../random/threefry.ts';

/** An operand of a sample: its type, and elements that its dtype holds exactly. */
export interface SampleInput {
  readonly type: TensorType;
  readonly data: Float64Array;
}

/** One use of an op. */
export interface Sample {
  readonly name: string;
  readonly inputs: readonly SampleInput[];
  /** The values to compare. */
  build(inputs: readonly Value[]): readonly Value[];
  /** How many terms each element sums or multiplies, for the tolerances that depend on it. */
  readonly terms?: number;
  /** How much more than one op's rounding may add up, for results of many steps. */
  readonly slack?: number;
  /** Set to false where the op has a kink or a tie at these inputs. */
  readonly smooth?: boolean;
}

/**
 * How closely floats must agree. Integers and booleans always agree exactly.
 * `exact`: bit for bit, but for the sign of zero. `relative`: as a function of one element. `sum`: a sum of `terms` products, measured
 * against the sum of their sizes. `product`: a product of `terms` factors.
 */
export type ToleranceClass = 'exact' | 'relative' | 'sum' | 'product';

/** The specification of an op. */
export interface OpSpec {
  readonly name: string;
  /** One or two sentences and the formula. */
  readonly doc: string;
  readonly dtypes: readonly DType[];
  readonly tolerance: ToleranceClass;
  samples(dtype: DType): readonly Sample[];
}

/** Where elements lie: uniform between two numbers, or picked from a list. */
export type Range = readonly [low: number, high: number] | { readonly from: readonly number[] };

/** The number that a dtype makes of `x`. */
export function representable(dtype: DType, x: number): number {
  switch (dtype) {
    case 'float32':
      return Math.fround(x);
    case 'float16':
      return roundToHalf(x);
    case 'int32':
      return Math.trunc(x) | 0;
    case 'uint32':
      return Math.trunc(x) >>> 0;
    case 'bool':
      return x > 0 ? 1 : 0;
  }
}

const RANGES: Readonly<Record<DType, Range>> = {
  float32: [-2, 2],
  float16: [-2, 2],
  int32: [-9, 10],
  uint32: [0, 20],
  bool: [-1, 1],
};

/** An operand with pseudo-random elements that depend on `seed` alone. */
export function random(seed: string, dtype: DType, shape: Shape, range: Range = RANGES[dtype]): SampleInput {
  const words = randomWords([Number.parseInt(hashText(seed).slice(0, 8), 16), sizeOf(shape)], sizeOf(shape));
  const data = Float64Array.from(words, (word) => {
    const part = word / 2 ** 32;
    if ('from' in range) return representable(dtype, range.from[Math.floor(part * range.from.length)] as number);
    return representable(dtype, range[0] + part * (range[1] - range[0]));
  });
  return { type: tensorType(dtype, shape), data };
}

/** An operand with the given elements. */
export function given(dtype: DType, shape: Shape, data: readonly number[]): SampleInput {
  return { type: tensorType(dtype, shape), data: Float64Array.from(data, (x) => representable(dtype, x)) };
}

/** An operand of distinct elements, well apart, in a shuffled order: no ties for sorting and maxima. */
export function distinct(seed: string, dtype: DType, shape: Shape): SampleInput {
  const size = sizeOf(shape);
  const words = randomWords([Number.parseInt(hashText(seed).slice(0, 8), 16), 1], size);
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => (words[i] as number) - (words[j] as number));
  const step = dtype === 'int32' ? 1 : 1 / 16;
  const data = new Float64Array(size);
  order.forEach((at, rank) => (data[at] = representable(dtype, (rank - Math.floor(size / 2)) * step)));
  return { type: tensorType(dtype, shape), data };
}

export const shapeName = (...shapes: readonly Shape[]): string =>
  shapes.map((shape) => `[${shape.join(',')}]`).join(' ');

/** Shapes for ops of one tensor: empty, scalar, size 1, sizes around powers of two, many axes. */
export const SHAPES: readonly Shape[] = [
  [],
  [1],
  [5],
  [17],
  [63],
  [64],
  [65],
  [257],
  [0],
  [2, 0, 3],
  [3, 5],
  [1, 7],
  [7, 1],
  [2, 3, 4],
  [2, 1, 3, 2, 2],
];

/** Pairs of shapes that broadcast. */
export const SHAPE_PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[5], []],
  [[], [5]],
  [[1], [5]],
  [[5], [1]],
  [[17], [17]],
  [[63], [63]],
  [[257], [1]],
  [[65], [65]],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [1, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[1, 1, 1], [2]],
  [[65, 17], [17]],
  [
    [4, 1, 3],
    [4, 5, 3],
  ],
  [
    [2, 3, 4],
    [2, 1, 1],
  ],
  [[0], [1]],
  [[0, 3], [3]],
  [
    [2, 0],
    [1, 1],
  ],
  [
    [2, 3, 1, 2, 1],
    [3, 4, 1, 5],
  ],
];
