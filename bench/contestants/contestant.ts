/** A contestant: prepares a workload, then does it once for each call. */
import type { Workload } from '../workloads.ts';

export interface Prepared {
  /** Does the work so often and waits until it is done; the caller times it. */
  run(times: number): Promise<void>;
}

export interface Contestant {
  /** The versions of what is measured. */
  readonly versions: Readonly<Record<string, string>>;
  /** A string says why it cannot do the workload. */
  prepare(workload: Workload): Promise<Prepared | string>;
}
