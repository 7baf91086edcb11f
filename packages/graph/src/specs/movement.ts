/** Specifications of ops that move elements, read and add by index, or make tensors from nothing. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { ALL, NUMBERS, SIGNED } from '../ops/dtypes.ts';
import { gather, scatterAdd } from '../ops/indexing.ts';
import { iota } from '../ops/iota.ts';
import { constant, full } from '../ops/literals.ts';
import { broadcastTo, concat, pad, reshape, reverse, slice, transpose } from '../ops/movement.ts';
import { randomBits } from '../ops/random.ts';
import { sort, topK } from '../ops/sort.ts';
import { distinct, given, random, shapeName, type OpSpec, type Sample } from './sample.ts';

type Build = (x: Value) => Value;

/** An op on one tensor: shape, what is done, how. */
function moving(name: string, doc: string, uses: readonly (readonly [Shape, string, Build])[], dtypes = ALL): OpSpec {
  return {
    name,
    doc,
    dtypes,
    tolerance: 'exact',
    samples: (dtype) =>
      uses.map(([shape, how, build]): Sample => {
        const label = `${shapeName(shape)} ${how}`;
        return { name: label, inputs: [random(`${name} ${label}`, dtype, shape)], build: ([x]) => [build(x as Value)] };
      }),
  };
}

const to = (shape: Shape, target: Shape, op: (x: Value, shape: Shape) => Value): [Shape, string, Build] => [shape, `to ${shapeName(target)}`, (x) => op(x, target)];
const permuted = (shape: Shape, order: readonly number[]): [Shape, string, Build] => [shape, `order ${order.join(',')}`, (x) => transpose(x, order)];
const sliced = (shape: Shape, starts: Shape, limits: Shape, strides?: Shape): [Shape, string, Build] => [
  shape,
  `${starts.join(',')} to ${limits.join(',')}${strides ? ` by ${strides.join(',')}` : ''}`,
  (x) => slice(x, starts, limits, strides),
];
const padded = (shape: Shape, padding: readonly (readonly [number, number])[], value = 0): [Shape, string, Build] => [
  shape,
  `by ${JSON.stringify(padding)} with ${value}`,
  (x) => pad(x, padding, value),
];
const reversed = (shape: Shape, axes: readonly number[]): [Shape, string, Build] => [shape, `axes ${axes.join(',')}`, (x) => reverse(x, axes)];

const concatUses: readonly (readonly [readonly Shape[], number])[] = [
  [[[2], [3]], 0], [[[1], [1], [1]], 0], [[[17], [65]], 0], [[[2, 3], [2, 4]], 1], [[[2, 3], [1, 3]], 0], [[[2, 1, 3], [2, 5, 3]], 1],
  [[[0, 3], [2, 3]], 0], [[[2, 0], [2, 3], [2, 0]], 1], [[[0], [0]], 0], [[[2, 3, 1, 2, 1], [2, 3, 4, 2, 1]], 2], [[[3], [3], [3], [3], [3], [3], [3], [3], [3]], 0],
  [[[63, 2], [63, 3]], -1],
];

interface IndexUse {
  readonly shape: Shape;
  readonly indices: Shape;
  readonly axis?: number;
  readonly batchDims?: number;
}
const INDEX_USES: readonly IndexUse[] = [
  { shape: [5], indices: [3] }, { shape: [5], indices: [] }, { shape: [1], indices: [4] }, { shape: [17], indices: [65] }, { shape: [257], indices: [63] },
  { shape: [5, 3], indices: [4] }, { shape: [5, 3], indices: [2, 2] }, { shape: [3, 5], indices: [4], axis: 1 }, { shape: [3, 5], indices: [], axis: 1 },
  { shape: [2, 5, 3], indices: [4], axis: 1 }, { shape: [2, 5], indices: [2, 3], axis: 1, batchDims: 1 }, { shape: [2, 5, 3], indices: [2, 4], axis: 1, batchDims: 1 },
  { shape: [2, 3, 5], indices: [2, 4], axis: 2, batchDims: 1 }, { shape: [2, 3, 5], indices: [2, 3], axis: 2, batchDims: 2 }, { shape: [2, 3, 5, 2], indices: [2, 3, 4], axis: 2, batchDims: 2 },
  { shape: [5, 3], indices: [0] }, { shape: [3, 0], indices: [2] }, { shape: [1000, 8], indices: [33] }, { shape: [2, 2, 3, 2, 2], indices: [3], axis: 2 },
];

