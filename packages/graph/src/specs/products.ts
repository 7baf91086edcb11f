/** Specifications of dot, convolution, pooling and resizing. */
import type { Value } from '../core/graph.ts';
import { sizeOf, tensorType, type DType, type Shape } from '../core/types.ts';
import { conv, convInputGrad, convKernelGrad, type ConvAttrs } from '../ops/conv.ts';
import { FLOATS, SIGNED } from '../ops/dtypes.ts';
import { dot, type DotAttrs } from '../ops/dot.ts';
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad, type PoolAttrs } from '../ops/pool.ts';
import { resize, resizeGrad, type ResizeMethod } from '../ops/resize.ts';
import { namedPadding, windowOutput } from '../ops/windows.ts';
import { maxPool as referenceMaxPool } from '../reference/windows.ts';
import { distinct, given, random, shapeName, type OpSpec, type Sample, type SampleInput } from './sample.ts';

interface DotUse {
  readonly a: Shape;
  readonly b: Shape;
  readonly attrs: Partial<Pick<DotAttrs, 'batchA' | 'batchB' | 'contractA' | 'contractB'>>;
}

const plain = (m: number, k: number, n: number): DotUse => ({ a: [m, k], b: [k, n], attrs: { contractA: [1], contractB: [0] } });
const DOT_USES: readonly DotUse[] = [
  plain(1, 1, 1), plain(2, 3, 4), plain(1, 17, 1), plain(17, 1, 17), plain(5, 63, 3), plain(63, 65, 17), plain(65, 17, 63), plain(1, 257, 33), plain(33, 257, 1),
  plain(64, 64, 64), plain(4, 2000, 3), plain(3, 0, 4), plain(0, 3, 4), plain(3, 4, 0), plain(129, 5, 2), plain(2, 5, 129),
  { a: [3, 2], b: [3, 4], attrs: { contractA: [0], contractB: [0] } },
  { a: [2, 3], b: [4, 3], attrs: { contractA: [1], contractB: [1] } },
  { a: [3, 2], b: [4, 3], attrs: { contractA: [0], contractB: [1] } },
  { a: [65, 17], b: [33, 17], attrs: { contractA: [1], contractB: [1] } },
  { a: [17, 65], b: [17, 33], attrs: { contractA: [0], contractB: [0] } },
  { a: [17, 65], b: [33, 17], attrs: { contractA: [0], contractB: [1] } },
  { a: [5], b: [5], attrs: { contractA: [0], contractB: [0] } },
  { a: [3], b: [4], attrs: {} },
  { a: [], b: [4], attrs: {} },
  { a: [5], b: [5, 3], attrs: { contractA: [0], contractB: [0] } },
  { a: [3, 5], b: [5], attrs: { contractA: [1], contractB: [0] } },
  { a: [2, 3, 4], b: [2, 4, 5], attrs: { batchA: [0], batchB: [0], contractA: [2], contractB: [1] } },
  { a: [2, 3, 4], b: [5, 4, 2], attrs: { batchA: [0], batchB: [2], contractA: [2], contractB: [1] } },
  { a: [3, 2, 4], b: [2, 5, 4], attrs: { batchA: [1], batchB: [0], contractA: [2], contractB: [2] } },
  { a: [2, 3, 4, 5], b: [2, 3, 5, 6], attrs: { batchA: [0, 1], batchB: [0, 1], contractA: [3], contractB: [2] } },
  { a: [2, 3, 4, 5], b: [3, 2, 6, 5], attrs: { batchA: [0, 1], batchB: [1, 0], contractA: [3], contractB: [3] } },
  { a: [2, 5, 3, 4], b: [2, 6, 3, 4], attrs: { batchA: [0, 2], batchB: [0, 2], contractA: [3], contractB: [3] } },
  { a: [2, 3, 4], b: [3, 4, 5], attrs: { contractA: [1, 2], contractB: [0, 1] } },
  { a: [2, 3, 4], b: [4, 3, 5], attrs: { contractA: [1, 2], contractB: [1, 0] } },
  { a: [2, 3, 4], b: [4, 5, 2], attrs: { contractA: [0, 2], contractB: [2, 0] } },
  { a: [2, 3, 4], b: [4, 5], attrs: { contractA: [2], contractB: [0] } },
  { a: [3, 4], b: [2, 4, 5], attrs: { contractA: [1], contractB: [1] } },
  { a: [2, 3], b: [2, 3], attrs: { contractA: [0, 1], contractB: [0, 1] } },
  { a: [4, 3], b: [4, 3], attrs: { batchA: [0], batchB: [0], contractA: [1], contractB: [1] } },
  { a: [4, 3], b: [4, 3], attrs: { batchA: [0, 1], batchB: [0, 1] } },
  { a: [2, 0, 3], b: [2, 4, 0], attrs: { batchA: [0], batchB: [0], contractA: [1], contractB: [2] } },
  { a: [2, 3, 2, 2, 4], b: [2, 4, 3], attrs: { batchA: [0], batchB: [0], contractA: [4], contractB: [1] } },
  { a: [9, 7, 33], b: [9, 33, 5], attrs: { batchA: [0], batchB: [0], contractA: [2], contractB: [1] } },
];

