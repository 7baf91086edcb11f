/**
 * Batches gathered on the device. The arrays are uploaded once, as a whole; in an epoch only the order of the samples
 * goes there, and a batch costs no more than the number of its first sample. What comes out equals bit for bit what the
 * host would have gathered.
 */
import {
  add, formatType, gather, graphOf, inputValue, iota, isWeftError, sizeOf,
  type DeviceInfo, type TensorType, type TypedArray, type Value,
} from '@weftjs/graph';
import type { Engine, Program } from '../../core/engine/engine.ts';
import type { Handle } from '../../core/engine/handle.ts';
import { programFor } from '../../core/engine/programs.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { ArraySource } from './arraySource.ts';
import { leavesOf, withLeaves, type Batch, type BatchSource } from './batch.ts';
import { packBytes, unpackBytes, wordsPerRow } from './packedBytes.ts';
import { forDevice } from './read.ts';

/** The most that the data of one `fit` may take on the device; beyond it batches are gathered on the host. */
const MOST_BYTES = 256 * 2 ** 20;
/** The share of an engine's memory that data may take. */
const MOST_OF_MEMORY = 1 / 4;
/** So many batches pay for compiling what gathers them; in a single epoch each sample travels once, either way. */
const LEAST_BATCHES = 32;
const LEAST_EPOCHS = 2;
/** Rows of fewer bytes are not worth packing. */
const LEAST_PACKED = 16;

/** How an array lies on the device. */
interface Placed {
  readonly array: NDArray;
  readonly type: TensorType;
  readonly isPacked: boolean;
}

/**
 * Moves the sources of so many epochs to the device, as many as fit and are worth it. Those are to be freed; the others
 * are given back as they are.
 */
export async function placeOnDevice<S extends readonly (BatchSource | null)[]>(
  engine: Engine,
  { limits }: DeviceInfo,
  sources: S,
  epochs: number,
): Promise<S> {
  const { maxBufferBytes = Infinity, maxMemoryBytes = Infinity } = limits;
  let room = Math.min(MOST_BYTES, maxMemoryBytes * MOST_OF_MEMORY);
  const result: (BatchSource | null)[] = [];
  for (const source of sources) {
    result.push(source);
    if (!(source instanceof ArraySource) || epochs < LEAST_EPOCHS || source.steps * epochs < LEAST_BATCHES) continue;
    const placed = leavesOf(source.data).map(placeOf);
    const sizes = placed.map(({ type }) => sizeOf(type.shape) * 4);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > room || sizes.some((size) => size > maxBufferBytes)) continue;
    const moved = new DeviceSource(engine, source, placed);
    if (await moved.arrived()) {
      room -= total;
      result.splice(-1, 1, moved);
    } else moved.free();
  }
  return result as unknown as S;
}

function placeOf(array: NDArray): Placed {
  const { shape } = array;
  const rows = shape[0] as number;
  const inner = array.size / rows;
  const isBytes = (array.dtype as string) === 'uint8';
  if (isBytes && inner >= LEAST_PACKED) {
    return { array, type: { dtype: 'uint32', shape: [rows, wordsPerRow(inner)] }, isPacked: true };
  }
  return { array, type: { dtype: isBytes ? 'float32' : array.dtype, shape } as TensorType, isPacked: false };
}

class DeviceSource implements BatchSource {
  readonly steps: number;
  private readonly engine: Engine;
  private readonly source: ArraySource;
  private readonly placed: readonly Placed[];
  private readonly handles: readonly Handle[];
  private readonly key: string;

  constructor(engine: Engine, source: ArraySource, placed: readonly Placed[]) {
    this.engine = engine;
    this.source = source;
    this.placed = placed;
    this.steps = source.steps;
    this.key = `batch|${placed.map(({ array, type }) => `${formatType(type)}:${array.shape.join()}`).join('|')}`;
    this.handles = placed.map(({ array, type, isPacked }) => {
      const { data } = isPacked ? { data: packBytes(array.data as Uint8Array, source.data.count) } : forDevice(array);
      return engine.upload(data as TypedArray, type);
    });
  }

  /** Whether there was memory for all of it. */
  async arrived(): Promise<boolean> {
    try {
      await this.engine.sync();
    } catch (error) {
      if (!isWeftError(error, 'WEFT_E_MEMORY')) throw error;
      return false;
    }
    return this.handles.every(({ failure }) => failure === undefined);
  }

  *epoch(epoch: number): Iterable<Batch<Handle>> {
    const { engine, source, handles } = this;
    const { data, batchSize } = source;
    const shuffled = source.order(epoch);
    const order = shuffled && engine.upload(shuffled, { dtype: 'int32', shape: [data.count] });
    try {
      for (let from = 0; from < data.count; from += batchSize) {
        const program = this.program(Math.min(batchSize, data.count - from), order !== null);
        const batch = engine.run(program, order ? [...handles, order, from] : [...handles, from]);
        try {
          yield withLeaves(data, batch);
        } finally {
          for (const handle of batch) engine.free(handle);
        }
      }
    } finally {
      if (order) engine.free(order);
    }
  }

  free(): void {
    for (const handle of this.handles) this.engine.free(handle);
  }

  /** Gathers `size` samples from a position on in the order of an epoch. Later fits on as many samples find it ready. */
  private program(size: number, isShuffled: boolean): Program {
    return programFor(this.engine, `${this.key}|${size}|${isShuffled}`, () => {
      const arrays = this.placed.map(({ type }) => inputValue(type));
      const order = isShuffled ? [inputValue({ dtype: 'int32', shape: [this.source.data.count] })] : [];
      const from = inputValue({ dtype: 'int32', shape: [] });
      const places = add(iota('int32', [size]), from);
      const samples = order.reduce((at, value) => gather(value, at), places);
      const batch = this.placed.map(({ array, isPacked }, i) => {
        const rows = gather(arrays[i] as Value, samples);
        return isPacked ? unpackBytes(rows, array.shape.slice(1)) : rows;
      });
      const inputs = [...arrays, ...order, from];
      return { graph: graphOf(inputs, batch), options: { host: [inputs.length - 1] } };
    });
  }
}
