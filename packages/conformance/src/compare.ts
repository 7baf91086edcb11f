/**
 * How closely results must agree. The tolerance follows the work: a function of one element is compared by its own size, a sum of products
 * by the sum of their sizes (never by a result that cancels), a product by the number of factors.
 */
import { isFloat, type DType, type TensorType } from '@weftjs/graph';
import type { ToleranceClass } from '@weftjs/graph/specs';

/** Half the distance from 1 to the next float32. */
const UNIT = 2 ** -24;

export interface Expected {
  readonly type: TensorType;
  readonly want: Float64Array;
  /** By how much each element may differ. */
  readonly allowed: (element: number) => number;
}

/** A difference that is too large, in words; or how near the worst element came. */
export interface Comparison {
  readonly failure: string | null;
  /** The largest error as a part of what is allowed, over the floats. */
  readonly worst: number;
}

export interface Work {
  readonly tolerance: ToleranceClass;
  /** How many terms or factors an element is made of. */
  readonly terms: number;
  /** The sum of the sizes of the terms, for sums. */
  readonly sizes: Float64Array | null;
  readonly slack: number;
}

/** The allowance for each element of a result. */
export function allowance(
  dtype: DType,
  want: Float64Array,
  { tolerance, terms, sizes, slack }: Work,
): (element: number) => number {
  if (!isFloat(dtype) || tolerance === 'exact') return () => 0;
  const half = dtype === 'float16';
  const part = half ? 2e-3 : 1e-5;
  switch (tolerance) {
    case 'relative':
      return (i) => slack * ((half ? 2e-3 : 1e-6) + part * Math.abs(want[i] as number));
    case 'product':
      return (i) => slack * (half ? 2e-3 * Math.sqrt(terms) : 4 * terms * UNIT) * Math.abs(want[i] as number);
    case 'sum':
      return (i) => slack * (half ? 2e-3 : 4 * Math.sqrt(terms) * UNIT) * (sizes?.[i] ?? 0);
  }
}

/** Compares results element by element. */
export function compare(got: readonly Float64Array[], expected: readonly Expected[]): Comparison {
  let worst = 0;
  for (const [at, { type, want, allowed }] of expected.entries()) {
    const found = got[at];
    if (!found || found.length !== want.length) {
      return {
        failure: `output ${at} has ${found?.length ?? 'no'} elements instead of ${want.length}`,
        worst: Infinity,
      };
    }
    for (let i = 0; i < want.length; i++) {
      const [x, y] = [found[i] as number, want[i] as number];
      if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
      const error = Math.abs(x - y);
      const limit = allowed(i);
      if (!(error <= limit))
        return {
          failure: `output ${at} (${type.dtype}[${type.shape.join(',')}]), element ${i}: ${x} instead of ${y}${limit > 0 ? ` ± ${limit.toExponential(2)}` : ''}`,
          worst: error / limit,
        };
      worst = Math.max(worst, error / limit);
    }
  }
  return { failure: null, worst };
}