const dotSpec: OpSpec = {
  name: 'dot',
  doc: 'Sum of products, the general matrix product. y[batch, freeA, freeB] = Σ over contracted axes of a · b. Floats add up in float32 at least.',
  dtypes: SIGNED,
  tolerance: 'sum',
  samples: (dtype) => [
    ...DOT_USES.map(({ a, b, attrs }): Sample => {
      const label = `${shapeName(a, b)} ${JSON.stringify(attrs)}`;
      const terms = Math.max(1, sizeOf((attrs.contractA ?? []).map((axis) => a[axis] as number)));
      return {
        name: label,
        inputs: [random(`dot a ${label}`, dtype, a), random(`dot b ${label}`, dtype, b)],
        terms,
        build: ([x, y]) => [dot(x as Value, y as Value, attrs)],
      };
    }),
    ...(dtype === 'int32'
      ? [
          {
            name: 'wraps',
            inputs: [given('int32', [1, 2], [65537, 0x7fffffff]), given('int32', [2, 2], [65537, 3, 2, -5])],
            build: ([x, y]: readonly Value[]) => [dot(x as Value, y as Value, { contractA: [1], contractB: [0] })],
          },
        ]
      : []),
  ],
};

interface ConvUse {
  readonly x: Shape;
  readonly kernel: Shape;
  readonly strides?: readonly number[];
  readonly padding?: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly dilations?: readonly number[];
  readonly groups?: number;
}

