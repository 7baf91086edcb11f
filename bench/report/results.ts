/** What the benchmark found, as data. */
import type { KernelWork } from '../contestants/contestant.ts';
import type { Rates, Started } from '../run/message.ts';

export interface Timing {
  readonly workload: string;
  readonly contestant: string;
  /** Milliseconds of one run: the median over blocks of runs, and the quartiles around it. */
  readonly medianMs: number;
  readonly q1: number;
  readonly q3: number;
  readonly blocks: number;
  readonly gflops?: number;
  /** The memory that the work has taken at most: beyond what the process held once its library was loaded. */
  readonly memoryMiB: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Computed on this GPU. */
  readonly gpu?: string;
  /** What the kernels of a step on it must do, where the compiler tells. */
  readonly work?: readonly KernelWork[];
}

/** Who did not take part, and why. */
export interface Missing {
  readonly workload: string;
  readonly contestant: string;
  readonly reason: string;
}

export interface ScalingResult {
  readonly workload: string;
  /** Milliseconds of one run: alone, with a copy beside it, and on two threads. */
  readonly oneMs: number;
  readonly copiesMs: number;
  readonly threadsMs: number;
  /** How much more work is done than by one. */
  readonly copiesGain: number;
  readonly threadsGain: number;
  /** The gain of threads, as a share of that of copies. */
  readonly ratio: number;
}

export interface ShapeResult {
  readonly workload: string;
  readonly task: string;
  readonly gflops: number;
  /** Of the rate at the first shape. */
  readonly share: number;
}

export interface StartupResult extends Started {
  readonly workload: string;
  readonly contestant: string;
}

/** What a GPU can do at most. */
export interface CeilingsResult extends Rates {
  readonly workload: string;
  readonly gpu: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export interface Results {
  readonly machine: Machine;
  /** When each workload was measured, and in how many rounds. */
  readonly measured: Readonly<Record<string, { readonly date: string; readonly rounds: number }>>;
  readonly timings: readonly Timing[];
  readonly scalings: readonly ScalingResult[];
  readonly startups: readonly StartupResult[];
  readonly shapes: readonly ShapeResult[];
  /** Absent in results that are older than it. */
  readonly ceilings?: readonly CeilingsResult[];
  readonly missing: readonly Missing[];
}

/**
 * Earlier results, with those of workloads that were measured anew replaced. Results of another machine are dropped.
 */
export function merge(earlier: Results | null, now: Results): Results {
  if (!earlier || JSON.stringify(earlier.machine) !== JSON.stringify(now.machine)) return now;
  const kept = <T extends { readonly workload: string }>(rows: readonly T[]): T[] =>
    rows.filter(({ workload }) => !(workload in now.measured));
  return {
    machine: now.machine,
    measured: { ...earlier.measured, ...now.measured },
    timings: [...kept(earlier.timings), ...now.timings],
    scalings: [...kept(earlier.scalings), ...now.scalings],
    startups: [...kept(earlier.startups), ...now.startups],
    shapes: [...kept(earlier.shapes), ...now.shapes],
    ceilings: [...kept(earlier.ceilings ?? []), ...(now.ceilings ?? [])],
    missing: [...kept(earlier.missing), ...now.missing],
  };
}
