/** What a run of the suite found. */

export interface Failure {
  readonly case: string;
  readonly message: string;
}

export interface Report {
  readonly backend: string;
  readonly target: string;
  /** Cases that apply to the device, the skipped ones included. */
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Cases that the engine cannot do, each with the engine's limit. */
  readonly skipped: readonly { readonly case: string; readonly reason: string }[];
  /** Ops that the backend ran on the host for want of a kernel, and in how many cases. */
  readonly hostLowered: readonly { readonly op: string; readonly cases: number }[];
  /** The passed case that came nearest to its tolerance, and how near (1 is the limit). */
  readonly worst: { readonly case: string; readonly error: number } | null;
  readonly failures: readonly Failure[];
}

/** The report as a few lines for people. */
export function formatReport(report: Report): string {
  const reasons = new Map<string, string[]>();
  for (const skip of report.skipped) reasons.set(skip.reason, [...(reasons.get(skip.reason) ?? []), skip.case]);
  return [
    ...report.failures.map(({ case: name, message }) => `FAILED  ${name}\n        ${message}`),
    ...[...reasons].map(
      ([reason, cases]) => `skipped ${cases.length} (${cases[0]}${cases.length > 1 ? ', …' : ''}): ${reason}`,
    ),
    ...report.hostLowered.map(({ op, cases }) => `on the host: ${op}, in ${cases} cases`),
    ...(report.worst
      ? [`nearest to its tolerance: ${report.worst.case} at ${report.worst.error.toFixed(2)} of it`]
      : []),
    `${report.backend} ${report.target}: ${report.cases} cases, ${report.passed} passed, ${report.failed} failed, ${report.skipped.length} skipped`,
  ].join('\n');
}

/** Gathers results while the suite runs. */
export class Tally {
  readonly #failures: Failure[] = [];
  readonly #skipped: { case: string; reason: string }[] = [];
  readonly #hostLowered = new Map<string, number>();
  #passed = 0;
  #worst: { case: string; error: number } | null = null;

  pass(name: string, error = 0): void {
    this.#passed += 1;
    if (error > 0 && error > (this.#worst?.error ?? 0)) this.#worst = { case: name, error };
  }

  fail(name: string, message: string): void {
    this.#failures.push({ case: name, message });
  }

  skip(name: string, reason: string): void {
    this.#skipped.push({ case: name, reason });
  }

  lowered(ops: readonly string[], cases: number): void {
    for (const op of new Set(ops)) this.#hostLowered.set(op, (this.#hostLowered.get(op) ?? 0) + cases);
  }

  report(backend: string, target: string): Report {
    return {
      backend,
      target,
      cases: this.#passed + this.#failures.length + this.#skipped.length,
      passed: this.#passed,
      failed: this.#failures.length,
      skipped: this.#skipped,
      hostLowered: [...this.#hostLowered].map(([op, cases]) => ({ op, cases })),
      worst: this.#worst,
      failures: this.#failures,
    };
  }
}
