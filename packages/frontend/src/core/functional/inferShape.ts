/**
 * Output shapes are not a second rule written by hand: a step is traced twice with primes in place of the open extents, and what differs
 * between the two results is open.
 */
import { internalError, type DType } from '@weftjs/graph';
import type { OpenShape } from '../symbolic.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Trace, withTrace } from '../trace/trace.ts';

/** One prime an axis, so that open extents of one axis agree between several inputs, as batch sizes and lengths do. */
const PRIMES: readonly (readonly number[])[] = [
  [11, 37, 41, 43, 47, 53, 59, 61],
  [13, 67, 71, 73, 79, 83, 89, 97],
];

/** The numbers that stand for an open batch in the traces that run now. */
const standInBatches: number[] = [];

/** Whether a batch size is one of those stand-ins: what outlives the trace must not be made for it. */
export function isStandInBatch(extent: number): boolean {
  return standInBatches.includes(extent);
}

export interface OpenType {
  readonly dtype: DType;
  readonly shape: OpenShape;
}

/** The types of what `run` gives for inputs of open shapes. */
export function inferOpenTypes(inputs: readonly OpenType[], run: (inputs: Tensor[]) => readonly Tensor[]): OpenType[] {
  const [first, second] = PRIMES.map((primes) => traceWith(inputs, primes, run)) as [Tensor[], Tensor[]];
  if (first.length !== second.length) throw internalError('the number of results depends on an open extent');
  return first.map((tensor, i) => {
    const other = second[i] as Tensor;
    return { dtype: tensor.dtype, shape: tensor.shape.map((extent, axis) => (extent === other.shape[axis] ? extent : null)) };
  });
}

/** Runs on stand-ins that are never computed. */
function traceWith(inputs: readonly OpenType[], primes: readonly number[], run: (inputs: Tensor[]) => readonly Tensor[]): Tensor[] {
  const trace = new Trace();
  const standIns = inputs.map(({ dtype, shape }) => trace.argument({ dtype, shape: shape.map((extent, axis) => extent ?? (primes[axis] as number)) }));
  const open = inputs.some(({ shape }) => shape[0] === null) ? primes.slice(0, 1) : [];
  standInBatches.push(...open);
  try {
    return withTrace(trace, () => [...run(standIns)]);
  } finally {
    standInBatches.splice(standInBatches.length - open.length);
  }
}
