/** What the caller of the benchmark chose. */
import type { Entry } from '../contestants/index.ts';

export interface Settings {
  readonly rounds: number;
  /** Who takes part; scaling and shapes are about our own engine only. */
  readonly entries: readonly Entry[];
  /** How long a contestant may take to get ready, or to answer. */
  readonly patienceMs: number;
}
