/** What the samples of elementwise ops share: all shapes that broadcast, and elements of interest. */
import type { OpDef } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import type { DType } from '../core/types.ts';
import { FLOATS } from '../ops/dtypes.ts';
import { applyElementwise } from '../ops/elementwise/rules.ts';
import { PRIMITIVES, type PrimitiveName } from '../ops/primitives.ts';
import {
  SHAPES,
  SHAPE_PAIRS,
  given,
  random,
  shapeName,
  type OpSpec,
  type Range,
  type Sample,
  type ToleranceClass,
} from './sample.ts';

type Elementwise = OpDef<string, Record<never, never>>;

interface Options {
  readonly dtypes?: readonly DType[];
  readonly tolerance?: ToleranceClass;
  /** Where operands lie, by operand; what is missing is the default of the dtype. */
  readonly ranges?: (dtype: DType) => readonly (Range | undefined)[];
  /** Elements of interest: tuples of operands. */
  readonly special?: (dtype: DType) => readonly (readonly number[])[];
  /** The special elements are points without kinks. */
  readonly smooth?: boolean;
  readonly large?: boolean;
}

/** Samples of an op with `arity` operands: all shapes, all special elements. */
export function elementwise(name: PrimitiveName, arity: 1 | 2, doc: string, options: Options = {}): OpSpec {
  const build = (inputs: readonly Value[]): Value[] => [
    applyElementwise(PRIMITIVES[name] as unknown as Elementwise, inputs),
  ];
  const shapes = arity === 1 ? [...SHAPES.map((shape) => [shape]), ...(options.large ? [[[70001]]] : [])] : SHAPE_PAIRS;
  return {
    name,
    doc,
    dtypes: options.dtypes ?? FLOATS,
    tolerance: options.tolerance ?? 'relative',
    samples(dtype) {
      const ranges = options.ranges?.(dtype) ?? [];
      const shaped = shapes.map((operands): Sample => {
        const label = shapeName(...operands);
        return {
          name: label,
          inputs: operands.map((shape, i) => random(`${name} ${label} ${i}`, dtype, shape, ranges[i])),
          build,
        };
      });
      const points = options.special?.(dtype) ?? [];
      if (points.length === 0) return shaped;
      const inputs = Array.from({ length: arity }, (_, i) =>
        given(
          dtype,
          [points.length],
          points.map((point) => point[i] as number),
        ),
      );
      return [...shaped, { name: 'special elements', inputs, build, smooth: options.smooth ?? false }];
    },
  };
}

export const isInt = (dtype: DType): boolean => dtype === 'int32' || dtype === 'uint32';
/** The whole range of integers, to see that results wrap. */
export const wide = (dtype: DType): Range | undefined =>
  dtype === 'int32' ? [-(2 ** 31), 2 ** 31] : dtype === 'uint32' ? [0, 2 ** 32] : undefined;
export const wideBoth = (dtype: DType): (Range | undefined)[] => [wide(dtype), wide(dtype)];
export const INT_EDGES = [0, 1, -1, 0x7fffffff, -0x80000000];
export const pairs = (list: readonly number[]): number[][] => list.flatMap((a) => list.map((b) => [a, b]));
export const points =
  (...list: readonly number[]) =>
  (): number[][] =>
    list.map((x) => [x]);
