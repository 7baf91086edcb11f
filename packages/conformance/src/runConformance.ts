/** The whole suite in one call. */
import { WeftError, received, type Backend, type BackendFactory } from '@weftjs/graph';
import { forwardGroups, gradientGroups } from './cases/graphCase.ts';
import { programGroups } from './cases/programs.ts';
import { describe, runCases } from './cases/runGroup.ts';
import type { ContractCase } from './contract/contractCase.ts';
import { FAILURE_CASES } from './contract/failures.ts';
import { INPUT_CASES } from './contract/inputs.ts';
import { LIFETIME_CASES } from './contract/lifetime.ts';
import { ORDER_CASES } from './contract/order.ts';
import { Tally, type Report } from './report.ts';

export interface ConformanceOptions {
  /**
   * What the engine cannot do: patterns of case names (`*` stands for anything) with the engine's limit as the reason. A backend exports
   * this table; a case that it names is skipped and reported.
   */
  limits?: Readonly<Record<string, string>>;
  /** Runs only cases whose names match one of these patterns. */
  only?: readonly string[];
  /** Runs every n-th case of each group: a fixed slice for quick checks. All by default. */
  every?: number;
  /** Called as the suite goes on. */
  onProgress?: (group: string, done: number, total: number) => void;
}

/** All contract cases. */
const CONTRACT: readonly ContractCase[] = [...ORDER_CASES, ...INPUT_CASES, ...FAILURE_CASES, ...LIFETIME_CASES];

/**
 * Runs the suite: every op on every sample and dtype of the device, gradients against central differences, and the contract of a backend.
 * Given a factory, it makes its own backend and disposes it, and also tests what takes several of them.
 *
 * @example
 * ```ts
 * const report = await runConformance(myBackend({ target: 'cpu' }));
 * console.log(formatReport(report));
 * ```
 */
export async function runConformance(
  engine: Backend | BackendFactory,
  options: ConformanceOptions = {},
): Promise<Report> {
  const factory = 'create' in engine ? engine : null;
  const backend = 'create' in engine ? await engine.create() : engine;
  try {
    return await runSuite(backend, factory, options);
  } finally {
    if (factory) await backend.dispose();
  }
}

async function runSuite(
  backend: Backend,
  factory: BackendFactory | null,
  options: ConformanceOptions,
): Promise<Report> {
  const { limits = {}, only, every = 1, onProgress } = options;
  if (!Number.isInteger(every) || every < 1) {
    throw new WeftError(
      'WEFT_E_OPTION',
      `runConformance needs a whole number >= 1 as \`every\`. Received: ${received(every)}.`,
    );
  }
  const tally = new Tally();
  const skips = Object.entries(limits).map(([pattern, reason]) => ({ matches: matcher(pattern), reason }));
  const wanted = only?.map(matcher);
  const mayHold = (group: string): boolean => !only || only.some((pattern) => sharesPrefix(pattern, `${group}/`));

  /** Whether to run a case; notes the skip otherwise. */
  const admit = (name: string): boolean => {
    if (wanted && !wanted.some((matches) => matches(name))) return false;
    const skip = skips.find(({ matches }) => matches(name));
    if (skip) tally.skip(name, skip.reason);
    return !skip;
  };

  const groups = [
    ...forwardGroups(backend.device.dtypes),
    ...gradientGroups(backend.device.dtypes),
    ...programGroups(),
  ];
  for (const [i, group] of groups.entries()) {
    onProgress?.(group.name, i, groups.length + 1);
    if (!mayHold(group.name)) continue;
    await runCases(
      backend,
      group.cases().filter((item, at) => (at + i) % every === 0 && admit(item.name)),
      tally,
    );
  }
  onProgress?.('contract', groups.length, groups.length + 1);
  for (const item of CONTRACT) {
    const name = `contract/${item.name}`;
    if ((item.needsFactory && !factory) || !admit(name)) continue;
    try {
      await item.run({ backend, factory });
      tally.pass(name);
    } catch (error) {
      tally.fail(name, describe(error));
    }
  }
  return tally.report(backend.name, backend.device.target);
}

/** Whether names that begin with `start` may fit a pattern: samples of other groups need not be made. */
function sharesPrefix(pattern: string, start: string): boolean {
  const [prefix] = pattern.split('*') as [string];
  return start.startsWith(prefix) || prefix.startsWith(start.slice(0, -1));
}

/** A function that tells whether a case name fits a pattern with stars. */
function matcher(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}