const indexLabel = ({ shape, indices, axis = 0, batchDims = 0 }: IndexUse): string => `${shapeName(shape, indices)} axis ${axis} batch ${batchDims}`;
/** Some indices lie outside, and clamp. */
const indexData = (name: string, { shape, indices, axis = 0 }: IndexUse): ReturnType<typeof random> =>
  random(`${name} indices`, 'int32', indices, { from: Array.from({ length: (shape[axis] as number) + 4 }, (_, i) => i - 2) });

const gatherSpec: OpSpec = {
  name: 'gather',
  doc: 'Elements read by index along an axis. y[b, p, i, s] = x[b, p, clamp(indices[b, i]), s].',
  dtypes: ALL,
  tolerance: 'exact',
  samples: (dtype) =>
    INDEX_USES.map((use): Sample => {
      const { axis = 0, batchDims = 0 } = use;
      const label = indexLabel(use);
      return {
        name: label,
        inputs: [random(`gather ${label}`, dtype, use.shape), indexData(`gather ${label}`, use)],
        build: ([x, indices]) => [gather(x as Value, indices as Value, { axis, batchDims })],
      };
    }),
};

const scatterAddSpec: OpSpec = {
  name: 'scatterAdd',
  doc: 'Elements added by index into zeros, in the order of the indices: the transpose of gather. Indices out of range clamp.',
  dtypes: SIGNED,
  tolerance: 'sum',
  samples: (dtype) => [
    ...INDEX_USES.filter(({ shape }) => !shape.includes(0)).map((use): Sample => {
      const { shape, indices, axis = 0, batchDims = 0 } = use;
      const label = indexLabel(use);
      const updates = [...shape.slice(0, axis), ...indices.slice(batchDims), ...shape.slice(axis + 1)];
      return {
        name: label,
        inputs: [random(`scatter ${label}`, dtype, updates), indexData(`scatter ${label}`, use)],
        terms: Math.max(1, ...indices),
        build: ([x, at]) => [scatterAdd(x as Value, at as Value, { size: shape[axis] as number, axis, batchDims })],
      };
    }),
    {
      name: 'many on one place',
      inputs: [random('scatter many', dtype, [300, 2]), random('scatter many at', 'int32', [300], { from: [1, 1, 1, 3] })],
      terms: 300,
      build: ([x, at]) => [scatterAdd(x as Value, at as Value, { size: 4 })],
    },
  ],
};

const sortShapes: readonly (readonly [Shape, number])[] = [
  [[1], 0], [[2], 0], [[5], 0], [[17], 0], [[63], 0], [[64], 0], [[65], 0], [[257], 0], [[3, 5], 0], [[3, 5], 1], [[2, 3, 4], 1], [[2, 2, 3, 2, 2], -1], [[0], 0], [[0, 3], 1], [[17, 33], 0],
];
const NAN_POINTS = [2, NaN, -1, Infinity, 2, NaN, -Infinity, 0];
const nanInput = (dtype: DType): ReturnType<typeof given> => given(dtype, [2, 4], NAN_POINTS);
const isFloatType = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float16';

const sortSpec: OpSpec = {
  name: 'sort',
  doc: 'The sorted elements along an axis, and where each came from. Stable; NaN comes last in either direction.',
  dtypes: SIGNED,
  tolerance: 'exact',
  samples: (dtype) =>
    [false, true].flatMap((descending): Sample[] => {
      const how = descending ? ' descending' : '';
      const build = (axis: number) => ([x]: readonly Value[]): Value[] => {
        const { values, indices } = sort(x as Value, { axis, descending });
        return [values, indices];
      };
      return [
        ...sortShapes.map(([shape, axis]): Sample => ({
          name: `${shapeName(shape)} along ${axis}${how}`, inputs: [distinct(`sort ${shape.join()} ${axis}${how}`, dtype, shape)], build: build(axis),
        })),
        { name: `equal elements${how}`, inputs: [given(dtype, [2, 6], [3, 1, 3, 1, 2, 3, 0, 0, 0, -1, -1, 0])], build: build(1), smooth: false },
        { name: `many equal elements${how}`, inputs: [random(`sort equal${how}`, dtype, [129], { from: [-1, 0, 1] })], build: build(0), smooth: false },
        ...(isFloatType(dtype) ? [{ name: `NaN${how}`, inputs: [nanInput(dtype)], build: build(1), smooth: false }] : []),
      ];
    }),
};

