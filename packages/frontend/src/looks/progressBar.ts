/**
 * Keras's progress bar, byte for byte:
 *
 * ```
 * 469/469 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.8123 - loss: 0.6512
 * ```
 *
 * A line is redrawn at most every 50 ms: the cursor goes back by as many backspaces as the last line had characters, then
 * to the left edge. The time per step leaves the first step out, since that one includes compiling. The clock and the
 * place to write to are handed in, so a test can hold time still.
 *
 * Source of the format: keras/src/utils/progbar.py (Keras 3.15.1).
 */
import { pythonExponential, pythonFixed } from './pythonFormat.ts';
import type { Terminal } from './terminal.ts';

/** Logs in the order in which they are shown. */
export type LogEntries = Iterable<readonly [name: string, value: number]>;

export interface ProgressBarOptions {
  /** Number of steps, or `null` where nobody knows. */
  readonly target: number | null;
  /** 1: the bar. 2: one line at the end. 0: silence. */
  readonly verbose: 0 | 1 | 2;
  readonly terminal: Pick<Terminal, 'write' | 'redraws' | 'colours'>;
  /** Seconds since any fixed moment. */
  readonly now: () => number;
  /** Width of the bar in characters; 20 by default. */
  readonly width?: number;
  /** Seconds between two drawings; 0.05 by default. */
  readonly interval?: number;
  /** What is counted: `step` by default. */
  readonly unit?: string;
}

const BOLD = '\x1b[1m';
const GREEN = '\x1b[32m';
const WHITE = '\x1b[37m';
const RESET = '\x1b[0m';
const DASH = '━';

/** One bar: one epoch, one evaluation, one prediction. */
export class ProgressBar {
  /** May become known while counting. */
  target: number | null;
  private readonly options: ProgressBarOptions;
  private readonly interval: number;
  private readonly values = new Map<string, number>();
  private readonly start: number;
  private lastDrawn = 0;
  private afterFirstStep: number | undefined;
  private drawnWidth = 0;

  constructor(options: ProgressBarOptions) {
    this.options = options;
    this.target = options.target;
    this.interval = options.interval ?? 0.05;
    this.start = options.now();
  }

  /** Whether an update now would be drawn: nobody needs to read values from the device for one that would not. */
  due(): boolean {
    return this.options.verbose === 1 && this.options.now() - this.lastDrawn >= this.interval;
  }

  /**
   * Shows that `current` steps are done, with the latest values.
   *
   * @param finish - Ends the line. By default when `current` has reached the target.
   */
  update(
    current: number,
    values: LogEntries = [],
    finish: boolean = this.target !== null && current >= this.target,
  ): void {
    for (const [name, value] of values) this.values.set(name, value);
    const now = this.options.now();
    const perUnit = this.timePerUnit(current, now);
    const { verbose } = this.options;
    if (verbose === 1) {
      if (now - this.lastDrawn < this.interval && !finish) return;
      this.options.terminal.write(this.line(current, now, perUnit, finish));
    } else if (verbose === 2 && finish && this.target) {
      const count = `${padded(current, this.target)}/${this.target}`;
      const logs = this.logs((value) => value > 1e-3);
      this.options.terminal.write(
        `${count} - ${pythonFixed(now - this.start, 0)}s -${this.duration(perUnit)}${logs}\n`,
      );
    }
    this.lastDrawn = now;
  }

  private line(current: number, now: number, perUnit: number, finish: boolean): string {
    const { redraws } = this.options.terminal;
    const { target } = this;
    const bar = target ? this.bar(current, target) : unknown(current);
    const time = target && !finish ? remaining(perUnit * (target - current)) : `${pythonFixed(now - this.start, 0)}s`;
    const rest = `${this.duration(perUnit)}${this.logs((value) => Math.abs(value) > 1e-3)}`;
    const width = bar.width + 1 + time.length + [...rest].length;

    const back = redraws ? `${'\b'.repeat(this.drawnWidth)}\r` : '\n';
    const wipe = ' '.repeat(Math.max(0, this.drawnWidth - width));
    this.drawnWidth = width;
    return `${back}${bar.text} ${this.paint(BOLD, time)}${rest}${wipe}${finish ? '\n' : ''}`;
  }

  private bar(current: number, target: number): { text: string; width: number } {
    const total = this.options.width ?? 20;
    const done = Math.trunc((total * current) / target);
    const count = `${padded(current, target)}/${target}`;
    const text = `${this.paint(BOLD, count)} ${done > 0 ? this.paint(GREEN, dashes(done)) : ''}${this.paint(WHITE, dashes(total - done))}`;
    return { text, width: count.length + 1 + Math.max(done, 0) + Math.max(total - done, 0) };
  }

  private paint(escape: string, text: string): string {
    return this.options.terminal.colours ? `${escape}${text}${RESET}` : text;
  }

  private logs(large: (value: number) => boolean): string {
    let text = '';
    for (const [name, value] of this.values) {
      text += ` - ${name}: ${large(value) ? pythonFixed(value, 4) : pythonExponential(value, 4)}`;
    }
    return text;
  }

  private duration(perUnit: number): string {
    const unit = this.options.unit ?? 'step';
    if (perUnit >= 1 || perUnit === 0) return ` ${pythonFixed(perUnit, 0)}s/${unit}`;
    if (perUnit >= 1e-3) return ` ${pythonFixed(perUnit * 1e3, 0)}ms/${unit}`;
    return ` ${pythonFixed(perUnit * 1e6, 0)}us/${unit}`;
  }

  private timePerUnit(current: number, now: number): number {
    if (current === 0) return 0;
    const known = this.afterFirstStep;
    const perUnit = known !== undefined && current > 1 ? (now - known) / (current - 1) : (now - this.start) / current;
    if (current === 1) this.afterFirstStep = now;
    return perUnit;
  }
}

function unknown(current: number): { text: string; width: number } {
  const text = `${String(current).padStart(7)}/Unknown`;
  return { text, width: text.length };
}

const dashes = (count: number): string => DASH.repeat(Math.max(0, count));

const padded = (current: number, target: number): string => String(current).padStart(String(target).length);

/** `45s`, `2:05`, `1:02:05`. */
function remaining(seconds: number): string {
  const two = (value: number): string => String(Math.trunc(value)).padStart(2, '0');
  if (seconds > 3600)
    return `${Math.floor(seconds / 3600)}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  if (seconds > 60) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.trunc(seconds)}s`;
}
