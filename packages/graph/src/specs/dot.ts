/** The specification of dot. */
import type { Value } from '../core/graph.ts';
import { sizeOf, type Shape } from '../core/types.ts';
import { SIGNED } from '../ops/dtypes.ts';
import { dot, type DotAttrs } from '../ops/dot.ts';
import { given, random, shapeName, type OpSpec, type Sample } from './sample.ts';

interface DotUse {
  readonly a: Shape;
  readonly b: Shape;
  readonly attrs: Partial<Pick<DotAttrs, 'batchA' | 'batchB' | 'contractA' | 'contractB'>>;
}

const plain = (m: number, k: number, n: number): DotUse => ({
  a: [m, k],
  b: [k, n],
  attrs: { contractA: [1], contractB: [0] },
});
const DOT_USES: readonly DotUse[] = [
  plain(1, 1, 1),
  plain(2, 3, 4),
  plain(1, 17, 1),
  plain(17, 1, 17),
  plain(5, 63, 3),
  plain(63, 65, 17),
  plain(65, 17, 63),
  plain(1, 257, 33),
  plain(33, 257, 1),
  plain(64, 64, 64),
  plain(4, 2000, 3),
  plain(3, 0, 4),
  plain(0, 3, 4),
  plain(3, 4, 0),
  plain(129, 5, 2),
  plain(2, 5, 129),
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

export const dotSpec: OpSpec = {
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
