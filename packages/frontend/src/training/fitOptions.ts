/** The options of `fit`, `evaluate` and `predict`. Those of the latter two are checked here, before anything happens. */
import { WeftError } from '@weftjs/graph';
import { isNDArray } from '../core/ndarray.ts';
import { isTensor } from '../core/tensor/tensor.ts';
import type { CallbackLike } from '../callbacks/callbackList.ts';
import type { Verbosity } from '../looks/terminal.ts';
import { checkOptions, oneOf, positiveInteger } from '../options/strict.ts';
import type { ClassWeight } from './data/batch.ts';
import type { Data } from './data/read.ts';

export interface FitOptions {
  /** Samples in a batch. Default 32. Not for data sets, which yield batches. */
  batchSize?: number;
  /** Passes over the data. Default 1. */
  epochs?: number;
  /** 1: a bar, 2: a line for each epoch, 0: silence, `'auto'`: what suits the place. */
  verbose?: 'auto' | Verbosity;
  callbacks?: CallbackLike | readonly CallbackLike[];
  /** The last fraction of the samples is kept for validation. */
  validationSplit?: number;
  /** `[x, y]`, `[x, y, sampleWeight]`, or a data set. */
  validationData?: readonly [x: Data, y: Data, sampleWeight?: Data] | Iterable<unknown> | AsyncIterable<unknown>;
  /** Shuffle before each epoch. Default true. */
  shuffle?: boolean;
  /** How much each class counts. */
  classWeight?: ClassWeight;
  /** How much each sample (or step) counts. */
  sampleWeight?: Data;
  /** The number of the first epoch, to go on with training. Default 0. */
  initialEpoch?: number;
  /** Batches in an epoch; needed for endless data sets. */
  stepsPerEpoch?: number;
  /** Batches of a validation data set. */
  validationSteps?: number;
  /** Default: batchSize. */
  validationBatchSize?: number;
  /** Validate after every so many epochs. Default 1. */
  validationFreq?: number;
  /** Stops training, as `model.stopTraining` does, but at once. */
  signal?: AbortSignal;
  /**
   * How often all that training changes is read back, so that `fit` goes on with the same numbers when the device is
   * lost: after so many batches and after each epoch, or `'epoch'`. Default: `'epoch'` where the engine can replace what
   * it lost, as a GPU that it found by itself, else false.
   */
  snapshotEvery?: number | 'epoch' | false;
}

export interface EvaluateOptions {
  batchSize?: number;
  verbose?: 'auto' | Verbosity;
  sampleWeight?: Data;
  steps?: number;
  callbacks?: CallbackLike | readonly CallbackLike[];
}

export interface PredictOptions {
  batchSize?: number;
  verbose?: 'auto' | Verbosity;
  steps?: number;
  callbacks?: CallbackLike | readonly CallbackLike[];
}

/** The names of {@link FitOptions}. */
export const FIT: readonly string[] = [
  'epochs', 'batchSize', 'verbose', 'callbacks', 'validationSplit', 'validationData', 'shuffle', 'classWeight', 'sampleWeight', 'initialEpoch',
  'stepsPerEpoch', 'validationSteps', 'validationBatchSize', 'validationFreq', 'signal', 'snapshotEvery',
];
const EVALUATE: readonly string[] = ['batchSize', 'verbose', 'sampleWeight', 'steps', 'callbacks'];
const PREDICT: readonly string[] = ['batchSize', 'verbose', 'steps', 'callbacks'];

/** Options in the place of y are a mistake that would otherwise train on nonsense. */
export function requireNotOptions(method: string, y: unknown): void {
  if (typeof y !== 'object' || y === null || isNDArray(y) || isTensor(y) || Object.getPrototypeOf(y) !== Object.prototype) return;
  const misplaced = Object.keys(y).filter((name) => FIT.includes(name));
  if (misplaced.length === 0 || misplaced.length < Object.keys(y).length) return;
  throw new WeftError(
    'WEFT_E_ARGUMENT',
    `${method}(x, y, options) takes targets as its second argument. Received: options (${misplaced.join(', ')}). Without targets write ${method}(x, undefined, { ${misplaced[0]}: … }).`,
  );
}

export function checkEvaluateOptions(options: EvaluateOptions): void {
  checkOptions('evaluate', options, EVALUATE);
  positive('evaluate', options, ['batchSize', 'steps']);
  checkVerbose('evaluate', options.verbose);
}

export function checkPredictOptions(options: PredictOptions): void {
  checkOptions('predict', options, PREDICT);
  positive('predict', options, ['batchSize', 'steps']);
  checkVerbose('predict', options.verbose);
}

export function positive<O extends object>(owner: string, options: O, names: readonly (keyof O & string)[]): void {
  for (const name of names) if (options[name] !== undefined) positiveInteger(owner, name, options[name]);
}

export function checkVerbose(owner: string, verbose: unknown): void {
  if (verbose === undefined || verbose === 0 || verbose === 1 || verbose === 2) return;
  oneOf(owner, 'verbose', verbose, ['auto']);
}
