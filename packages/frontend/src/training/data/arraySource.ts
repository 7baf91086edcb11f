/** Batches of arrays, in order or shuffled anew for each epoch; the last batch holds what is left. */
import { WeftError, randomKey, received } from '@weftjs/graph';
import { mapStructure, type Structure } from '../../core/functional/structure.ts';
import { NDArray, ndarray } from '../../core/ndarray.ts';
import { permutation } from '../../utils/permutation.ts';
import type { Batch, BatchSource, ClassWeight } from './batch.ts';
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

/** Splits off the last fraction of the samples, before any shuffling. */
export function splitValidation(data: ArrayData, fraction: number): { train: ArrayData; validation: ArrayData } {
  const at = Math.floor(data.count * (1 - fraction));
  if (at === 0 || at === data.count) {
    throw new WeftError('WEFT_E_DATA', `validationSplit must leave samples on both sides. Received: ${fraction} of ${data.count} samples.`);
  }
  const part = (from: number, to: number): ArrayData => ({
    x: rangeOf(data.x, from, to),
    y: data.y && rangeOf(data.y, from, to),
    sampleWeight: data.sampleWeight && rangeOf(data.sampleWeight, from, to),
    count: to - from,
  });
  return { train: part(0, at), validation: part(at, data.count) };
}

/** A weight for each sample from the weight of its class: y holds integer labels, or one-hot rows. */
export function weightsOfClasses(y: Structure<NDArray> | null, classWeight: ClassWeight): NDArray {
  if (!(y instanceof NDArray)) {
    throw new WeftError('WEFT_E_OPTION', `classWeight needs a model with one output and its labels in y. Received: ${received(y)}.`);
  }
  const weights = classWeight instanceof Map ? classWeight : new Map(Object.entries(classWeight).map(([label, weight]) => [Number(label), Number(weight)]));
  const count = y.shape[0] as number;
  const classes = y.rank >= 2 && y.shape[y.rank - 1] !== 1 ? (y.shape[y.rank - 1] as number) : 0;
  const result = new Float32Array(count).fill(1);
  for (let i = 0; i < count; i++) {
    let label = y.data[i] as number;
    if (classes) {
      label = 0;
      for (let c = 1; c < classes; c++) if ((y.data[i * classes + c] as number) > (y.data[i * classes + label] as number)) label = c;
    }
    result[i] = weights.get(Math.trunc(label)) ?? 1;
  }
  return ndarray(result) as NDArray;
}

/** Multiplies two optional weights for each sample. */
export function combineWeights(a: Structure<NDArray> | null, b: NDArray): Structure<NDArray> {
  if (a === null) return b;
  return mapStructure(a, (weights) => {
    const product = Float32Array.from(weights.data as ArrayLike<number>);
    const inner = product.length / (weights.shape[0] as number);
    for (let i = 0; i < product.length; i++) product[i] = (product[i] as number) * (b.data[Math.floor(i / inner)] as number);
    return ndarray(product, { shape: weights.shape }) as NDArray;
  });
}
