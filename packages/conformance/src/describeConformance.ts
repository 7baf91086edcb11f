/** The suite as tests: a fixed slice in every test run, all of it on request. */
import type { Backend, BackendFactory } from '@weftjs/graph';
import { formatReport, type Report } from './report.ts';
import { runConformance, type ConformanceOptions } from './runConformance.ts';

/** What a test runner offers: vitest's, jest's and mocha's functions fit. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>, timeout?: number): void;
}

export interface DescribeOptions extends ConformanceOptions {
  /** Milliseconds that the suite may take; 120,000 by default. */
  timeout?: number;
}

/**
 * Declares a test that runs the suite and fails with the report. By default every 8th case of each op runs.
 *
 * @example
 * ```ts
 * import { describe, it } from 'vitest';
 * describeConformance({ describe, it }, 'my engine', () => myBackend(), { limits: MY_LIMITS });
 * ```
 */
export function describeConformance(
  { describe, it }: TestRunner,
  name: string,
  engine: () => Backend | BackendFactory | Promise<Backend | BackendFactory>,
  options: DescribeOptions = {},
): void {
  const { timeout = 120_000, every = 8, ...rest } = options;
  describe(`conformance of ${name}`, () => {
    it(
      every === 1 ? 'passes every case' : `passes every ${every}th case of each op, and the contract`,
      async () => {
        const report: Report = await runConformance(await engine(), { ...rest, every });
        if (report.failed > 0) throw new Error(formatReport(report));
      },
      timeout,
    );
  });
}
