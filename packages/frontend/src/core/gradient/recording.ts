/** The record that a gradient tape keeps of the ops that ran while it was watching. */
import type { Builder } from '../compute.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Variable } from '../variable.ts';

/** One op that ran. */
export interface Recorded {
  readonly operands: readonly Tensor[];
  readonly results: readonly Tensor[];
  readonly build: Builder;
  readonly key: string;
}

/** Whoever watches the ops that run at once. */
export interface Recorder {
  record(op: Recorded): void;
  /** The tensor that stands for a variable while it watches. */
  read(variable: Variable, make: () => Tensor): Tensor;
}

const recorders: Recorder[] = [];

/** The innermost tape that is watching. */
export function currentTape(): Recorder | undefined {
  return recorders[recorders.length - 1];
}

export function watching<T>(recorder: Recorder | null, body: () => T): T {
  if (!recorder) return body();
  recorders.push(recorder);
  try {
    return body();
  } finally {
    recorders.pop();
  }
}
