/** What the results say, asked by claims; and what was asked, so that a run can measure just that. */
import type { Results, StartupResult } from './results.ts';

const NOTHING: Pick<Results, 'timings' | 'scalings' | 'startups' | 'shapes'> = {
  timings: [],
  scalings: [],
  startups: [],
  shapes: [],
};

export class Evidence {
  /** Contestants asked about, by workload. */
  readonly asked = new Map<string, Set<string>>();
  private readonly results: typeof NOTHING;

  constructor(results: typeof NOTHING = NOTHING) {
    this.results = results;
  }

  /** Milliseconds of one run. */
  time(workload: string, contestant: string): number | null {
    this.note(workload, contestant);
    return (
      this.results.timings.find((row) => row.workload === workload && row.contestant === contestant)?.medianMs ?? null
    );
  }

  /**
   * How often the time of `ours` goes into that of the fastest of `others`; the first of them must have been
   * measured.
   */
  faster(workload: string, ours: string, others: readonly string[]): number | null {
    const [own, first, ...rest] = [ours, ...others].map((name) => this.time(workload, name));
    if (own == null || first == null) return null;
    return Math.min(first, ...rest.filter((time) => time !== null)) / own;
  }

  /** The gain of two threads as a share of that of two copies. */
  gain(task: string): number | null {
    this.note(`scaling-${task}`);
    return this.results.scalings.find(({ workload }) => workload === `scaling-${task}`)?.ratio ?? null;
  }

  /** The rate at one shape as a share of that at the first shape of the workload. */
  share(workload: string, task: string): number | null {
    this.note(workload);
    return this.results.shapes.find((row) => row.workload === workload && row.task === task)?.share ?? null;
  }

  start(net: string, contestant: string): StartupResult | null {
    this.note(`startup-${net}`, contestant);
    const { startups } = this.results;
    return startups.find((row) => row.workload === `startup-${net}` && row.contestant === contestant) ?? null;
  }

  private note(workload: string, contestant?: string): void {
    const names = this.asked.get(workload) ?? new Set();
    if (contestant !== undefined) names.add(contestant);
    this.asked.set(workload, names);
  }
}
