/** Callbacks: what happens at the turns of training. All hooks may be async (https://keras.io/api/callbacks/). */
import type { Model } from '../models/model.ts';
import type { Logs } from '../training/logs.ts';

/** What is known before the first epoch. */
export interface FitParams {
  readonly epochs: number;
  /** Batches in an epoch; null when nobody knows. */
  readonly steps: number | null;
  readonly verbose: 0 | 1 | 2;
}

/** What a hook returns: training waits for a promise, and everything else does not matter. */
export type HookResult = unknown;

/** The hooks that a plain object may give to `fit({ callbacks })`. */
export interface CallbackHooks {
  onTrainBegin?(): HookResult;
  onTrainEnd?(logs: Logs): HookResult;
  onEpochBegin?(epoch: number): HookResult;
  onEpochEnd?(epoch: number, logs: Logs): HookResult;
  onTrainBatchBegin?(batch: number): HookResult;
  /** Its logs are read from the device at every batch, which costs time: prefer `onEpochEnd`. */
  onTrainBatchEnd?(batch: number, logs: Logs): HookResult;
  onTestBegin?(): HookResult;
  onTestEnd?(logs: Logs): HookResult;
  onTestBatchBegin?(batch: number): HookResult;
  onTestBatchEnd?(batch: number, logs: Logs): HookResult;
  onPredictBegin?(): HookResult;
  onPredictEnd?(): HookResult;
  onPredictBatchBegin?(batch: number): HookResult;
  onPredictBatchEnd?(batch: number): HookResult;
}

/** The base of callbacks. Override the hooks that you need. */
export abstract class Callback implements CallbackHooks {
  static readonly className: string = 'Callback';
  /** The model that is trained. */
  declare protected model: Model;
  declare protected params: FitParams;

  setModel(model: Model): void {
    this.model = model;
  }

  setParams(params: FitParams): void {
    this.params = params;
  }
}

// Hooks are declared on the class type, and exist only where a subclass has them: a loop that no hook looks at reads nothing.
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface Callback extends CallbackHooks {}