const topKUses: readonly (readonly [Shape, number])[] = [
  [[1], 1], [[5], 1], [[5], 3], [[5], 5], [[5], 0], [[17], 4], [[65], 10], [[257], 5], [[3, 5], 2], [[2, 3, 4], 2], [[2, 2, 1, 2, 4], 3], [[0, 3], 2], [[33, 17], 1],
];
const topKSpec: OpSpec = {
  name: 'topK',
  doc: 'The k largest elements along the last axis, largest first, and where each came from. Of equals the first come first; NaN comes last.',
  dtypes: SIGNED,
  tolerance: 'exact',
  samples: (dtype) => {
    const build = (k: number) => ([x]: readonly Value[]): Value[] => {
      const { values, indices } = topK(x as Value, k);
      return [values, indices];
    };
    return [
      ...topKUses.map(([shape, k]): Sample => ({ name: `${shapeName(shape)} k ${k}`, inputs: [distinct(`topK ${shape.join()} ${k}`, dtype, shape)], build: build(k) })),
      { name: 'equal elements', inputs: [given(dtype, [2, 5], [3, 1, 3, 1, 3, 0, 0, 0, -1, 0])], build: build(4), smooth: false },
      ...(isFloatType(dtype) ? [{ name: 'NaN', inputs: [nanInput(dtype)], build: build(4), smooth: false }] : []),
    ];
  },
};

/** Ops without tensors: the whole result is in the attributes. */
const making = (name: string, doc: string, dtypes: readonly DType[], uses: (dtype: DType) => readonly (readonly [string, Value])[]): OpSpec => ({
  name,
  doc,
  dtypes,
  tolerance: 'exact',
  samples: (dtype) => uses(dtype).map(([label, value]) => ({ name: label, inputs: [], build: () => [value] })),
});

const iotaUses: readonly (readonly [Shape, number])[] = [[[1], 0], [[5], 0], [[0], 0], [[65], 0], [[300], 0], [[2, 3], 0], [[2, 3], 1], [[2, 3, 4], 1], [[2, 2, 2, 3, 2], 3]];

