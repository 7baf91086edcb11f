/** Reductions and running results. */
import { sizeOf, stridesOf, type DType } from '../core/types.ts';
import type { ArgAttrs, ReduceAttrs } from '../ops/reduce.ts';
import type { CumulativeAttrs } from '../ops/cumulative.ts';
import { isFloat } from '../core/types.ts';
import { viewPositions, wrapTo, type RefTensor } from './tensor.ts';

/** How two partial results join, and what nothing gives. */
interface Monoid {
  readonly join: (dtype: DType) => (a: number, b: number) => number;
  readonly identity: (dtype: DType) => number;
}

const sum: Monoid = {
  join: (dtype) => {
    const wrap = wrapTo(dtype);
    return (a, b) => wrap(a + b);
  },
  identity: () => 0,
};
const product: Monoid = { join: (dtype) => (isFloat(dtype) ? (a, b) => a * b : Math.imul), identity: () => 1 };
const largest: Monoid = { join: () => Math.max, identity: (dtype) => (isFloat(dtype) ? -Infinity : -0x80000000) };
const smallest: Monoid = { join: () => Math.min, identity: (dtype) => (isFloat(dtype) ? Infinity : 0x7fffffff) };

export const MONOIDS = {
  reduceSum: sum,
  reduceProd: product,
  reduceMax: largest,
  reduceMin: smallest,
  reduceAny: { join: () => Math.max, identity: () => 0 },
  reduceAll: { join: () => Math.min, identity: () => 1 },
  cumSum: sum,
  cumProd: product,
} satisfies Readonly<Record<string, Monoid>>;

export function reduce({ join, identity }: Monoid, { type, data }: RefTensor, { axes }: ReduceAttrs): Float64Array {
  const { shape, dtype } = type;
  const strides = stridesOf(shape);
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const starts = viewPositions(
    kept.map((i) => shape[i] as number),
    kept.map((i) => strides[i] as number),
  );
  const steps = viewPositions(
    axes.map((i) => shape[i] as number),
    axes.map((i) => strides[i] as number),
  );
  const joined = join(dtype);
  return Float64Array.from(starts, (start) => {
    let result = identity(dtype);
    for (let i = 0; i < steps.length; i++) result = joined(result, data[start + (steps[i] as number)] as number);
    return result;
  });
}

/** Positions of the first elements of all lines along an axis, and the stride along it. */
export function linesAlong({ type }: RefTensor, axis: number): { starts: Int32Array; stride: number; extent: number } {
  const strides = stridesOf(type.shape);
  const others = type.shape.map((_, i) => i).filter((i) => i !== axis);
  const starts = viewPositions(
    others.map((i) => type.shape[i] as number),
    others.map((i) => strides[i] as number),
  );
  return { starts, stride: strides[axis] as number, extent: type.shape[axis] as number };
}

export function argOf(better: (a: number, b: number) => boolean, x: RefTensor, { axis }: ArgAttrs): Float64Array {
  const { starts, stride, extent } = linesAlong(x, axis);
  return Float64Array.from(starts, (start) => {
    let best = 0;
    for (let i = 1; i < extent; i++) {
      if (better(x.data[start + i * stride] as number, x.data[start + best * stride] as number)) best = i;
    }
    return best;
  });
}

export function cumulate({ join, identity }: Monoid, x: RefTensor, { axis, reverse }: CumulativeAttrs): Float64Array {
  const { starts, stride, extent } = linesAlong(x, axis);
  const joined = join(x.type.dtype);
  const result = new Float64Array(sizeOf(x.type.shape));
  for (const start of starts) {
    let running = identity(x.type.dtype);
    for (let i = 0; i < extent; i++) {
      const at = start + (reverse ? extent - 1 - i : i) * stride;
      running = joined(running, x.data[at] as number);
      result[at] = running;
    }
  }
  return result;
}
