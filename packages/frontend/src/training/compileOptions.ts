/** What `compile` takes, and what it makes of it: the state that training needs. */
import type { BackendChoice } from '../config/engines.ts';
import type { Structure } from '../core/functional/structure.ts';
import { lossFrom, type LossLike } from '../losses/lossFrom.ts';
import { Mean } from '../metrics/mean.ts';
import type { MetricLike } from '../metrics/metricFrom.ts';
import type { Metric } from '../metrics/metric.ts';
import { checkOptions } from '../options/strict.ts';
import { loadOptimizer, optimizerFrom, type LaterOptimizer, type OptimizerLike } from '../optimizers/optimizerFrom.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { CompiledLoss } from './compiledLoss.ts';
import { CompiledMetrics } from './compiledMetrics.ts';

export type LossChoice = LossLike | null | readonly (LossLike | null)[] | { readonly [output: string]: LossLike | null };
export type MetricChoice = readonly (MetricLike | readonly MetricLike[])[] | { readonly [output: string]: MetricLike | readonly MetricLike[] };

export interface CompileOptions {
  /** Default `'rmsprop'`. */
  optimizer?: OptimizerLike;
  /** One for all outputs, or one for each (a list, or an object by output name). */
  loss?: LossChoice;
  /** How much each output's loss counts. */
  lossWeights?: number | readonly number[] | { readonly [output: string]: number };
  metrics?: MetricChoice;
  /** Metrics that see sample and class weights. */
  weightedMetrics?: MetricChoice;
  /** Run op by op, to debug: `call` may then look at values. */
  runEagerly?: boolean;
  /** The engine for this model. */
  backend?: BackendChoice;
}

const KNOWN = ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics', 'runEagerly', 'backend'];

/** The training state of a compiled model. */
export interface Compiled {
  /** Its name while its code is not loaded. */
  optimizer: Optimizer | LaterOptimizer;
  readonly loss: CompiledLoss;
  readonly metrics: CompiledMetrics;
  readonly lossTracker: Metric;
  readonly runEagerly: boolean;
  readonly options: CompileOptions;
}

/** Checks and resolves the options of `compile`. */
export function compileFrom(options: CompileOptions): Compiled {
  checkOptions('compile', options, KNOWN);
  return {
    optimizer: optimizerFrom(options.optimizer ?? 'rmsprop'),
    loss: new CompiledLoss(resolveLosses(options.loss), options.lossWeights),
    metrics: new CompiledMetrics(options.metrics, options.weightedMetrics),
    lossTracker: new Mean({ name: 'loss' }),
    runEagerly: options.runEagerly ?? false,
    options,
  };
}

/** Loads the code of what is given by name; called before the first step. */
export async function loadCompiled(compiled: Compiled): Promise<void> {
  const { optimizer } = compiled;
  if (typeof optimizer === 'string') compiled.optimizer = await loadOptimizer(optimizer);
  await Promise.all([compiled.loss.load(), compiled.metrics.load()]);
}

/** Names are checked now, before any data. */
function resolveLosses(choice: LossChoice | undefined): Structure<ReturnType<typeof lossFrom> | null> {
  if (choice === undefined || choice === null) return null;
  if (Array.isArray(choice)) return choice.map((loss: LossLike | null) => (loss === null ? null : lossFrom(loss)));
  if (typeof choice === 'object' && Object.getPrototypeOf(choice) === Object.prototype) {
    return Object.fromEntries(Object.entries(choice as Record<string, LossLike | null>).map(([name, loss]) => [name, loss === null ? null : lossFrom(loss)]));
  }
  return lossFrom(choice as LossLike);
}