const CONV_USES: readonly ConvUse[] = [
  { x: [1, 5, 1], kernel: [3, 1, 1] }, { x: [2, 7, 3], kernel: [3, 3, 4], padding: 'same' }, { x: [2, 8, 3], kernel: [4, 3, 2], strides: [2], padding: 'same' },
  { x: [1, 9, 2], kernel: [2, 2, 3], strides: [3] }, { x: [1, 10, 2], kernel: [3, 2, 2], dilations: [2] }, { x: [1, 10, 2], kernel: [3, 2, 2], dilations: [3], padding: 'same' },
  { x: [2, 6, 4], kernel: [3, 2, 4], groups: 2 }, { x: [2, 6, 4], kernel: [3, 1, 8], groups: 4 }, { x: [1, 7, 2], kernel: [3, 2, 2], padding: [[2, 0]] }, { x: [1, 7, 2], kernel: [1, 2, 3] },
  { x: [1, 4, 4, 1], kernel: [2, 2, 1, 1] }, { x: [1, 5, 5, 2], kernel: [3, 3, 2, 3] }, { x: [2, 5, 6, 3], kernel: [3, 3, 3, 4], padding: 'same' },
  { x: [1, 7, 6, 2], kernel: [3, 3, 2, 3], strides: [2, 2], padding: 'same' }, { x: [1, 7, 6, 2], kernel: [3, 2, 2, 3], strides: [2, 3] },
  { x: [1, 8, 9, 2], kernel: [3, 3, 2, 2], strides: [3, 2], padding: [[1, 2], [0, 1]] }, { x: [1, 9, 9, 2], kernel: [3, 3, 2, 2], dilations: [2, 3] },
  { x: [1, 9, 8, 2], kernel: [3, 2, 2, 2], dilations: [2, 2], strides: [2, 1], padding: [[2, 1], [1, 0]] }, { x: [1, 5, 5, 4], kernel: [3, 3, 2, 6], groups: 2, padding: 'same' },
  { x: [2, 6, 5, 3], kernel: [3, 3, 1, 3], groups: 3 }, { x: [1, 6, 6, 3], kernel: [3, 3, 1, 6], groups: 3, strides: [2, 2], padding: 'same' }, { x: [1, 6, 6, 2], kernel: [2, 2, 1, 4], groups: 2, dilations: [2, 1] },
  { x: [1, 5, 5, 3], kernel: [1, 1, 3, 5] }, { x: [1, 5, 5, 3], kernel: [1, 1, 3, 5], strides: [2, 2] }, { x: [1, 5, 5, 2], kernel: [5, 5, 2, 3] }, { x: [1, 2, 2, 1], kernel: [3, 3, 1, 1] },
  { x: [0, 5, 5, 2], kernel: [3, 3, 2, 2] }, { x: [1, 5, 5, 0], kernel: [3, 3, 0, 2] }, { x: [3, 1, 1, 2], kernel: [1, 1, 2, 2] }, { x: [1, 9, 9, 17], kernel: [3, 3, 17, 9], padding: 'same' },
  { x: [1, 17, 17, 3], kernel: [5, 5, 3, 8], strides: [2, 2], padding: 'same' }, { x: [2, 9, 7, 8], kernel: [3, 3, 8, 16], padding: [[1, 1], [1, 1]] },
  { x: [1, 4, 4, 4, 2], kernel: [2, 2, 2, 2, 3] }, { x: [1, 5, 4, 3, 2], kernel: [3, 2, 2, 2, 2], strides: [2, 1, 2], padding: 'same' }, { x: [1, 5, 5, 5, 2], kernel: [2, 2, 2, 2, 2], dilations: [2, 1, 2] },
  { x: [1, 3, 3, 3, 4], kernel: [2, 2, 2, 2, 4], groups: 2, padding: [[1, 0], [0, 1], [1, 1]] },
];

function convAttrs({ x, kernel, strides, padding = 'valid', dilations, groups = 1 }: ConvUse): ConvAttrs {
  const spatial = x.slice(1, -1);
  const window = kernel.slice(0, -2);
  const ones = spatial.map(() => 1);
  const steps = strides ?? ones;
  const spread = dilations ?? ones;
  const pairs = typeof padding === 'string' ? namedPadding(padding, spatial, window, steps, spread) : padding;
  return { strides: steps, padding: pairs, dilations: spread, groups };
}

function convOutput(use: ConvUse): Shape {
  const out = windowOutput('conv', use.x.slice(1, -1), use.kernel.slice(0, -2), convAttrs(use));
  return [use.x[0] as number, ...out, use.kernel.at(-1) as number];
}

const convLabel = (use: ConvUse): string => {
  const { strides, padding, dilations, groups } = use;
  return `${shapeName(use.x, use.kernel)} ${JSON.stringify({ strides, padding, dilations, groups })}`;
};

type ConvBuild = (a: Value, b: Value, attrs: ConvAttrs, use: ConvUse) => Value;

const convSpec = (name: string, doc: string, operands: (use: ConvUse) => readonly [Shape, Shape], terms: (use: ConvUse) => number, build: ConvBuild): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'sum',
  samples: (dtype) =>
    CONV_USES.map((use): Sample => {
      const label = convLabel(use);
      return {
        name: label,
        inputs: operands(use).map((shape, i) => random(`${name} ${i} ${label}`, dtype, shape)),
        terms: Math.max(1, terms(use)),
        build: ([a, b]) => [build(a as Value, b as Value, convAttrs(use), use)],
      };
    }),
});

