/** A contestant: prepares a workload, then does it once for each call. */
import type { Workload } from '../workloads/workload.ts';

/** Training steps whose losses are compared. */
export const CHECKED_STEPS = 3;

export interface Prepared {
  /** Does the work so often and waits until it is done; the caller times it. */
  run(times: number): Promise<void>;
  /**
   * What the work gives, from fixed weights and data, in a fresh state: the product, the outputs, or the losses of the first steps. All
   * contestants must agree.
   */
  check(): Promise<ArrayLike<number>>;
}

export interface Contestant {
  /** The versions of what is measured. */
  readonly versions: Readonly<Record<string, string>>;
  /** A string says why it cannot do the workload. */
  prepare(workload: Workload): Promise<Prepared | string>;
}
