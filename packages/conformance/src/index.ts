/** @weftjs/conformance: the one test suite that every backend must pass, ours or a stranger's. */
export * from './runConformance.ts';
export * from './describeConformance.ts';
export { formatReport, type Failure, type Report } from './report.ts';
