/** Telling data sets from data. How batches come out of a data set is loaded when there is one. */
import { isNDArray } from '../../core/ndarray.ts';
import { isTensor } from '../../core/tensor/tensor.ts';
import type { BatchSource, ClassWeight } from './batch.ts';

export type Stream = Iterable<unknown> | AsyncIterable<unknown>;

/** Whether `value` gives batches rather than being data. A plain array is always data. */
export function isStream(value: unknown): value is Stream | (() => Stream) {
  if (Array.isArray(value) || isNDArray(value) || isTensor(value) || ArrayBuffer.isView(value)) return false;
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** The batches of a data set. */
export async function streamSource(stream: Stream | (() => Stream), steps: number | null, classWeight: ClassWeight | null = null): Promise<BatchSource> {
  const { StreamSource } = await import('./streamSource.ts');
  return new StreamSource(stream, steps, classWeight);
}