export const MOVEMENT_SPECS = {
  reshape: moving('reshape', 'The same elements in row-major order under another shape.', [
    to([6], [2, 3], reshape), to([2, 3], [6], reshape), to([2, 3], [3, 2], reshape), to([], [1, 1], reshape), to([1], [], reshape), to([0], [3, 0], reshape),
    to([2, 3, 4], [4, 6], reshape), to([64], [2, 2, 2, 2, 4], reshape), to([257], [1, 257, 1], reshape), to([5, 1], [5], reshape),
  ]),
  transpose: moving('transpose', 'Axes in another order: output axis i is input axis permutation[i].', [
    permuted([2, 3], [1, 0]), permuted([1, 5], [1, 0]), permuted([17, 65], [1, 0]), permuted([2, 3, 4], [2, 1, 0]), permuted([2, 3, 4], [1, 2, 0]),
    permuted([2, 3, 4], [0, 2, 1]), permuted([2, 3, 1, 2], [3, 1, 0, 2]), permuted([2, 3, 2, 1, 3], [4, 0, 3, 1, 2]), permuted([2, 0, 3], [2, 0, 1]), permuted([63, 2, 5], [1, 0, 2]),
  ]),
  broadcastTo: moving('broadcastTo', 'Repetition along axes of extent 1 and new leading axes.', [
    to([], [3], broadcastTo), to([], [2, 3], broadcastTo), to([1], [5], broadcastTo), to([3], [2, 3], broadcastTo), to([2, 1], [2, 3], broadcastTo),
    to([1, 3], [4, 3], broadcastTo), to([2, 1, 3], [2, 4, 3], broadcastTo), to([3, 1], [2, 3, 65], broadcastTo), to([1], [0], broadcastTo),
    to([1, 1, 2], [3, 2, 2, 1, 2], broadcastTo),
  ]),
  slice: moving('slice', 'A window: along each axis start, start + stride, … below the limit.', [
    sliced([5], [1], [4]), sliced([5], [2], [2]), sliced([5], [0], [5], [2]), sliced([17], [1], [16], [3]), sliced([3, 5], [1, 0], [3, 5]), sliced([3, 5], [0, 2], [3, 4]),
    sliced([3, 5], [0, 1], [3, 5], [2, 3]), sliced([2, 3, 4], [1, 1, 0], [2, 3, 3]), sliced([65, 17], [3, 2], [64, 15], [5, 1]), sliced([2, 3, 2, 2, 4], [0, 1, 0, 1, 1], [2, 3, 2, 2, 4], [1, 1, 1, 1, 2]),
    sliced([1], [0], [0]), sliced([257], [256], [257]),
  ]),
  pad: moving('pad', 'Elements of one value before and after, along each axis.', [
    padded([3], [[1, 2]]), padded([3], [[0, 1]], 1), padded([0], [[2, 1]], 1), padded([2, 3], [[1, 0], [0, 2]]), padded([2, 3], [[1, 1], [2, 2]], 1), padded([2, 3, 4], [[0, 0], [1, 0], [0, 0]]),
    padded([2, 1, 2, 1, 2], [[0, 1], [1, 0], [0, 0], [2, 0], [0, 1]], 1), padded([65], [[63, 1]]), padded([2, 0], [[1, 0], [0, 1]]), padded([17, 1], [[0, 0], [3, 4]], 1),
  ]),
  concat: {
    name: 'concat',
    doc: 'Tensors joined along an axis.',
    dtypes: ALL,
    tolerance: 'exact',
    samples: (dtype) =>
      concatUses.map(([shapes, axis]): Sample => {
        const label = `${shapeName(...shapes)} along ${axis}`;
        return { name: label, inputs: shapes.map((shape, i) => random(`concat ${label} ${i}`, dtype, shape)), build: (values) => [concat(values, axis)] };
      }),
  } satisfies OpSpec,
  reverse: moving('reverse', 'The opposite order along axes.', [
    reversed([5], [0]), reversed([1], [0]), reversed([0], [0]), reversed([65], [0]), reversed([2, 3], [0]), reversed([2, 3], [1]), reversed([2, 3], [0, 1]),
    reversed([2, 3, 4], [1]), reversed([2, 3, 4], [0, 2]), reversed([2, 2, 3, 2, 2], [0, 2, 4]),
  ]),
  gather: gatherSpec,
  scatterAdd: scatterAddSpec,
  sort: sortSpec,
  topK: topKSpec,
  iota: making('iota', 'Counting: every element is its position along an axis.', NUMBERS, (dtype) =>
    iotaUses.map(([shape, axis]) => [`${shapeName(shape)} along ${axis}`, iota(dtype, shape, axis)]),
  ),
  constant: making('constant', 'Elements that are part of the graph.', ALL, (dtype) => [
    ['scalar', full(dtype, [], 1)],
    ['filled', full(dtype, [3, 65], 1)],
    ['empty', full(dtype, [2, 0], 1)],
    ['one element', constant(dtype, [1], [1])],
    ['listed', constant(dtype, [2, 3], [0, 1, 1, 0, 1, 0])],
    ['long', constant(dtype, [250], Array.from({ length: 250 }, (_, i) => (dtype === 'bool' ? i % 2 : i)))],
    ['rank 5', constant(dtype, [1, 2, 1, 2, 1], [0, 1, 1, 1])],
    ['edges', constant(dtype, [4], dtype === 'bool' ? [1, 0, 0, 1] : dtype === 'uint32' ? [0, 1, 0x80000000, 0xffffffff] : dtype === 'int32' ? [0, -1, 0x7fffffff, -0x80000000] : [-0, -1.5, 65504, 6.103515625e-5])],
  ]),
  randomBits: {
    name: 'randomBits',
    doc: 'Random bits from a key: Threefry-2x32 with 20 rounds, element i from counter (0, i), x₀ xor x₁. The integers of jax.random.bits.',
    dtypes: ['uint32'],
    tolerance: 'exact',
    samples: () =>
      ([[], [1], [2], [5], [17], [64], [257], [1000], [3, 5], [2, 3, 4], [0], [2, 2, 2, 2, 3]] as Shape[]).map((shape, i): Sample => ({
        name: shapeName(shape),
        inputs: [random(`key ${i}`, 'uint32', [2], i === 1 ? { from: [0] } : [0, 2 ** 32])],
        build: ([key]) => [randomBits(key as Value, shape)],
      })),
  } satisfies OpSpec,
};
