/** Specifications of resizing. */
import type { Value } from '../core/graph.ts';
import type { Shape } from '../core/types.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { resize, resizeGrad, type ResizeMethod } from '../ops/resize.ts';
import { random, shapeName, type OpSpec, type Sample } from './sample.ts';

const spatialOf = (shape: Shape): Shape => shape.slice(1, -1);

const RESIZE_USES: readonly (readonly [Shape, Shape])[] = [
  [[1, 4, 1], [8]],
  [[2, 5, 3], [3]],
  [
    [1, 3, 3, 1],
    [6, 6],
  ],
  [
    [1, 3, 4, 2],
    [6, 8],
  ],
  [
    [2, 4, 6, 3],
    [2, 3],
  ],
  [
    [1, 5, 5, 2],
    [7, 3],
  ],
  [
    [1, 1, 1, 2],
    [3, 4],
  ],
  [
    [1, 4, 4, 1],
    [4, 4],
  ],
  [
    [1, 6, 5, 2],
    [1, 1],
  ],
  [
    [0, 3, 3, 2],
    [6, 6],
  ],
  [
    [1, 2, 3, 2, 2],
    [4, 6, 3],
  ],
];
const METHODS: readonly ResizeMethod[] = ['nearest', 'linear'];

const resizeSpec = (
  name: string,
  doc: string,
  build: (x: Value, from: Shape, to: Shape, method: ResizeMethod) => Value,
  turned: boolean,
): OpSpec => ({
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

export const RESIZE_SPECS = {
  resize: resizeSpec(
    'resize',
    'Resizing of the spatial axes with half-pixel centres: the nearest element, or linear between neighbours.',
    (x, _, size, method) => resize(x, { size, method }),
    false,
  ),
  resizeGrad: resizeSpec(
    'resizeGrad',
    'The transpose of resize.',
    (dy, from, _, method) => resizeGrad(dy, { inputShape: from, method }),
    true,
  ),
};
