/** Specifications of pooling. */
import type { Value } from '../core/graph.ts';
import { sizeOf, tensorType, type DType, type Shape } from '../core/types.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolAttrs } from '../ops/pool.ts';
import { namedPadding, windowOutput } from '../ops/windows.ts';
import { maxPool as referenceMaxPool } from '../reference/windows.ts';
import { distinct, random, shapeName, type OpSpec, type Sample, type SampleInput } from './sample.ts';

interface PoolUse {
  readonly x: Shape;
  readonly window: Shape;
  readonly strides?: readonly number[];
  readonly padding?: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly dilations?: readonly number[];
}

const POOL_USES: readonly PoolUse[] = [
  { x: [1, 6, 1], window: [2], strides: [2] },
  { x: [2, 7, 3], window: [3], strides: [2], padding: 'same' },
  { x: [1, 9, 2], window: [3], strides: [1] },
  { x: [1, 9, 2], window: [2], strides: [3], dilations: [2] },
  { x: [1, 4, 4, 1], window: [2, 2], strides: [2, 2] },
  { x: [2, 5, 5, 3], window: [2, 2], strides: [2, 2] },
  { x: [2, 5, 5, 3], window: [2, 2], strides: [2, 2], padding: 'same' },
  { x: [1, 6, 7, 2], window: [3, 3], strides: [2, 2], padding: 'same' },
  { x: [1, 6, 7, 2], window: [3, 3], strides: [1, 1], padding: 'same' },
  { x: [1, 6, 7, 2], window: [3, 2], strides: [1, 2] },
  { x: [1, 7, 7, 2], window: [2, 2], strides: [3, 3] },
  { x: [1, 7, 8, 2], window: [2, 3], strides: [1, 1], dilations: [2, 2] },
  { x: [1, 5, 5, 17], window: [5, 5], strides: [1, 1] },
  {
    x: [1, 5, 6, 2],
    window: [3, 3],
    strides: [2, 1],
    padding: [
      [1, 0],
      [0, 2],
    ],
  },
  { x: [3, 1, 1, 2], window: [1, 1], strides: [1, 1] },
  { x: [0, 4, 4, 2], window: [2, 2], strides: [2, 2] },
  { x: [1, 17, 17, 4], window: [3, 3], strides: [2, 2], padding: 'same' },
  { x: [1, 4, 4, 4, 2], window: [2, 2, 2], strides: [2, 2, 2] },
  { x: [1, 5, 4, 3, 1], window: [3, 2, 2], strides: [2, 1, 1], padding: 'same' },
];

function poolAttrs({ x, window, strides, padding = 'valid', dilations }: PoolUse): PoolAttrs {
  const spatial = x.slice(1, -1);
  const ones = spatial.map(() => 1);
  const steps = strides ?? ones;
  const spread = dilations ?? ones;
  const pairs = typeof padding === 'string' ? namedPadding(padding, spatial, window, steps, spread) : padding;
  return { window, strides: steps, padding: pairs, dilations: spread };
}

const poolOutput = (use: PoolUse): Shape => [
  use.x[0] as number,
  ...windowOutput('pool', use.x.slice(1, -1), use.window, poolAttrs(use)),
  use.x.at(-1) as number,
];
const poolLabel = ({ x, ...rest }: PoolUse): string => `${shapeName(x)} ${JSON.stringify(rest)}`;
const spatialOf = (shape: Shape): Shape => shape.slice(1, -1);

const maxPoolSpec: OpSpec = {
  name: 'maxPool',
  doc: 'The largest element of each window and its row-major position in the window. The first of equals wins, padding never.',
  dtypes: FLOATS,
  tolerance: 'exact',
  samples: (dtype) => [
    ...POOL_USES.map(
      (use): Sample => ({
        name: poolLabel(use),
        inputs: [distinct(`maxPool ${poolLabel(use)}`, dtype, use.x)],
        build: ([x]) => {
          const { values, positions } = maxPool(x as Value, poolAttrs(use));
          return [values, positions];
        },
      }),
    ),
    {
      name: 'equal elements',
      inputs: [random('maxPool ties', dtype, [1, 6, 6, 2], { from: [-1, 0] })],
      smooth: false,
      build: ([x]) => {
        const { values, positions } = maxPool(x as Value, {
          window: [3, 3],
          strides: [2, 2],
          padding: [
            [1, 1],
            [1, 1],
          ],
          dilations: [1, 1],
        });
        return [values, positions];
      },
    },
    {
      name: 'negative elements beside padding',
      inputs: [random('maxPool negative', dtype, [1, 5, 5, 1], [-5, -1])],
      build: ([x]) => [
        maxPool(x as Value, {
          window: [3, 3],
          strides: [1, 1],
          padding: [
            [1, 1],
            [1, 1],
          ],
          dilations: [1, 1],
        }).values,
      ],
    },
  ],
};

const maxPoolGradSpec: OpSpec = {
  name: 'maxPoolGrad',
  doc: 'The transpose of maxPool for given positions: each dy is added to the element that was the largest of its window.',
  dtypes: FLOATS,
  tolerance: 'sum',
  samples: (dtype) =>
    POOL_USES.map((use): Sample => {
      const label = poolLabel(use);
      const positions = positionsOf(distinct(`maxPoolGrad x ${label}`, dtype, use.x), use);
      return {
        name: label,
        inputs: [random(`maxPoolGrad ${label}`, dtype, poolOutput(use)), positions],
        terms: sizeOf(use.window),
        build: ([dy, at]) => [
          maxPoolGrad(dy as Value, at as Value, { ...poolAttrs(use), inputShape: spatialOf(use.x) }),
        ],
      };
    }),
};

/** The positions that a real maxPool gives: they never name padding. */
function positionsOf(x: SampleInput, use: PoolUse): SampleInput {
  const type = tensorType('int32', poolOutput(use));
  const [, positions] = referenceMaxPool(x, poolAttrs(use), type);
  return { type, data: positions };
}

const avgSamples = (
  dtype: DType,
  operand: (use: PoolUse) => Shape,
  build: (x: Value, use: PoolUse, countPadding: boolean) => Value,
): Sample[] =>
  POOL_USES.flatMap((use) =>
    [false, true].map((countPadding): Sample => {
      const label = `${poolLabel(use)}${countPadding ? ' counting padding' : ''}`;
      return {
        name: label,
        inputs: [random(`avgPool ${label}`, dtype, operand(use))],
        terms: sizeOf(use.window),
        build: ([x]) => [build(x as Value, use, countPadding)],
      };
    }),
  );

export const POOL_SPECS = {
  maxPool: maxPoolSpec,
  maxPoolGrad: maxPoolGradSpec,
  avgPool: {
    name: 'avgPool',
    doc: 'The mean of each window; padding counts as zeros, or not at all.',
    dtypes: FLOATS,
    tolerance: 'sum',
    samples: (dtype) =>
      avgSamples(
        dtype,
        (use) => use.x,
        (x, use, countPadding) => avgPool(x, { ...poolAttrs(use), countPadding }),
      ),
  } satisfies OpSpec,
  avgPoolGrad: {
    name: 'avgPoolGrad',
    doc: 'The transpose of avgPool: each dy spreads evenly over its window.',
    dtypes: FLOATS,
    tolerance: 'sum',
    samples: (dtype) =>
      avgSamples(dtype, poolOutput, (dy, use, countPadding) =>
        avgPoolGrad(dy, { ...poolAttrs(use), countPadding, inputShape: spatialOf(use.x) }),
      ),
  } satisfies OpSpec,
};
