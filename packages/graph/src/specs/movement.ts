/** Specifications of ops that only move elements. */
import type { Value } from '../core/graph.ts';
import type { Shape } from '../core/types.ts';
import { ALL } from '../ops/dtypes.ts';
import { broadcastTo, concat, pad, reshape, reverse, slice, transpose } from '../ops/movement.ts';
import { random, shapeName, type OpSpec, type Sample } from './sample.ts';

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

const to = (shape: Shape, target: Shape, op: (x: Value, shape: Shape) => Value): [Shape, string, Build] => [
  shape,
  `to ${shapeName(target)}`,
  (x) => op(x, target),
];
const permuted = (shape: Shape, order: readonly number[]): [Shape, string, Build] => [
  shape,
  `order ${order.join(',')}`,
  (x) => transpose(x, order),
];
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
const reversed = (shape: Shape, axes: readonly number[]): [Shape, string, Build] => [
  shape,
  `axes ${axes.join(',')}`,
  (x) => reverse(x, axes),
];

const concatUses: readonly (readonly [readonly Shape[], number])[] = [
  [[[2], [3]], 0],
  [[[1], [1], [1]], 0],
  [[[17], [65]], 0],
  [
    [
      [2, 3],
      [2, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 1, 3],
      [2, 5, 3],
    ],
    1,
  ],
  [
    [
      [0, 3],
      [2, 3],
    ],
    0,
  ],
  [
    [
      [2, 0],
      [2, 3],
      [2, 0],
    ],
    1,
  ],
  [[[0], [0]], 0],
  [
    [
      [2, 3, 1, 2, 1],
      [2, 3, 4, 2, 1],
    ],
    2,
  ],
  [[[3], [3], [3], [3], [3], [3], [3], [3], [3]], 0],
  [
    [
      [63, 2],
      [63, 3],
    ],
    -1,
  ],
];

export const MOVEMENT_SPECS = {
  reshape: moving('reshape', 'The same elements in row-major order under another shape.', [
    to([6], [2, 3], reshape),
    to([2, 3], [6], reshape),
    to([2, 3], [3, 2], reshape),
    to([], [1, 1], reshape),
    to([1], [], reshape),
    to([0], [3, 0], reshape),
    to([2, 3, 4], [4, 6], reshape),
    to([64], [2, 2, 2, 2, 4], reshape),
    to([257], [1, 257, 1], reshape),
    to([5, 1], [5], reshape),
  ]),
  transpose: moving('transpose', 'Axes in another order: output axis i is input axis permutation[i].', [
    permuted([2, 3], [1, 0]),
    permuted([1, 5], [1, 0]),
    permuted([17, 65], [1, 0]),
    permuted([2, 3, 4], [2, 1, 0]),
    permuted([2, 3, 4], [1, 2, 0]),
    permuted([2, 3, 4], [0, 2, 1]),
    permuted([2, 3, 1, 2], [3, 1, 0, 2]),
    permuted([2, 3, 2, 1, 3], [4, 0, 3, 1, 2]),
    permuted([2, 0, 3], [2, 0, 1]),
    permuted([63, 2, 5], [1, 0, 2]),
  ]),
  broadcastTo: moving('broadcastTo', 'Repetition along axes of extent 1 and new leading axes.', [
    to([], [3], broadcastTo),
    to([], [2, 3], broadcastTo),
    to([1], [5], broadcastTo),
    to([3], [2, 3], broadcastTo),
    to([2, 1], [2, 3], broadcastTo),
    to([1, 3], [4, 3], broadcastTo),
    to([2, 1, 3], [2, 4, 3], broadcastTo),
    to([3, 1], [2, 3, 65], broadcastTo),
    to([1], [0], broadcastTo),
    to([1, 1, 2], [3, 2, 2, 1, 2], broadcastTo),
  ]),
  slice: moving('slice', 'A window: along each axis start, start + stride, … below the limit.', [
    sliced([5], [1], [4]),
    sliced([5], [2], [2]),
    sliced([5], [0], [5], [2]),
    sliced([17], [1], [16], [3]),
    sliced([3, 5], [1, 0], [3, 5]),
    sliced([3, 5], [0, 2], [3, 4]),
    sliced([3, 5], [0, 1], [3, 5], [2, 3]),
    sliced([2, 3, 4], [1, 1, 0], [2, 3, 3]),
    sliced([65, 17], [3, 2], [64, 15], [5, 1]),
    sliced([2, 3, 2, 2, 4], [0, 1, 0, 1, 1], [2, 3, 2, 2, 4], [1, 1, 1, 1, 2]),
    sliced([1], [0], [0]),
    sliced([257], [256], [257]),
  ]),
  pad: moving('pad', 'Elements of one value before and after, along each axis.', [
    padded([3], [[1, 2]]),
    padded([3], [[0, 1]], 1),
    padded([0], [[2, 1]], 1),
    padded(
      [2, 3],
      [
        [1, 0],
        [0, 2],
      ],
    ),
    padded(
      [2, 3],
      [
        [1, 1],
        [2, 2],
      ],
      1,
    ),
    padded(
      [2, 3, 4],
      [
        [0, 0],
        [1, 0],
        [0, 0],
      ],
    ),
    padded(
      [2, 1, 2, 1, 2],
      [
        [0, 1],
        [1, 0],
        [0, 0],
        [2, 0],
        [0, 1],
      ],
      1,
    ),
    padded([65], [[63, 1]]),
    padded(
      [2, 0],
      [
        [1, 0],
        [0, 1],
      ],
    ),
    padded(
      [17, 1],
      [
        [0, 0],
        [3, 4],
      ],
      1,
    ),
  ]),
  concat: {
    name: 'concat',
    doc: 'Tensors joined along an axis.',
    dtypes: ALL,
    tolerance: 'exact',
    samples: (dtype) =>
      concatUses.map(([shapes, axis]): Sample => {
        const label = `${shapeName(...shapes)} along ${axis}`;
        return {
          name: label,
          inputs: shapes.map((shape, i) => random(`concat ${label} ${i}`, dtype, shape)),
          build: (values) => [concat(values, axis)],
        };
      }),
  } satisfies OpSpec,
  reverse: moving('reverse', 'The opposite order along axes.', [
    reversed([5], [0]),
    reversed([1], [0]),
    reversed([0], [0]),
    reversed([65], [0]),
    reversed([2, 3], [0]),
    reversed([2, 3], [1]),
    reversed([2, 3], [0, 1]),
    reversed([2, 3, 4], [1]),
    reversed([2, 3, 4], [0, 2]),
    reversed([2, 2, 3, 2, 2], [0, 2, 4]),
  ]),
};
