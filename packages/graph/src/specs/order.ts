/** Specifications of sorting. */
import type { Value } from '../core/graph.ts';
import type { DType, Shape } from '../core/types.ts';
import { SIGNED } from '../ops/dtypes.ts';
import { sort, topK } from '../ops/sort.ts';
import { distinct, given, random, shapeName, type OpSpec, type Sample } from './sample.ts';

const sortShapes: readonly (readonly [Shape, number])[] = [
  [[1], 0],
  [[2], 0],
  [[5], 0],
  [[17], 0],
  [[63], 0],
  [[64], 0],
  [[65], 0],
  [[257], 0],
  [[3, 5], 0],
  [[3, 5], 1],
  [[2, 3, 4], 1],
  [[2, 2, 3, 2, 2], -1],
  [[0], 0],
  [[0, 3], 1],
  [[17, 33], 0],
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
      const build =
        (axis: number) =>
        ([x]: readonly Value[]): Value[] => {
          const { values, indices } = sort(x as Value, { axis, descending });
          return [values, indices];
        };
      return [
        ...sortShapes.map(
          ([shape, axis]): Sample => ({
            name: `${shapeName(shape)} along ${axis}${how}`,
            inputs: [distinct(`sort ${shape.join()} ${axis}${how}`, dtype, shape)],
            build: build(axis),
          }),
        ),
        {
          name: `equal elements${how}`,
          inputs: [given(dtype, [2, 6], [3, 1, 3, 1, 2, 3, 0, 0, 0, -1, -1, 0])],
          build: build(1),
          smooth: false,
        },
        {
          name: `many equal elements${how}`,
          inputs: [random(`sort equal${how}`, dtype, [129], { from: [-1, 0, 1] })],
          build: build(0),
          smooth: false,
        },
        ...(isFloatType(dtype)
          ? [{ name: `NaN${how}`, inputs: [nanInput(dtype)], build: build(1), smooth: false }]
          : []),
      ];
    }),
};

const topKUses: readonly (readonly [Shape, number])[] = [
  [[1], 1],
  [[5], 1],
  [[5], 3],
  [[5], 5],
  [[5], 0],
  [[17], 4],
  [[65], 10],
  [[257], 5],
  [[3, 5], 2],
  [[2, 3, 4], 2],
  [[2, 2, 1, 2, 4], 3],
  [[0, 3], 2],
  [[33, 17], 1],
];
const topKSpec: OpSpec = {
  name: 'topK',
  doc: 'The k largest elements along the last axis, largest first, and where each came from. Of equals the first come first; NaN comes last.',
  dtypes: SIGNED,
  tolerance: 'exact',
  samples: (dtype) => {
    const build =
      (k: number) =>
      ([x]: readonly Value[]): Value[] => {
        const { values, indices } = topK(x as Value, k);
        return [values, indices];
      };
    return [
      ...topKUses.map(
        ([shape, k]): Sample => ({
          name: `${shapeName(shape)} k ${k}`,
          inputs: [distinct(`topK ${shape.join()} ${k}`, dtype, shape)],
          build: build(k),
        }),
      ),
      {
        name: 'equal elements',
        inputs: [given(dtype, [2, 5], [3, 1, 3, 1, 3, 0, 0, 0, -1, 0])],
        build: build(4),
        smooth: false,
      },
      ...(isFloatType(dtype) ? [{ name: 'NaN', inputs: [nanInput(dtype)], build: build(4), smooth: false }] : []),
    ];
  },
};

export const ORDER_SPECS = { sort: sortSpec, topK: topKSpec };
