/** Stops training when a log stops improving (https://keras.io/api/callbacks/early_stopping/). */
import type { NDArray } from '../core/ndarray.ts';
import { checkOptions, nonNegativeInteger } from '../options/strict.ts';
import type { Logs } from '../training/logs.ts';
import { Callback, type HookResult } from './callback.ts';
import { Monitor, optionalNumber, type MonitorMode } from './monitor.ts';

export interface EarlyStoppingOptions {
  /** The log to watch. Default `'val_loss'`. */
  monitor?: string;
  /** Smaller changes do not count. Default 0. */
  minDelta?: number;
  /** Epochs without improvement before training stops. Default 0. */
  patience?: number;
  verbose?: 0 | 1;
  mode?: MonitorMode;
  /** The log must beat this for an epoch to count as an improvement. */
  baseline?: number | null;
  /** Go back to the weights of the best epoch at the end. Default false. */
  restoreBestWeights?: boolean;
  /** The first epoch that is watched. Default 0. */
  startFromEpoch?: number;
}

export class EarlyStopping extends Callback {
  static override readonly className = 'EarlyStopping';
  /** The epoch at which training stopped; 0 if it did not. */
  stoppedEpoch = 0;
  private readonly monitor: Monitor;
  private readonly patience: number;
  private readonly verbose: boolean;
  private readonly baseline: number | null;
  private readonly restores: boolean;
  private readonly startFromEpoch: number;
  private best = 0;
  private bestEpoch = 0;
  private bestWeights: NDArray[] | null = null;
  private wait = 0;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    const owner = 'earlyStopping';
    checkOptions(owner, options, ['monitor', 'minDelta', 'patience', 'verbose', 'mode', 'baseline', 'restoreBestWeights', 'startFromEpoch']);
    this.monitor = new Monitor(owner, options.monitor ?? 'val_loss', options.mode ?? 'auto', options.minDelta ?? 0);
    this.patience = nonNegativeInteger(owner, 'patience', options.patience ?? 0);
    this.verbose = (options.verbose ?? 0) > 0;
    this.baseline = optionalNumber(owner, 'baseline', options.baseline);
    this.restores = options.restoreBestWeights ?? false;
    this.startFromEpoch = nonNegativeInteger(owner, 'startFromEpoch', options.startFromEpoch ?? 0);
  }

  override onTrainBegin(): void {
    this.wait = 0;
    this.stoppedEpoch = 0;
    this.best = this.monitor.worst;
    this.bestWeights = null;
    this.bestEpoch = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs): HookResult {
    return this.watch(epoch, logs);
  }

  override onTrainEnd(): void {
    if (this.stoppedEpoch > 0 && this.verbose) console.log(`Epoch ${this.stoppedEpoch + 1}: early stopping`);
    if (!this.restores || !this.bestWeights) return;
    if (this.verbose) console.log(`Restoring model weights from the end of the best epoch: ${this.bestEpoch + 1}.`);
    this.model.setWeights(this.bestWeights);
  }

  private async watch(epoch: number, logs: Logs): Promise<void> {
    const value = this.monitor.of(logs);
    if (value === undefined || epoch < this.startFromEpoch) return;
    const isBetter = this.monitor.better(value, this.best);
    // reading comes first: when it fails, nothing has changed yet, and the hook can be called again
    if (this.restores && (isBetter || this.bestWeights === null)) {
      // if no epoch ever improves, the first watched one is the best
      this.bestWeights = await this.model.getWeights();
      this.bestEpoch = epoch;
    }
    this.wait++;
    if (isBetter) {
      this.best = value;
      this.bestEpoch = epoch;
      if (this.baseline === null || this.monitor.better(value, this.baseline)) this.wait = 0;
      return;
    }
    if (this.wait >= this.patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }
}
