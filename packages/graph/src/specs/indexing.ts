/** Specifications of reading and adding by index. */
import type { Value } from '../core/graph.ts';
import type { Shape } from '../core/types.ts';
import { ALL, SIGNED } from '../ops/dtypes.ts';
import { gather, scatterAdd } from '../ops/indexing.ts';
import { random, shapeName, type OpSpec, type Sample } from './sample.ts';

interface IndexUse {
  readonly shape: Shape;
  readonly indices: Shape;
  readonly axis?: number;
  readonly batchDims?: number;
}
const INDEX_USES: readonly IndexUse[] = [
  { shape: [5], indices: [3] },
  { shape: [5], indices: [] },
  { shape: [1], indices: [4] },
  { shape: [17], indices: [65] },
  { shape: [257], indices: [63] },
  { shape: [5, 3], indices: [4] },
  { shape: [5, 3], indices: [2, 2] },
  { shape: [3, 5], indices: [4], axis: 1 },
  { shape: [3, 5], indices: [], axis: 1 },
  { shape: [2, 5, 3], indices: [4], axis: 1 },
  { shape: [2, 5], indices: [2, 3], axis: 1, batchDims: 1 },
  { shape: [2, 5, 3], indices: [2, 4], axis: 1, batchDims: 1 },
  { shape: [2, 3, 5], indices: [2, 4], axis: 2, batchDims: 1 },
  { shape: [2, 3, 5], indices: [2, 3], axis: 2, batchDims: 2 },
  { shape: [2, 3, 5, 2], indices: [2, 3, 4], axis: 2, batchDims: 2 },
  { shape: [5, 3], indices: [0] },
  { shape: [3, 0], indices: [2] },
  { shape: [1000, 8], indices: [33] },
  { shape: [2, 2, 3, 2, 2], indices: [3], axis: 2 },
];

const indexLabel = ({ shape, indices, axis = 0, batchDims = 0 }: IndexUse): string =>
  `${shapeName(shape, indices)} axis ${axis} batch ${batchDims}`;
/** Some indices lie outside, and clamp. */
const indexData = (name: string, { shape, indices, axis = 0 }: IndexUse): ReturnType<typeof random> =>
  random(`${name} indices`, 'int32', indices, {
    from: Array.from({ length: (shape[axis] as number) + 4 }, (_, i) => i - 2),
  });

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
      inputs: [
        random('scatter many', dtype, [300, 2]),
        random('scatter many at', 'int32', [300], { from: [1, 1, 1, 3] }),
      ],
      terms: 300,
      build: ([x, at]) => [scatterAdd(x as Value, at as Value, { size: 4 })],
    },
  ],
};

export const INDEXING_SPECS = { gather: gatherSpec, scatterAdd: scatterAddSpec };