interface PoolUse {
  readonly x: Shape;
  readonly window: Shape;
  readonly strides?: readonly number[];
  readonly padding?: 'same' | 'valid' | readonly (readonly [number, number])[];
  readonly dilations?: readonly number[];
}

const POOL_USES: readonly PoolUse[] = [
  { x: [1, 6, 1], window: [2], strides: [2] }, { x: [2, 7, 3], window: [3], strides: [2], padding: 'same' }, { x: [1, 9, 2], window: [3], strides: [1] }, { x: [1, 9, 2], window: [2], strides: [3], dilations: [2] },
  { x: [1, 4, 4, 1], window: [2, 2], strides: [2, 2] }, { x: [2, 5, 5, 3], window: [2, 2], strides: [2, 2] }, { x: [2, 5, 5, 3], window: [2, 2], strides: [2, 2], padding: 'same' },
  { x: [1, 6, 7, 2], window: [3, 3], strides: [2, 2], padding: 'same' }, { x: [1, 6, 7, 2], window: [3, 3], strides: [1, 1], padding: 'same' }, { x: [1, 6, 7, 2], window: [3, 2], strides: [1, 2] },
  { x: [1, 7, 7, 2], window: [2, 2], strides: [3, 3] }, { x: [1, 7, 8, 2], window: [2, 3], strides: [1, 1], dilations: [2, 2] }, { x: [1, 5, 5, 17], window: [5, 5], strides: [1, 1] }, { x: [1, 5, 6, 2], window: [3, 3], strides: [2, 1], padding: [[1, 0], [0, 2]] },
  { x: [3, 1, 1, 2], window: [1, 1], strides: [1, 1] }, { x: [0, 4, 4, 2], window: [2, 2], strides: [2, 2] }, { x: [1, 17, 17, 4], window: [3, 3], strides: [2, 2], padding: 'same' },
  { x: [1, 4, 4, 4, 2], window: [2, 2, 2], strides: [2, 2, 2] }, { x: [1, 5, 4, 3, 1], window: [3, 2, 2], strides: [2, 1, 1], padding: 'same' },
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
    ...POOL_USES.map((use): Sample => ({
      name: poolLabel(use),
      inputs: [distinct(`maxPool ${poolLabel(use)}`, dtype, use.x)],
      build: ([x]) => {
        const { values, positions } = maxPool(x as Value, poolAttrs(use));
        return [values, positions];
      },
    })),
    {
      name: 'equal elements',
      inputs: [random('maxPool ties', dtype, [1, 6, 6, 2], { from: [-1, 0] })],
      smooth: false,
      build: ([x]) => {
        const { values, positions } = maxPool(x as Value, { window: [3, 3], strides: [2, 2], padding: [[1, 1], [1, 1]], dilations: [1, 1] });
        return [values, positions];
      },
    },
    {
      name: 'negative elements beside padding',
      inputs: [random('maxPool negative', dtype, [1, 5, 5, 1], [-5, -1])],
      build: ([x]) => [maxPool(x as Value, { window: [3, 3], strides: [1, 1], padding: [[1, 1], [1, 1]], dilations: [1, 1] }).values],
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
        build: ([dy, at]) => [maxPoolGrad(dy as Value, at as Value, { ...poolAttrs(use), inputShape: spatialOf(use.x) })],
      };
    }),
};

/** The positions that a real maxPool gives: they never name padding. */
function positionsOf(x: SampleInput, use: PoolUse): SampleInput {
  const type = tensorType('int32', poolOutput(use));
  const [, positions] = referenceMaxPool(x, poolAttrs(use), type);
  return { type, data: positions };
}

const avgSamples = (dtype: DType, operand: (use: PoolUse) => Shape, build: (x: Value, use: PoolUse, countPadding: boolean) => Value): Sample[] =>
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

