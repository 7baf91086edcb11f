/** Specifications of choosing between tensors and changing their dtype. */
import type { Value } from '../core/graph.ts';
import type { DType } from '../core/types.ts';
import { ALL } from '../ops/dtypes.ts';
import { cast, select } from '../ops/elementwise/select.ts';
import { INT_EDGES, isInt } from './elementwise.ts';
import { SHAPE_PAIRS, given, random, representable, shapeName, type OpSpec, type Sample } from './sample.ts';

function selectSpec(): OpSpec {
  const triples: readonly (readonly (readonly number[])[])[] = [
    ...SHAPE_PAIRS.map(([a, b]) => [b, a, b]),
    [[], [4], [4]],
    [[4], [], []],
    [[2, 1], [3], []],
    [[3], [2, 3], [2, 1]],
    [[1], [5, 1], [1, 4]],
  ];
  return {
    name: 'select',
    doc: 'Choice by element: a where the condition holds, else b. All three broadcast.',
    dtypes: ALL,
    tolerance: 'exact',
    samples: (dtype) =>
      triples.map((shapes) => {
        const label = shapeName(...shapes);
        return {
          name: label,
          inputs: shapes.map((shape, i) => random(`select ${label} ${i}`, i === 0 ? 'bool' : dtype, shape)),
          build: ([condition, a, b]) => [select(condition as Value, a as Value, b as Value)],
        };
      }),
  };
}

function castSpec(): OpSpec {
  const interesting = (dtype: DType): number[] => {
    if (dtype === 'bool') return [0, 1];
    if (isInt(dtype)) return [...INT_EDGES, 2047, 12345];
    const shared = [0, -0, 0.4, 0.5, 0.9, 1, 1.5, 2.9, 2047];
    return dtype === 'float16' ? [...shared, 65504] : [...shared, 3e9, 5e9, 1e20, 16777216];
  };
  const usable = (from: DType, to: DType, x: number): boolean => {
    if (to === 'float16') return Math.abs(representable(from, x)) <= (isInt(from) ? 2048 : 65000);
    return true;
  };
  const signed = (dtype: DType, list: number[]): number[] =>
    dtype === 'bool' || isInt(dtype) ? list : [...list, ...list.map((x) => -x), NaN];
  return {
    name: 'cast',
    doc: 'Conversion of the dtype. To integers: towards zero, saturating, NaN to 0; to bool: whether not 0; int32 and uint32 share their bits.',
    dtypes: ALL,
    tolerance: 'relative',
    samples: (to) =>
      ALL.filter((from) => from !== to).flatMap((from) => {
        const build = ([x]: readonly Value[]): Value[] => [cast(x as Value, to)];
        const list = signed(from, interesting(from)).filter(
          (x) => usable(from, to, x) && (!Number.isNaN(x) || isInt(to)),
        );
        return [
          { name: `from ${from} special elements`, inputs: [given(from, [list.length], list)], build, smooth: false },
          ...[[], [17], [0], [3, 5], [257]].map(
            (shape): Sample => ({
              name: `from ${from} ${shapeName(shape)}`,
              inputs: [random(`cast ${from} ${shape.join()}`, from, shape)],
              build,
            }),
          ),
        ];
      }),
  };
}

export const SELECT_SPECS = { select: selectSpec(), cast: castSpec() };
