/** What the loops of training iterate over. */
import type { Handle } from '../../core/engine/handle.ts';
import { flatten, pack, type Structure } from '../../core/functional/structure.ts';
import type { NDArray } from '../../core/ndarray.ts';

/** Samples: inputs, targets and how much each counts. A batch of them in JavaScript memory, unless said otherwise. */
export interface Batch<T = NDArray> {
  readonly x: Structure<T>;
  readonly y: Structure<T> | null;
  readonly sampleWeight: Structure<T> | null;
}

/** An array of a batch that a source yields: one that is on the device already stays its source's to free. */
export type BatchArray = NDArray | Handle;

/** A source of batches. */
export interface BatchSource {
  /** Batches in an epoch; null when nobody knows. */
  readonly steps: number | null;
  /** The batches of an epoch. Each is used up before the next is asked for. */
  epoch(epoch: number): Iterable<Batch<BatchArray>> | AsyncIterable<Batch<BatchArray>>;
  /** Told that batches will be asked for again. */
  rewind?(): void;
  /** Lets go of what it holds on a device. */
  free?(): void;
}

/** Weight of each class, by label. */
export type ClassWeight = Readonly<Record<number, number>> | ReadonlyMap<number, number>;

/** All arrays of a batch, in order. */
export function leavesOf<T>({ x, y, sampleWeight }: Batch<T>): T[] {
  return [x, y, sampleWeight].flatMap((part) => (part === null ? [] : flatten(part)));
}

/** A batch like `pattern` with other arrays. */
export function withLeaves<T>(pattern: Batch<unknown>, leaves: readonly T[]): Batch<T> {
  let next = 0;
  const fill = (part: Structure<unknown>): Structure<T> => pack(part, leaves.slice(next, (next += flatten(part).length)));
  return { x: fill(pattern.x), y: pattern.y === null ? null : fill(pattern.y), sampleWeight: pattern.sampleWeight === null ? null : fill(pattern.sampleWeight) };
}