const RESIZE_USES: readonly (readonly [Shape, Shape])[] = [
  [[1, 4, 1], [8]], [[2, 5, 3], [3]], [[1, 3, 3, 1], [6, 6]], [[1, 3, 4, 2], [6, 8]], [[2, 4, 6, 3], [2, 3]], [[1, 5, 5, 2], [7, 3]], [[1, 1, 1, 2], [3, 4]], [[1, 4, 4, 1], [4, 4]],
  [[1, 6, 5, 2], [1, 1]], [[0, 3, 3, 2], [6, 6]], [[1, 2, 3, 2, 2], [4, 6, 3]],
];
const METHODS: readonly ResizeMethod[] = ['nearest', 'linear'];

const resizeSpec = (name: string, doc: string, build: (x: Value, from: Shape, to: Shape, method: ResizeMethod) => Value, turned: boolean): OpSpec => ({
  name,
  doc,
  dtypes: FLOATS,
  tolerance: 'sum',
  samples: (dtype) =>
    RESIZE_USES.flatMap(([shape, size]) =>
      METHODS.map((method): Sample => {
        const label = `${shapeName(shape, size)} ${method}`;
        const operand = turned ? [shape[0] as number, ...size, shape.at(-1) as number] : shape;
        return {
          name: label,
          inputs: [random(`${name} ${label}`, dtype, operand)],
          terms: 8 * 2 ** size.length,
          build: ([x]) => [build(x as Value, spatialOf(shape), size, method)],
        };
      }),
    ),
});

const perGroup = ({ kernel }: ConvUse): number => sizeOf(kernel.slice(0, -1));

export const PRODUCT_SPECS = {
  dot: dotSpec,
  conv: convSpec(
    'conv',
    'Convolution, channels last. y[n, o, c] = Σ over k, i of x[n, o·stride − low + k·dilation, i] · kernel[k, i, c].',
    ({ x, kernel }) => [x, kernel], perGroup, (x, kernel, attrs) => conv(x, kernel, attrs),
  ),
  convInputGrad: convSpec(
    'convInputGrad',
    'The gradient of convolution by its input, also called transposed convolution.',
    (use) => [convOutput(use), use.kernel], ({ kernel }) => sizeOf(kernel.slice(0, -2)) * (kernel.at(-1) as number),
    (dy, kernel, attrs, use) => convInputGrad(dy, kernel, { ...attrs, inputShape: spatialOf(use.x) }),
  ),
  convKernelGrad: convSpec(
    'convKernelGrad',
    'The gradient of convolution by its kernel.',
    (use) => [use.x, convOutput(use)], (use) => sizeOf(convOutput(use).slice(0, -1)),
    (x, dy, attrs, use) => convKernelGrad(x, dy, { ...attrs, kernelShape: use.kernel.slice(0, -2) }),
  ),
  maxPool: maxPoolSpec,
  maxPoolGrad: maxPoolGradSpec,
  avgPool: {
    name: 'avgPool', doc: 'The mean of each window; padding counts as zeros, or not at all.', dtypes: FLOATS, tolerance: 'sum',
    samples: (dtype) => avgSamples(dtype, (use) => use.x, (x, use, countPadding) => avgPool(x, { ...poolAttrs(use), countPadding })),
  } satisfies OpSpec,
  avgPoolGrad: {
    name: 'avgPoolGrad', doc: 'The transpose of avgPool: each dy spreads evenly over its window.', dtypes: FLOATS, tolerance: 'sum',
    samples: (dtype) =>
      avgSamples(dtype, poolOutput, (dy, use, countPadding) => avgPoolGrad(dy, { ...poolAttrs(use), countPadding, inputShape: spatialOf(use.x) })),
  } satisfies OpSpec,
  resize: resizeSpec(
    'resize', 'Resizing of the spatial axes with half-pixel centres: the nearest element, or linear between neighbours.',
    (x, _, size, method) => resize(x, { size, method }), false,
  ),
  resizeGrad: resizeSpec('resizeGrad', 'The transpose of resize.', (dy, from, _, method) => resizeGrad(dy, { inputShape: from, method }), true),
};
