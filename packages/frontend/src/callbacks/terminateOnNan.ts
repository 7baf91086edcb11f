/** Stops training as soon as a loss is not a finite number. */
import type { Logs } from '../training/logs.ts';
import { Callback } from './callback.ts';

export class TerminateOnNaN extends Callback {
  static override readonly className = 'TerminateOnNaN';
  override onTrainBatchEnd(batch: number, logs: Logs): void {
    if (logs.loss === undefined || Number.isFinite(logs.loss)) return;
    console.log(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}
