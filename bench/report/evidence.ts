/** What the results say, asked by claims; and what was asked, so that a run can measure just that. */
import type { CeilingsResult, Results, StartupResult } from './results.ts';

const NOTHING: Pick<Results, 'timings' | 'scalings' | 'startups' | 'shapes' | 'ceilings'> = {
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
    return this.timing(workload, contestant)?.medianMs ?? null;
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

  /** The rate of a product as a share of that at which the same GPU multiplies and adds in registers. */
  shareOfRegisters(workload: string, contestant: string): number | null {
    const ceilings = this.ceilings();
    this.note(workload, contestant);
    const { gflops, gpu } = this.timing(workload, contestant) ?? {};
    return ceilings && gflops !== undefined && gpu === ceilings.gpu ? gflops / ceilings.multiplyAddGflops : null;
  }

  /**
   * The time in which the same GPU could do a step as a share of the step's time: every kernel takes what its bytes take
   * to be copied, or its operations in registers, whichever is longer.
   */
  shareOfCeilings(workload: string, contestant: string): number | null {
    const ceilings = this.ceilings();
    this.note(workload, contestant);
    const { work, medianMs, gpu } = this.timing(workload, contestant) ?? {};
    if (!ceilings || !work || medianMs === undefined || gpu !== ceilings.gpu) return null;
    const { copyGBs, multiplyAddGflops } = ceilings;
    const least = work.reduce((ms, { runs, flops, bytes }) => ms + (runs * Math.max(bytes / copyGBs, flops / multiplyAddGflops)) / 1e6, 0);
    return least / medianMs;
  }

  private ceilings(): CeilingsResult | undefined {
    this.note('gpu-ceilings');
    return this.results.ceilings?.find(({ workload }) => workload === 'gpu-ceilings');
  }

  private timing(workload: string, contestant: string): Results['timings'][number] | undefined {
    return this.results.timings.find((row) => row.workload === workload && row.contestant === contestant);
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
