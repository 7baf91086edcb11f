/** Callbacks that change the learning rate between epochs. */
import { WeftError, received } from '@weftjs/graph';
import { checkOptions, finiteNumber, nonNegativeInteger } from '../options/strict.ts';
import type { Logs } from '../training/logs.ts';
import { Callback } from './callback.ts';
import { Monitor, type MonitorMode } from './monitor.ts';

/** Sets the rate of each epoch by a function of the epoch and the rate so far. */
export class LearningRateScheduler extends Callback {
  static override readonly className = 'LearningRateScheduler';
  private readonly schedule: (epoch: number, rate: number) => number;
  private readonly verbose: boolean;

  constructor(schedule: (epoch: number, rate: number) => number, options: { verbose?: 0 | 1 } = {}) {
    super();
    if (typeof schedule !== 'function') {
      throw new WeftError('WEFT_E_ARGUMENT', `learningRateScheduler needs a function (epoch, rate) => rate. Received: ${received(schedule)}.`);
    }
    this.schedule = schedule;
    this.verbose = (options.verbose ?? 0) > 0;
  }

  override onEpochBegin(epoch: number): void {
    const rate = finiteNumber('learningRateScheduler', 'result', this.schedule(epoch, this.model.optimizer.learningRate), { min: 0 });
    this.model.optimizer.learningRate = rate;
    if (this.verbose) console.log(`\nEpoch ${epoch + 1}: LearningRateScheduler setting learning rate to ${rate}.`);
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    logs.learning_rate = this.model.optimizer.learningRate;
  }
}

export interface ReduceLrOnPlateauOptions {
  monitor?: string;
  /** The rate is multiplied by it. Default 0.1. */
  factor?: number;
  /** Epochs without improvement before that. Default 10. */
  patience?: number;
  verbose?: 0 | 1;
  mode?: MonitorMode;
  minDelta?: number;
  /** Epochs to wait after a reduction. Default 0. */
  cooldown?: number;
  minLr?: number;
}

/** Reduces the rate when a log stops improving. */
export class ReduceLROnPlateau extends Callback {
  static override readonly className = 'ReduceLROnPlateau';
  private readonly monitor: Monitor;
  private readonly factor: number;
  private readonly patience: number;
  private readonly cooldown: number;
  private readonly minLr: number;
  private readonly verbose: boolean;
  private best = 0;
  private wait = 0;
  private cooling = 0;

  constructor(options: ReduceLrOnPlateauOptions = {}) {
    super();
    const owner = 'reduceLrOnPlateau';
    checkOptions(owner, options, ['monitor', 'factor', 'patience', 'verbose', 'mode', 'minDelta', 'cooldown', 'minLr']);
    this.monitor = new Monitor(owner, options.monitor ?? 'val_loss', options.mode ?? 'auto', options.minDelta ?? 1e-4);
    this.factor = finiteNumber(owner, 'factor', options.factor ?? 0.1);
    if (this.factor >= 1) throw new WeftError('WEFT_E_OPTION', `${owner}: \`factor\` must be below 1. Received: ${this.factor}.`);
    this.patience = nonNegativeInteger(owner, 'patience', options.patience ?? 10);
    this.cooldown = nonNegativeInteger(owner, 'cooldown', options.cooldown ?? 0);
    this.minLr = finiteNumber(owner, 'minLr', options.minLr ?? 0);
    this.verbose = (options.verbose ?? 0) > 0;
  }

  override onTrainBegin(): void {
    this.best = this.monitor.worst;
    this.wait = 0;
    this.cooling = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const { optimizer } = this.model;
    logs.learning_rate = optimizer.learningRate;
    const value = this.monitor.of(logs);
    if (value === undefined) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.wait = 0;
    }
    if (this.monitor.better(value, this.best)) {
      this.best = value;
      this.wait = 0;
    } else if (this.cooling <= 0) {
      this.wait++;
      const old = Math.fround(optimizer.learningRate);
      if (this.wait < this.patience || old <= Math.fround(this.minLr)) return;
      optimizer.learningRate = Math.max(optimizer.learningRate * this.factor, this.minLr);
      if (this.verbose) console.log(`\nEpoch ${epoch + 1}: ReduceLROnPlateau reducing learning rate to ${optimizer.learningRate}.`);
      this.cooling = this.cooldown;
      this.wait = 0;
    }
  }
}
