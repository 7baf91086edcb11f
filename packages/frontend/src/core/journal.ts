/**
 * What a step changes in JavaScript's own memory: the variables that it makes when it is traced, and the draws of seed generators. Told to whoever
 * listens while the step runs, so that a snapshot can undo it.
 */
import type { NDArray } from './ndarray.ts';
import type { SeedGenerator } from './random.ts';
import type { Variable } from './variable.ts';

export interface Journal {
  made(variable: Variable, initial: NDArray): void;
  /** Told before the draw. */
  draws(generator: SeedGenerator): void;
}

/** Who listens. */
export const journal: { now: Journal | null } = { now: null };
