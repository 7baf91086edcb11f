/** Specifications of ops that make tensors from nothing, or from a key. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { ALL, NUMBERS } from '../ops/dtypes.ts';
import { iota } from '../ops/iota.ts';
import { constant, full } from '../ops/literals.ts';
import { randomBits } from '../ops/random.ts';
import { random, shapeName, type OpSpec, type Sample } from './sample.ts';

/** Ops without tensors: the whole result is in the attributes. */
const making = (
  name: string,
  doc: string,
  dtypes: readonly DType[],
  uses: (dtype: DType) => readonly (readonly [string, Value])[],
): OpSpec => ({
  name,
  doc,
  dtypes,
  tolerance: 'exact',
  samples: (dtype) => uses(dtype).map(([label, value]) => ({ name: label, inputs: [], build: () => [value] })),
});

const iotaUses: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[5], 0],
  [[0], 0],
  [[65], 0],
  [[300], 0],
  [[2, 3], 0],
  [[2, 3], 1],
  [[2, 3, 4], 1],
  [[2, 2, 2, 3, 2], 3],
];

export const MAKING_SPECS = {
  iota: making('iota', 'Counting: every element is its position along an axis.', NUMBERS, (dtype) =>
    iotaUses.map(([shape, axis]) => [`${shapeName(shape)} along ${axis}`, iota(dtype, shape, axis)]),
  ),
  constant: making('constant', 'Elements that are part of the graph.', ALL, (dtype) => [
    ['scalar', full(dtype, [], 1)],
    ['filled', full(dtype, [3, 65], 1)],
    ['empty', full(dtype, [2, 0], 1)],
    ['one element', constant(dtype, [1], [1])],
    ['listed', constant(dtype, [2, 3], [0, 1, 1, 0, 1, 0])],
    [
      'long',
      constant(
        dtype,
        [250],
        Array.from({ length: 250 }, (_, i) => (dtype === 'bool' ? i % 2 : i)),
      ),
    ],
    ['rank 5', constant(dtype, [1, 2, 1, 2, 1], [0, 1, 1, 1])],
    [
      'edges',
      constant(
        dtype,
        [4],
        dtype === 'bool'
          ? [1, 0, 0, 1]
          : dtype === 'uint32'
            ? [0, 1, 0x80000000, 0xffffffff]
            : dtype === 'int32'
              ? [0, -1, 0x7fffffff, -0x80000000]
              : [-0, -1.5, 65504, 6.103515625e-5],
      ),
    ],
  ]),
  randomBits: {
    name: 'randomBits',
    doc: 'Random bits from a key: Threefry-2x32 with 20 rounds, element i from counter (0, i), x₀ xor x₁. The integers of jax.random.bits.',
    dtypes: ['uint32'],
    tolerance: 'exact',
    samples: () =>
      ([[], [1], [2], [5], [17], [64], [257], [1000], [3, 5], [2, 3, 4], [0], [2, 2, 2, 2, 3]] as Shape[]).map(
        (shape, i): Sample => ({
          name: shapeName(shape),
          inputs: [random(`key ${i}`, 'uint32', [2], i === 1 ? { from: [0] } : [0, 2 ** 32])],
          build: ([key]) => [randomBits(key as Value, shape)],
        }),
      ),
  } satisfies OpSpec,
};
