/**
 * GPU buffers by size. Work on the queue runs in order, so that a buffer may be given to new work as soon as what used it was submitted: freeing is
 * immediate, and a training loop makes no new buffers after its first steps.
 */
import { WeftError } from '@weftjs/graph';
import { largestOf, type Held } from '../memoryError.ts';

export interface PoolOptions {
  readonly device: GPUDevice;
  readonly maxMemoryBytes: number;
  /** The tensors that are held, for the error when memory runs out. */
  readonly held: () => readonly Held[];
}

/** Buffers that nothing uses are kept up to so many bytes, or as many as are in use. */
const KEEP_BYTES = 64 * 2 ** 20;
/** Sizes are multiples of this. */
const UNIT = 256;

export class BufferPool {
  readonly #options: PoolOptions;
  readonly #idle = new Map<string, GPUBuffer[]>();
  /** All buffers that were made and not destroyed. */
  readonly #ids = new Map<GPUBuffer, number>();
  #nextId = 0;
  #idleBytes = 0;
  /** Bytes of all buffers, idle ones included. */
  reservedBytes = 0;

  /** The most that one buffer holds. */
  readonly maxBufferBytes: number;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { maxBufferSize, maxStorageBufferBindingSize } = options.device.limits;
    this.maxBufferBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  }

  /** A number that no other buffer of this pool has. */
  idOf(buffer: GPUBuffer): number {
    return this.#ids.get(buffer) as number;
  }

  /** @throws WeftError `WEFT_E_MEMORY` where the device or the limit cannot give as much */
  take(bytes: number, usage: GPUBufferUsageFlags, what: string): GPUBuffer {
    const size = Math.max(UNIT, Math.ceil(bytes / UNIT) * UNIT);
    const list = this.#idle.get(`${usage}/${size}`);
    const idle = list?.pop();
    if (idle) {
      this.#idleBytes -= size;
      return idle;
    }
    const { device, maxMemoryBytes } = this.#options;
    if (size > this.maxBufferBytes) this.#refuse(what, size, `one buffer of this GPU holds ${this.maxBufferBytes}`);
    if (this.reservedBytes + size > maxMemoryBytes) this.trim(0);
    if (this.reservedBytes + size > maxMemoryBytes) this.#refuse(what, size, `the limit is ${maxMemoryBytes}, of which ${this.reservedBytes} are taken`);
    const buffer = device.createBuffer({ size, usage });
    this.#ids.set(buffer, this.#nextId++);
    this.reservedBytes += size;
    return buffer;
  }

  #refuse(what: string, bytes: number, limit: string): never {
    throw new WeftError('WEFT_E_MEMORY', `${what} needs ${bytes} bytes, but ${limit}.${this.largest()} Use smaller batches, or free what is not needed.`);
  }

  /** The five largest tensors, as a sentence. */
  largest(): string {
    return largestOf(this.#options.held());
  }

  give(buffer: GPUBuffer): void {
    const key = `${buffer.usage}/${buffer.size}`;
    const list = this.#idle.get(key);
    if (list) list.push(buffer);
    else this.#idle.set(key, [buffer]);
    this.#idleBytes += buffer.size;
    const kept = Math.max(KEEP_BYTES, this.reservedBytes - this.#idleBytes);
    if (this.#idleBytes > kept) this.trim(kept / 2);
  }

  /** Destroys idle buffers until at most so many bytes are idle. */
  trim(bytes: number): void {
    for (const list of this.#idle.values()) {
      while (list.length > 0 && this.#idleBytes > bytes) {
        const buffer = list.shift() as GPUBuffer;
        this.#idleBytes -= buffer.size;
        this.destroy(buffer);
      }
    }
  }

  /** Destroys a buffer that is not idle. */
  destroy(buffer: GPUBuffer): void {
    this.#ids.delete(buffer);
    this.reservedBytes -= buffer.size;
    buffer.destroy();
  }

  destroyAll(): void {
    for (const buffer of this.#ids.keys()) this.destroy(buffer);
  }
}
