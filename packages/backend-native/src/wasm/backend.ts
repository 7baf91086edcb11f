/** The backend on WebAssembly: buffers in one memory, executables as modules on it. Work is done when `run` returns. */
import {
  formatType, hostArray, sizeOf,
  type Backend, type Buffer, type CompileOptions, type DType, type DeviceInfo, type Executable, type Graph, type MemoryInfo, type TensorType, type TypedArray, type WeftError,
} from '@weftjs/graph';
import { checkUpload, disposedError, requireOwn } from '../buffers.ts';
import { Allocator, type Block } from './allocator.ts';
import { WasmBuffer, viewOf } from './buffer.ts';
import { ATTENTION } from '../fuse/attention.ts';
import { compileExecutable } from './executable.ts';
import type { profileProgram } from './profile.ts';
import { requireRelaxedSimd } from './relaxed.ts';
import { CONTROL_END } from './threads/control.ts';
import { Pool, type Patience } from './threads/pool.ts';

export interface WasmOptions {
  /** The most that the memory may grow to. */
  readonly maxMemoryBytes: number;
  /** The most threads of a run, the calling one among them. */
  readonly threads: number;
  /** What is worth dividing among threads. */
  readonly worth?: Worth;
  /** Whether products are added by one instruction that rounds as the processor likes. */
  readonly relaxedSimd?: boolean;
  /** Where it computes, for people. */
  readonly place?: string;
  /** Gives what measures kernels, when somebody asks for it; without it there are no profiles. */
  readonly loadProfiler?: LoadProfiler;
}

export type LoadProfiler = () => Promise<typeof profileProgram>;

/** What is worth dividing among threads. */
export interface Worth {
  /** Nanoseconds of work that a thread must get for a kernel to be divided, and that a run must take to be divided at all. */
  readonly leastShare: number;
  readonly leastRun: number;
  readonly patience: Patience;
}

const WORTH: Worth = { leastShare: 3000, leastRun: 200_000, patience: { start: 20, least: 0.05, part: 0.1 } };

const DTYPES = ['float32', 'int32', 'uint32', 'bool'] as const;

export class WasmBackend implements Backend {
  readonly name = 'native';
  readonly device: DeviceInfo;
  readonly composites: ReadonlySet<string> = ATTENTION;
  readonly allocator: Allocator;
  readonly loadProfiler: LoadProfiler | undefined;
  readonly #buffers = new Set<WasmBuffer>();
  readonly worth: Worth;
  readonly relaxedSimd: boolean;
  /** The threads; null: there is one. */
  readonly pool: Pool | null;
  #executables = 0;
  #bytes = 0;
  #scratch: Block | null = null;
  #unreported: WeftError | null = null;
  #isDisposed = false;

  constructor({ maxMemoryBytes, threads, worth = WORTH, relaxedSimd = false, place = '', loadProfiler }: WasmOptions) {
    requireRelaxedSimd(relaxedSimd);
    this.loadProfiler = loadProfiler;
    const layout = threads > 1 ? { start: CONTROL_END, shared: true } : { start: 64, shared: false };
    this.allocator = new Allocator(Math.floor(maxMemoryBytes / 65536), layout, () =>
      [...this.#buffers].map(({ type, block }) => ({ bytes: block?.bytes ?? 0, text: formatType(type) })),
    );
    this.worth = worth;
    this.relaxedSimd = relaxedSimd;
    const pool = threads > 1 ? new Pool(this.allocator.memory, threads, worth.patience) : null;
    this.pool = pool;
    this.device = {
      target: 'wasm',
      get description() {
        const running = pool?.threads ?? 1;
        return `WebAssembly with 128-bit ${relaxedSimd ? 'relaxed ' : ''}SIMD, ${running} thread${running === 1 ? '' : 's'}${running < threads ? ` (of ${threads}: the other workers could not be started)` : ''}${place}`;
      },
      dtypes: DTYPES, inputsResident: true, limits: { maxMemoryBytes },
    };
  }

  compile(graph: Graph, options: CompileOptions = {}): Executable | Promise<Executable> {
    this.requireLive();
    return compileExecutable(this, graph, options, (change) => (this.#executables += change));
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.requireLive();
    checkUpload(data, type, DTYPES, 'WebAssembly');
    const buffer = this.createBuffer(type);
    this.words(type.dtype, (buffer.block as Block).address, data.length).set(data);
    return buffer;
  }

  /** A live buffer whose contents are still to be written. */
  createBuffer(type: TensorType): WasmBuffer {
    return this.adopt(type, this.allocator.allocate(sizeOf(type.shape) * 4, () => `A tensor ${formatType(type)}`));
  }

  /** A live buffer on a block that exists; on none where the run that was to make it failed. */
  adopt(type: TensorType, block: Block | null, failure: WeftError | null = null): WasmBuffer {
    const buffer = new WasmBuffer(this, type, block);
    buffer.failure = failure;
    this.#buffers.add(buffer);
    if (block) this.#bytes += buffer.bytes;
    return buffer;
  }

  /** A buffer that was to be made by a run that failed. */
  poisoned(type: TensorType, failure: WeftError): WasmBuffer {
    this.#unreported = failure;
    return this.adopt(type, null, failure);
  }

  async read(buffer: Buffer): Promise<TypedArray> {
    const own = this.requireBuffer(buffer, 'read');
    if (own.failure) {
      this.#unreported = null;
      throw own.failure;
    }
    const { type, block } = own;
    const data = hostArray(type.dtype, sizeOf(type.shape));
    data.set(this.words(type.dtype, (block as Block).address, data.length));
    return data;
  }

  free(buffer: Buffer): void {
    const own = this.requireBuffer(buffer, 'free');
    const block = this.release(own, 'freed');
    if (block) this.allocator.free(block);
  }

  /** Ends a buffer's life and gives its block to the caller. */
  release(buffer: WasmBuffer, fate: 'freed' | 'donated'): Block | null {
    const { block } = buffer;
    this.#buffers.delete(buffer);
    if (block) this.#bytes -= buffer.bytes;
    buffer.block = null;
    buffer.failure = null;
    buffer.fate = fate;
    return block;
  }

  async sync(): Promise<void> {
    this.requireLive();
    const failure = this.#unreported;
    this.#unreported = null;
    if (failure) throw failure;
  }

  memory(): MemoryInfo {
    return { buffers: this.#buffers.size, bytes: this.#bytes, reservedBytes: this.#isDisposed ? 0 : this.allocator.reservedBytes, executables: this.#executables };
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    this.pool?.end();
    for (const buffer of [...this.#buffers]) this.release(buffer, 'freed');
    this.#executables = 0;
  }

  /** Scratch of at least so many bytes, shared by all executables: nothing in it outlives a run. */
  scratch(bytes: number): number {
    if (bytes === 0) return this.#scratch?.address ?? 0;
    if (!this.#scratch || this.#scratch.bytes < bytes) {
      if (this.#scratch) this.allocator.free(this.#scratch);
      this.#scratch = null;
      this.#scratch = this.allocator.allocate(bytes, () => 'The intermediate values of a graph');
    }
    return this.#scratch.address;
  }

  /** A view of the memory; to be used at once. */
  words(type: DType, address: number, length: number): ReturnType<typeof viewOf> {
    return viewOf(this.allocator.memory, type, address, length);
  }

  requireLive(): void {
    if (this.#isDisposed) throw disposedError();
  }

  /** The buffer as ours, live. */
  requireBuffer(buffer: unknown, where: string): WasmBuffer {
    this.requireLive();
    return requireOwn(buffer, WasmBuffer, this, where);
  }
}
