/** `History`: the logs of every epoch. `fit` returns it. */
import type { Logs } from '../training/logs.ts';
import { Callback, type FitParams } from './callback.ts';

export class History extends Callback {
  static override readonly className = 'History';
  /** The numbers of the epochs, counted from 0. */
  readonly epoch: number[] = [];
  /** The values of each log, one for each epoch. */
  readonly history: Record<string, number[]> = {};
  declare params: FitParams;

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}
