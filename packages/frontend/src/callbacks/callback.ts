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

/** The hooks that a plain object may give to `fit({ callbacks })`. */
export interface CallbackHooks {
  onTrainBegin?(): void | Promise<void>;
  onTrainEnd?(logs: Logs): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onTrainBatchBegin?(batch: number): void | Promise<void>;
  /** Its logs are read from the device at every batch, which costs time: prefer `onEpochEnd`. */
  onTrainBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  onTestBegin?(): void | Promise<void>;
  onTestEnd?(logs: Logs): void | Promise<void>;
  onTestBatchBegin?(batch: number): void | Promise<void>;
  onTestBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
  onPredictBegin?(): void | Promise<void>;
  onPredictEnd?(): void | Promise<void>;
  onPredictBatchBegin?(batch: number): void | Promise<void>;
  onPredictBatchEnd?(batch: number): void | Promise<void>;
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
