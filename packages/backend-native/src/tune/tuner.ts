/**
 * Autotuning: of a handful of candidates for a product, the fastest as measured on the device at hand. A choice holds for a bucket of shapes (extents up
 * to the next power of two) and one device; it is made once, and kept in a table of plain text that can be stored and given back.
 */
import { candidateSchedules, defaultSchedule, type ProductDevice, type ProductShape, type Schedule } from '../webgpu/products/schedule.ts';

/** Choices by device and bucket, as plain data: store it as JSON, and give it back to spare the measuring. */
export type TuningTable = Record<string, string>;

const bucketOf = (extent: number): number => (extent <= 16 ? extent : 2 ** Math.ceil(Math.log2(extent)));

/** What tells candidates apart; pieces follow from the shape. */
export function scheduleName(schedule: Schedule): string {
  const registers = `${schedule.rows}x${schedule.columns}`;
  const pieces = schedule.pieces > 1 ? ' in pieces' : '';
  if (schedule.kind === 'direct') return `direct ${registers} by ${schedule.unroll}${pieces}`;
  return `staged ${schedule.tileRows}x${schedule.tileColumns}x${schedule.depth} by ${registers}${pieces}`;
}

/** Measures the milliseconds of a product with a schedule. */
export type Measure = (schedule: Schedule) => Promise<number>;

export class Tuner {
  readonly #device: ProductDevice;
  readonly #name: string;
  readonly #table: TuningTable;

  constructor(device: ProductDevice, name: string, table: TuningTable) {
    this.#device = device;
    this.#name = name;
    this.#table = table;
  }

  #keyOf({ batch, m, n, k }: ProductShape, op: string): string {
    return `${this.#name}/${op}/${[batch, m, n, k].map(bucketOf).join('x')}`;
  }

  /** The measured choice, or the default: an entry that names no candidate of this shape (of another version, or made up) is passed over. */
  scheduleFor(shape: ProductShape, op: string): Schedule {
    return this.#known(shape, op) ?? defaultSchedule(shape, this.#device);
  }

  #known(shape: ProductShape, op: string): Schedule | undefined {
    const key = this.#keyOf(shape, op);
    const name = Object.hasOwn(this.#table, key) ? this.#table[key] : undefined;
    return candidateSchedules(shape, this.#device).find((candidate) => scheduleName(candidate) === name);
  }

  /** Measures the candidates for a shape, unless that was done. */
  async tune(shape: ProductShape, op: string, measure: Measure): Promise<void> {
    if (this.#known(shape, op)) return;
    let best: { name: string; ms: number } | null = null;
    for (const candidate of candidateSchedules(shape, this.#device)) {
      const ms = await measure(candidate);
      if (!best || ms < best.ms) best = { name: scheduleName(candidate), ms };
    }
    if (best) this.#table[this.#keyOf(shape, op)] = best.name;
  }
}
