/** What callbacks that watch a log share: its name, which way is better, and by how much. */
import { WeftError } from '@weftjs/graph';
import { didYouMean } from '../names/index.ts';
import type { Logs } from '../training/logs.ts';
import { finiteNumber, oneOf } from '../options/strict.ts';

export type MonitorMode = 'auto' | 'min' | 'max';

export class Monitor {
  readonly name: string;
  readonly minDelta: number;
  /** Whether larger is better. */
  private readonly upwards: boolean;
  private readonly owner: string;
  private warned = false;

  constructor(owner: string, name: string, mode: unknown, minDelta: unknown) {
    this.owner = owner;
    this.name = name;
    this.minDelta = Math.abs(finiteNumber(owner, 'minDelta', minDelta));
    const direction = oneOf(owner, 'mode', mode, ['auto', 'min', 'max']);
    this.upwards = direction === 'max' || (direction === 'auto' && /acc|auc|precision|recall|f1|fbeta|iou|r2/i.test(name));
  }

  /** The worst value there is. */
  get worst(): number {
    return this.upwards ? -Infinity : Infinity;
  }

  /** Whether a value beats a reference by more than minDelta. */
  better(value: number, reference: number): boolean {
    return this.upwards ? value - this.minDelta > reference : value + this.minDelta < reference;
  }

  /** The watched value; undefined, with one warning, when the logs lack it. */
  of(logs: Logs): number | undefined {
    const value = logs[this.name];
    if (value === undefined && !this.warned) {
      this.warned = true;
      console.warn(`Weft: ${this.owner} watches '${this.name}', which is not among the logs: ${Object.keys(logs).join(', ')}.${didYouMean(this.name, Object.keys(logs))}`);
    }
    return value;
  }
}

/** Throws for a threshold that is not a number or null. */
export function optionalNumber(owner: string, name: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new WeftError('WEFT_E_OPTION', `${owner}: \`${name}\` must be a number. Received: ${String(value)}.`);
  return value;
}
