/**
 * Batches from an iterable, generator or data set that yields `x`, `[x, y]` or `[x, y, sampleWeight]`. A function is called for each epoch;
 * an iterable is iterated anew; a generator object can serve one pass only, and goes on where it was.
 */
import { WeftError, received } from '@weftjs/graph';
import type { Batch, BatchSource, ClassWeight } from './batch.ts';
import { withClassWeights } from './classWeights.ts';
import { readData, sampleCount } from './read.ts';
import type { Stream } from './stream.ts';

export class StreamSource implements BatchSource {
  readonly steps: number | null;
  private readonly stream: Stream | (() => Stream);
  private readonly classWeight: ClassWeight | null;
  private running: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  private firstEpoch: number | null = null;
  private isRewound = false;

  constructor(stream: Stream | (() => Stream), steps: number | null, classWeight: ClassWeight | null = null) {
    this.stream = stream;
    this.steps = steps;
    this.classWeight = classWeight;
  }

  /** With a number of steps an epoch takes so many batches and the next goes on; else an epoch is one pass. */
  async *epoch(epoch: number): AsyncIterable<Batch> {
    this.firstEpoch ??= epoch;
    const { steps } = this;
    const past = this.isRewound && steps !== null ? (epoch - this.firstEpoch) * steps : 0;
    if (!this.running || steps === null) this.running = this.open();
    this.isRewound = false;
    for (let step = -past; steps === null || step < steps; step++) {
      let next = await this.running.next();
      if (next.done && steps !== null) {
        // start over for the rest of the epoch, where the source can
        this.running = this.open();
        next = await this.running.next();
        if (next.done) return;
      }
      if (next.done) {
        this.running = null;
        return;
      }
      if (step >= 0) yield await this.read(next.value);
    }
  }

  /** The next epoch reads the batches of those before it again, where epochs go on in one pass. */
  rewind(): void {
    this.running = null;
    this.isRewound = true;
  }

  private open(): Iterator<unknown> | AsyncIterator<unknown> {
    const stream = typeof this.stream === 'function' ? this.stream() : this.stream;
    const iterator = Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]();
    if (!this.isRewound || (iterator as unknown) !== this.stream) return iterator;
    throw new WeftError(
      'WEFT_E_DEVICE_LOST',
      'fit goes on after the device was lost when its data can be read again. Received: a generator object, which serves one pass only. ' +
        'Give a function that makes one. The model is as it was at the last snapshot.',
    );
  }

  private async read(item: unknown): Promise<Batch> {
    const parts = Array.isArray(item) && item.length <= 3 && item.some((part) => typeof part === 'object') && !item.every((part) => typeof part === 'number') ? item : [item];
    if (parts.length === 0) throw new WeftError('WEFT_E_DATA', `A data set must yield x, [x, y] or [x, y, sampleWeight]. Received: ${received(item)}.`);
    const [x, y, w] = parts as [unknown, unknown, unknown];
    const batch = {
      x: await readData('x of a batch', x),
      y: y === undefined || y === null ? null : await readData('y of a batch', y),
      sampleWeight: w === undefined || w === null ? null : await readData('sampleWeight of a batch', w),
    };
    sampleCount([['x', batch.x], ['y', batch.y], ['sampleWeight', batch.sampleWeight]]);
    return this.classWeight ? withClassWeights(batch, this.classWeight) : batch;
  }
}
