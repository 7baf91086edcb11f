/** `History`: the logs of every epoch. `fit` returns it, and printing it shows the curves. */
import { historyText } from '../looks/curvesText.ts';
import { inspectSymbol, jupyterSymbol, mimeBundle, type Description, type MimeBundle } from '../looks/describe.ts';
import type { Logs } from '../training/logs.ts';
import { Callback, type FitParams } from './callback.ts';

export class History extends Callback {
  static override readonly className = 'History';
  /** The numbers of the epochs, counted from 0. */
  readonly epoch: number[] = [];
  /** The values of each log, one for each epoch. */
  readonly history: { loss: number[]; [log: string]: number[] } = {} as { loss: number[] };
  declare params: FitParams;

  override onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }

  /** The curves as sparklines, and as charts with a table behind them. The code that draws the charts is loaded now. */
  async describe(): Promise<Description> {
    const { describeCurves } = await import('../looks/curves.ts');
    return describeCurves(this.history, { epochs: this.epoch.map((epoch) => epoch + 1) });
  }

  [inspectSymbol](): string {
    return historyText(this.history);
  }

  async [jupyterSymbol](): Promise<MimeBundle> {
    return mimeBundle(await this.describe());
  }
}
