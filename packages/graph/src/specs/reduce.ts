/** Specifications of reductions, running results and arg-reductions. */
import type { Value } from '../core/graph.ts';
import { isFloat, sizeOf, type DType, type Shape } from '../core/types.ts';
import { BOOL, SIGNED } from '../ops/dtypes.ts';
import { cumProd, cumSum } from '../ops/cumulative.ts';
import * as ops from '../ops/reduce.ts';
import { distinct, given, random, type OpSpec, type Range, type Sample, type ToleranceClass } from './sample.ts';

interface Use {
  readonly shape: Shape;
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

const USES: readonly Use[] = [
  { shape: [] },
  { shape: [1] },
  { shape: [5] },
  { shape: [17] },
  { shape: [63] },
  { shape: [64] },
  { shape: [65] },
  { shape: [257] },
  { shape: [1000] },
  { shape: [3, 5], axes: [0] },
  { shape: [3, 5], axes: [1] },
  { shape: [3, 5] },
  { shape: [3, 5], axes: [] },
  { shape: [3, 5], axes: [-1], keepDims: true },
  { shape: [3, 5], keepDims: true },
  { shape: [2, 3, 4], axes: [1] },
  { shape: [2, 3, 4], axes: [0, 2] },
  { shape: [2, 3, 4], axes: [0, 2], keepDims: true },
  { shape: [2, 3, 4], axes: [1, 2] },
  { shape: [2, 3, 2, 1, 4], axes: [1, 3] },
  { shape: [2, 3, 2, 1, 4], axes: [0, 2, 4] },
  { shape: [1, 1, 6], axes: [0, 1] },
  { shape: [0] },
  { shape: [0, 3], axes: [0] },
  { shape: [3, 0], axes: [0] },
  { shape: [2, 0, 3], axes: [1], keepDims: true },
  { shape: [65, 17], axes: [0] },
  { shape: [65, 17], axes: [1] },
  { shape: [17, 257], axes: [1] },
  { shape: [257, 17], axes: [0] },
  { shape: [1, 129], axes: [0] },
];
const TALL: readonly Use[] = [
  { shape: [65537, 3], axes: [1] },
  { shape: [70001, 2], axes: [0] },
];

type Reduction = (x: Value, options: { axes?: readonly number[]; keepDims?: boolean }) => Value;

interface Options {
  readonly dtypes?: readonly DType[];
  readonly tolerance: ToleranceClass;
  readonly range?: (dtype: DType, terms: number) => Range | undefined;
  readonly tall?: boolean;
  /** Elements must differ, since ties are kinks. */
  readonly unequal?: boolean;
  readonly extra?: (dtype: DType) => readonly Sample[];
}

const termsOf = ({ shape, axes }: Use): number =>
  sizeOf((axes ?? shape.map((_, i) => i)).map((axis) => shape.at(axis) as number));

function reduction(name: string, apply: Reduction, doc: string, options: Options): OpSpec {
  const { dtypes = SIGNED, tolerance, range, tall = false, unequal = false, extra } = options;
  return {
    name,
    doc,
    dtypes,
    tolerance,
    samples: (dtype) => [
      ...[...USES, ...(tall && dtype !== 'float16' ? TALL : [])].map((use): Sample => {
        const { shape, axes, keepDims } = use;
        const label = `[${shape.join(',')}]${axes ? ` over [${axes.join(',')}]` : ''}${keepDims ? ' kept' : ''}`;
        const terms = Math.max(1, termsOf(use));
        const x =
          unequal && dtype !== 'bool'
            ? distinct(`${name} ${label}`, dtype, shape)
            : random(`${name} ${label}`, dtype, shape, range?.(dtype, terms));
        return {
          name: label,
          inputs: [x],
          terms,
          build: ([v]) => [apply(v as Value, { ...(axes && { axes }), ...(keepDims && { keepDims }) })],
        };
      }),
      ...(extra?.(dtype) ?? []),
    ],
  };
}

/** Factors whose products neither vanish nor explode. */
const factors = (dtype: DType, terms: number): Range => {
  if (dtype === 'int32') return { from: [-3, -1, 1, 2, 5] };
  const spread = Math.min(0.5, 4 / Math.sqrt(terms));
  return [1 - spread, 1 + spread];
};

const wrapSums =
  (apply: Reduction) =>
  (dtype: DType): Sample[] =>
    dtype === 'int32'
      ? [
          {
            name: 'wraps',
            inputs: [given('int32', [2, 3], [0x7fffffff, 1, 5, -0x80000000, -0x80000000, 7])],
            build: ([x]) => [apply(x as Value, { axes: [1] })],
          },
        ]
      : [];
const zeros =
  (apply: Reduction) =>
  (dtype: DType): Sample[] => [
    {
      name: 'with zeros',
      inputs: [given(dtype, [4, 3], [1, 2, 3, 0, 2, 3, 0, 0, 3, 0, 0, 0])],
      terms: 3,
      build: ([x]) => [apply(x as Value, { axes: [1] })],
    },
    ...wrapSums(apply)(dtype),
  ];
const ties =
  (apply: Reduction) =>
  (dtype: DType): Sample[] => [
    {
      name: 'ties',
      inputs: [given(dtype, [2, 4], [1, 3, 3, 2, -1, -1, -1, -1])],
      build: ([x]) => [apply(x as Value, { axes: [1] })],
      smooth: false,
    },
    { name: 'negative', inputs: [given(dtype, [3], [-7, -3, -5])], build: ([x]) => [apply(x as Value, {})] },
  ];

const arg = (apply: (x: Value, axis: number) => Value, name: string, doc: string): OpSpec => ({
  name,
  doc,
  dtypes: SIGNED,
  tolerance: 'exact',
  samples: (dtype) => {
    const uses: readonly (readonly [Shape, number])[] = [
      [[1], 0],
      [[5], 0],
      [[17], 0],
      [[63], 0],
      [[65], 0],
      [[257], 0],
      [[3, 5], 0],
      [[3, 5], 1],
      [[2, 3, 4], 1],
      [[2, 3, 4], -1],
      [[2, 3, 2, 2, 4], 1],
      [[0, 3], 1],
      [[65, 17], 0],
      [[65, 17], 1],
      [[1, 7], 0],
    ];
    return [
      ...uses.map(
        ([shape, axis]): Sample => ({
          name: `[${shape.join(',')}] along ${axis}`,
          inputs: [distinct(`${name} ${shape.join()} ${axis}`, dtype, shape)],
          build: ([x]) => [apply(x as Value, axis)],
        }),
      ),
      {
        name: 'the first of equals',
        inputs: [given(dtype, [3, 5], [1, 3, 3, 1, 2, 0, 0, 0, 0, 0, -1, -2, -1, -2, -2])],
        build: ([x]) => [apply(x as Value, 1)],
      },
    ];
  },
});

const cumulative = (
  apply: typeof cumSum,
  name: string,
  doc: string,
  tolerance: ToleranceClass,
  range?: Options['range'],
): OpSpec => ({
  name,
  doc,
  dtypes: SIGNED,
  tolerance,
  samples: (dtype) => {
    const shapes: readonly (readonly [Shape, number])[] = [
      [[1], 0],
      [[5], 0],
      [[17], 0],
      [[65], 0],
      [[257], 0],
      [[3, 5], 0],
      [[3, 5], 1],
      [[2, 3, 4], 1],
      [[2, 2, 3, 1, 2], 2],
      [[0], 0],
      [[2, 0, 3], 0],
      [[33, 17], 0],
    ];
    const uses = shapes.flatMap(([shape, axis]) =>
      [false, true].map((reverse) => ({ shape, axis, reverse, exclusive: false })),
    );
    uses.push(
      { shape: [6], axis: 0, reverse: false, exclusive: true },
      { shape: [2, 5], axis: 1, reverse: true, exclusive: true },
    );
    const samples = uses.map(({ shape, axis, reverse, exclusive }): Sample => {
      const label = `[${shape.join(',')}] along ${axis}${reverse ? ' reversed' : ''}${exclusive ? ' exclusive' : ''}`;
      const terms = Math.max(1, shape[axis] as number);
      return {
        name: label,
        inputs: [random(`${name} ${label}`, dtype, shape, range?.(dtype, terms))],
        terms,
        build: ([x]) => [apply(x as Value, { axis, reverse, exclusive })],
      };
    });
    if (isFloat(dtype)) {
      samples.push({
        name: 'with zeros',
        inputs: [given(dtype, [2, 4], [2, 0, 3, 1, 0, 0, 2, 5])],
        terms: 4,
        build: ([x]) => [apply(x as Value, { axis: 1 })],
      });
    } else {
      samples.push({
        name: 'wraps',
        inputs: [given(dtype, [3], [0x7fffffff, 2, 3])],
        build: ([x]) => [apply(x as Value, { axis: 0 })],
      });
    }
    return samples;
  },
});

export const REDUCE_SPECS = {
  reduceSum: reduction('reduceSum', ops.reduceSum, 'Sum over axes. y = Σ x; over nothing 0. Integers wrap.', {
    tolerance: 'sum',
    tall: true,
    extra: wrapSums(ops.reduceSum),
  }),
  reduceProd: reduction(
    'reduceProd',
    ops.reduceProd,
    'Product over axes. y = Π x; over nothing 1. Integers wrap. Its gradient is right with zeros.',
    {
      tolerance: 'product',
      range: factors,
      extra: zeros(ops.reduceProd),
    },
  ),
  reduceMax: reduction(
    'reduceMax',
    ops.reduceMax,
    'The largest element over axes; over nothing −∞, or the least integer. Ties share the gradient.',
    {
      tolerance: 'exact',
      tall: true,
      unequal: true,
      extra: ties(ops.reduceMax),
    },
  ),
  reduceMin: reduction(
    'reduceMin',
    ops.reduceMin,
    'The smallest element over axes; over nothing ∞, or the greatest integer. Ties share the gradient.',
    {
      tolerance: 'exact',
      unequal: true,
      extra: ties(ops.reduceMin),
    },
  ),
  reduceAny: reduction('reduceAny', ops.reduceAny, 'Whether any element over axes is true; over nothing false.', {
    dtypes: BOOL,
    tolerance: 'exact',
    range: () => ({ from: [0, 0, 0, 0, 0, 0, 0, 1] }),
    tall: true,
  }),
  reduceAll: reduction('reduceAll', ops.reduceAll, 'Whether all elements over axes are true; over nothing true.', {
    dtypes: BOOL,
    tolerance: 'exact',
    range: () => ({ from: [1, 1, 1, 1, 1, 1, 1, 0] }),
  }),
  argMax: arg(ops.argMax, 'argMax', 'The position of the largest element along an axis, the first of equals.'),
  argMin: arg(ops.argMin, 'argMin', 'The position of the smallest element along an axis, the first of equals.'),
  cumSum: cumulative(
    cumSum,
    'cumSum',
    'Running sum along an axis. yᵢ = x₀ + … + xᵢ, or from the end. Integers wrap.',
    'sum',
  ),
  cumProd: cumulative(
    cumProd,
    'cumProd',
    'Running product along an axis. yᵢ = x₀ · … · xᵢ, or from the end. Integers wrap.',
    'product',
    factors,
  ),
};
