/**
 * Autotuning: of a handful of candidates for a product, the fastest as measured on the device at hand. A choice holds for a bucket of shapes (extents up
 * to the next power of two), one width of elements and one device; it is made once, and kept in a table of plain text that can be stored and given back.
 */
import { candidateSchedules, scheduleName, type ProductDevice, type ProductShape, type Schedule } from '../webgpu/products/schedule.ts';

/** Choices by device and bucket, as plain data: store it as JSON, and give it back to spare the measuring. */
export type TuningTable = Record<string, string>;

const bucketOf = (extent: number): number => (extent <= 16 ? extent : 2 ** Math.ceil(Math.log2(extent)));

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

  #keyOf({ batch, m, n, k, isHalf }: ProductShape, op: string): string {
    return `${this.#name}/${op}/${[batch, m, n, k].map(bucketOf).join('x')}${isHalf ? '/float16' : ''}`;
  }

  /** The measured choice, if there is one: an entry that names no candidate of this shape (of another version, or made up) is passed over. */
  known(shape: ProductShape, op: string): Schedule | undefined {
    const key = this.#keyOf(shape, op);
    const name = Object.hasOwn(this.#table, key) ? this.#table[key] : undefined;
    return candidateSchedules(shape, this.#device).find((candidate) => scheduleName(candidate) === name);
  }

  /** Measures the candidates for a shape, unless that was done. */
  async tune(shape: ProductShape, op: string, measure: Measure): Promise<void> {
    if (this.known(shape, op)) return;
    let [best, least] = ['', Infinity];
    for (const candidate of candidateSchedules(shape, this.#device)) {
      const ms = await measure(candidate);
      if (ms < least) [best, least] = [scheduleName(candidate), ms];
    }
    this.#table[this.#keyOf(shape, op)] = best;
  }
}
