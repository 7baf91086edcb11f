/** The bar that `fit`, `evaluate` and `predict` draw. It asks for values only when it is about to draw. */
import type { ProgressBar } from '../looks/progressBar.ts';
import { currentTerminal, resolveVerbose, type Verbosity } from '../looks/terminal.ts';
import type { Logs } from './logs.ts';

/** Seconds since the start of the process or page. */
const seconds = (): number => performance.now() / 1000;

export class Progress {
  readonly verbose: Verbosity;
  private readonly terminal = currentTerminal();
  private bar: ProgressBar | null = null;
  private done = 0;

  constructor(verbose: 'auto' | Verbosity) {
    this.verbose = resolveVerbose(verbose, this.terminal);
  }

  /** A new line for an epoch (or an evaluation). The bar's code is loaded when one is drawn. */
  async begin(target: number | null, title?: string, done = 0): Promise<void> {
    if (this.verbose === 0) return;
    const { ProgressBar } = await import('../looks/progressBar.ts');
    if (title) this.terminal.write(`${title}\n`);
    this.bar = new ProgressBar({ target, verbose: this.verbose, terminal: this.terminal, now: seconds });
    this.done = done;
  }

  /** One more step is done; `read` is called when the values will be shown. */
  async step(read: () => Promise<Logs>): Promise<void> {
    this.done++;
    const { bar } = this;
    if (!bar || this.verbose !== 1) return;
    if (bar.due()) bar.update(this.done, sorted(await read()), false);
  }

  /** The last line, with the final values. */
  finish(logs: Logs): void {
    if (!this.bar) return;
    this.bar.target ??= this.done;
    this.bar.update(this.bar.target, sorted(logs), true);
  }
}

/** By name, as Keras shows them: `val_…` come last. */
function sorted(logs: Logs): [string, number][] {
  return Object.entries(logs).sort(([a], [b]) => (a < b ? -1 : 1));
}
