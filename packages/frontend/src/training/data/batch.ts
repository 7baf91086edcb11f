/** What the loops of training iterate over. */
import type { NDArray } from '../../core/ndarray.ts';
import type { Structure } from '../../core/functional/structure.ts';

/** One batch in JavaScript memory. */
export interface Batch {
  readonly x: Structure<NDArray>;
  readonly y: Structure<NDArray> | null;
  readonly sampleWeight: Structure<NDArray> | null;
  /** Number of samples. */
  readonly size: number;
}

/** A source of batches. */
export interface BatchSource {
  /** Batches in an epoch; null when nobody knows. */
  readonly steps: number | null;
  /** The batches of an epoch. */
  epoch(epoch: number): Iterable<Batch> | AsyncIterable<Batch>;
}

/** Weight of each class, by label. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;
