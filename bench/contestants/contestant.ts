/** A contestant: prepares a task, then does it once for each call. */
import type { Task } from '../workloads/workload.ts';

/** Training steps whose losses are compared. */
export const CHECKED_STEPS = 3;

export interface Prepared {
  /** Does the work so often and waits until it is done; the caller times it. */
  run(times: number): Promise<void>;
  /**
   * What the work gives, from fixed weights and data, in a fresh state: the product, the outputs, or the losses of
   * the first steps. All contestants must agree.
   */
  check(): Promise<ArrayLike<number>>;
}

/** What one kernel must do: floating-point operations, and bytes that it reads and writes. */
export interface KernelWork {
  readonly runs: number;
  readonly flops: number;
  readonly bytes: number;
}

/** What a compiler says of a program that it made. */
export interface CompilerReport {
  readonly kernels: number;
  /** Kernels started in one run, loops included. */
  readonly dispatches?: number;
  /**
   * Bytes of intermediates: the peak of the plan, the part of it that kernels need for themselves, and the least that
   * any plan needs.
   */
  readonly peakBytes?: number;
  readonly kernelBytes?: number;
  readonly lowerBoundBytes?: number;
}

export interface Contestant {
  /** The versions of what is measured. */
  readonly versions: Readonly<Record<string, string>>;
  /** The GPU that it computes on, if it does. */
  readonly gpu?: string;
  /** A string says why it cannot do the task. */
  prepare(task: Task): Promise<Prepared | string>;
  /** Milliseconds that compiling took so far, of all programs; where it can be seen. */
  compileMs?(): number;
  /** What its compiler tells of the largest program, which is the step. */
  report?(): CompilerReport | null;
  /** What the kernels of that program must do. */
  work?(): readonly KernelWork[];
}
