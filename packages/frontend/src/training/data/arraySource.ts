/** Batches of arrays, in order or shuffled anew for each epoch; the last batch holds what is left. */
import { randomKey } from '@weftjs/graph';
import type { Structure } from '../../core/functional/structure.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { permutation } from '../../utils/permutation.ts';
import type { Batch, BatchSource } from './batch.ts';
import { rangeOf, rowsOf } from './read.ts';

/** Arrays in JavaScript memory, and their number of samples. */
export interface ArrayData extends Batch {
  readonly count: number;
}

export class ArraySource implements BatchSource {
  readonly steps: number;
  readonly data: ArrayData;
  readonly batchSize: number;
  private readonly shuffleSeed: number | null;

  /** @param shuffleSeed null keeps the order */
  constructor(data: ArrayData, batchSize: number, shuffleSeed: number | null) {
    this.data = data;
    this.batchSize = batchSize;
    this.shuffleSeed = shuffleSeed;
    this.steps = Math.ceil(data.count / batchSize);
  }

  /** The order of the samples in an epoch; null when they keep theirs. */
  order(epoch: number): Int32Array | null {
    return this.shuffleSeed === null ? null : permutation(this.data.count, randomKey(this.shuffleSeed, SHUFFLE_STREAM, epoch));
  }

  *epoch(epoch: number): Iterable<Batch> {
    const { x, y, sampleWeight, count } = this.data;
    const order = this.order(epoch);
    for (let from = 0; from < count; from += this.batchSize) {
      const to = Math.min(count, from + this.batchSize);
      const part = (data: Structure<NDArray>): Structure<NDArray> => (order ? rowsOf(data, order.subarray(from, to)) : rangeOf(data, from, to));
      yield { x: part(x), y: y && part(y), sampleWeight: sampleWeight && part(sampleWeight) };
    }
  }
}

/** The stream of random keys that shuffles draw from, apart from those of layers. */
const SHUFFLE_STREAM = 0x5f3759df;
