/**
 * The backend on WebGPU: one buffer of the pool for each tensor, one queue. What is called runs in that order: at once, unless an earlier run is
 * waiting for a condition to come back from the GPU; then it waits in line. Failures that the GPU reports later poison what was to be made.
 */
import {
  DTYPES, WeftError, formatType, hostArray, sizeOf,
  type Backend, type Buffer, type CompileOptions, type DeviceInfo, type Executable, type Graph, type MemoryInfo, type TensorType, type TypedArray,
} from '@weftjs/graph';
import { checkUpload, disposedError, requireOwn } from '../buffers.ts';
import { checkDtypes, checkOptions } from '../checks.ts';
import { ATTENTION } from '../fuse/attention.ts';
import { Tuner, type TuningTable } from '../tune/tuner.ts';
import { compileExecutable } from './executable.ts';
import { wholeBuffer, type Memory } from './memory.ts';
import { Pipelines } from './pipelines.ts';
import { BufferPool } from './pool.ts';
import { defaultSchedule, type ProductDevice, type ProductShape, type Schedule } from './products/schedule.ts';
import { GpuTensor, STAGING_USAGE, TURN_STRIDE, UNIFORM_USAGE, asWeftError, bytesOfType, elementsOf } from './tensor.ts';

/** The sizes of pieces of at most `pieceBytes` that have so many bytes together. */
export const piecesOf = (bytes: number, pieceBytes: number): number[] =>
  Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, piece) => Math.min(pieceBytes, bytes - piece * pieceBytes));

export interface WebGpuOptions {
  readonly device: GPUDevice;
  /** Whether the device is ours to destroy. */
  readonly ownsDevice: boolean;
  readonly description: string;
  readonly isSoftware: boolean;
  /** Whether shaders can use subgroups; by default not. */
  readonly hasSubgroups?: boolean;
  readonly maxMemoryBytes: number;
  /** Measured choices, read and added to; without it nothing is measured. */
  readonly tuning?: TuningTable | null;
  /** Whatever must not be collected while the device is used. */
  readonly keep?: unknown;
}

export class WebGpuBackend implements Backend {
  readonly name = 'native';
  readonly device: DeviceInfo;
  readonly composites: ReadonlySet<string> = ATTENTION;
  readonly gpu: GPUDevice;
  readonly pool: BufferPool;
  readonly pipelines: Pipelines;
  readonly productDevice: ProductDevice;
  readonly hasSubgroups: boolean;
  /** Measures products, where that is wanted. */
  readonly tuner: Tuner | null;
  readonly #options: WebGpuOptions;
  readonly #tensors = new Set<GpuTensor>();
  readonly #scratch: (Memory | null)[] = [];
  #turns: GPUBuffer | null = null;
  /** Work that waits in line. */
  #line: Promise<void> | null = null;
  /** Error scopes and reads that have not come back. */
  readonly #pending = new Set<Promise<unknown>>();
  #executables = 0;
  #unreported: WeftError | null = null;
  #isDisposed = false;
  #lost: WeftError | null = null;
  /** What to do when the device goes away. */
  readonly #waiting = new Set<(failure: WeftError) => void>();

  constructor(options: WebGpuOptions) {
    this.#options = options;
    const { device, maxMemoryBytes } = options;
    this.gpu = device;
    this.hasSubgroups = options.hasSubgroups === true;
    this.pool = new BufferPool({
      device,
      maxMemoryBytes,
      held: () => [...this.#tensors].map(({ type, memory }) => ({ bytes: memory ? bytesOfType(type) : 0, text: formatType(type) })),
    });
    this.pipelines = new Pipelines(device);
    this.device = {
      target: 'webgpu',
      description: options.description,
      dtypes: DTYPES.filter((dtype) => dtype !== 'float16' || device.features.has('shader-f16')),
      software: options.isSoftware,
      inputsResident: true,
      isReplaceable: options.ownsDevice,
      limits: { maxBufferBytes: this.pool.maxBufferBytes },
    };
    const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
    this.productDevice = { isSoftware: options.isSoftware, workgroupBytes: maxComputeWorkgroupStorageSize, workgroupInvocations: maxComputeInvocationsPerWorkgroup };
    this.tuner = options.tuning ? new Tuner(this.productDevice, options.description, options.tuning) : null;
    void device.lost.then((info) => this.#lose(info));
  }

  #lose(info: GPUDeviceLostInfo): void {
    const failure = this.#isDisposed
      ? disposedError()
      : new WeftError(
          'WEFT_E_DEVICE_LOST',
          `The GPU must stay available while it is used. Received: ${info.reason === 'destroyed' ? 'the device was destroyed' : 'the device was lost'}${info.message ? ` (${info.message})` : ''}. ` +
            'What was on it is gone: create a new backend and load the last saved weights.',
        );
    if (!this.#isDisposed) {
      this.#lost = failure;
      for (const tensor of this.#tensors) tensor.failure ??= failure;
    }
    for (const reject of this.#waiting) reject(failure);
  }

  /** Fails as soon as the device is lost, if the work does not end before. */
  orLost<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#lost) reject(this.#lost);
      this.#waiting.add(reject);
      work.then(resolve, (error: unknown) => reject(this.#lost ?? (error as Error))).finally(() => this.#waiting.delete(reject));
    });
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
    this.requireLive();
    this.requireDevice();
    checkOptions(graph, options);
    checkDtypes(graph, this.device.dtypes, 'WebGPU');
    const executable = await compileExecutable(this, graph, options, () => this.#executables--);
    this.#executables++;
    return executable;
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.requireLive();
    checkUpload(data, type, this.device.dtypes, 'WebGPU');
    this.requireDevice();
    const tensor = this.createTensor(type);
    const bytes = bytesOfType(type);
    let words = data;
    if (data.byteLength !== bytes) {
      words = elementsOf(type.dtype, new ArrayBuffer(bytes), 0, data.length);
      words.set(data);
    }
    this.guard([tensor], () => {
      if (bytes > 0) this.gpu.queue.writeBuffer((tensor.memory as Memory).buffer, 0, words.buffer as ArrayBuffer, words.byteOffset, bytes);
    });
    return tensor;
  }

  /** A live tensor whose contents are still to be written. */
  createTensor(type: TensorType): GpuTensor {
    return this.adopt(type, wholeBuffer(this.pool, bytesOfType(type), `A tensor ${formatType(type)}`));
  }

  /** A live tensor on memory that exists; on none, if it cannot be made. */
  adopt(type: TensorType, memory: Memory | null): GpuTensor {
    const tensor = new GpuTensor(this, type, memory);
    this.#tensors.add(tensor);
    return tensor;
  }

  /** A tensor that was to be made by a run that failed. */
  poisoned(type: TensorType, failure: WeftError): GpuTensor {
    const tensor = this.adopt(type, null);
    this.poison([tensor], failure);
    return tensor;
  }

  /** Marks tensors whose making failed after all. */
  poison(tensors: readonly GpuTensor[], failure: WeftError): void {
    this.#unreported ??= failure;
    for (const tensor of tensors) tensor.failure ??= failure;
  }

  /** Runs `work` at its turn: at once if nothing is in line. */
  perform(work: () => void | Promise<void>): void {
    const result = this.#line ? this.#line.then(work) : work();
    if (!result) return;
    const line = result.catch((error: unknown) => {
      this.#unreported ??= asWeftError(error);
    }).then(() => {
      if (this.#line === line) this.#line = null;
    });
    this.#line = line;
  }

  /** Runs GPU calls; errors that the GPU reports for them later poison `made`. */
  guard(made: readonly GpuTensor[], calls: () => void): void {
    const { gpu } = this;
    gpu.pushErrorScope('validation');
    gpu.pushErrorScope('out-of-memory');
    let scopes: Promise<(GPUError | null)[]>;
    try {
      calls();
    } finally {
      scopes = Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
    }
    this.#track(
      scopes.then(([memory, validation]) => {
        if (memory) {
          this.pool.trim(0);
          this.poison(made, new WeftError('WEFT_E_MEMORY', `The GPU needs room for what is computed, beside ${this.pool.reservedBytes} bytes that are taken. Received: ${memory.message}.${this.pool.largest()} Use smaller batches, or free what is not needed.`));
        }
        if (validation && !memory && !this.#lost) this.poison(made, new WeftError('WEFT_E_INTERNAL', `internal: ${validation.message}. This is a bug in Weft; please report it with the code that led here.`));
      }),
    );
  }

  #track(promise: Promise<unknown>): void {
    const settled = promise.then(() => undefined, () => undefined);
    this.#pending.add(settled);
    void settled.then(() => this.#pending.delete(settled));
  }

  async read(buffer: Buffer): Promise<TypedArray> {
    const own = this.requireTensor(buffer, 'read');
    const { type, memory } = own;
    try {
      // what was not made may be too large for any array
      if (own.failure) throw own.failure;
      const data = hostArray(type.dtype, sizeOf(type.shape));
      if (data.length === 0) return data;
      const { buffer: from, offset } = memory as Memory;
      const reading = new Promise<ArrayBuffer>((resolve, reject) => {
        this.perform(() => {
          this.readWords(from, offset, bytesOfType(type)).then(resolve, reject);
        });
      });
      const words = await this.orLost(reading);
      await this.orLost(Promise.all([...this.#pending]));
      if (own.failure) throw own.failure;
      data.set(elementsOf(type.dtype, words, 0, data.length));
      return data;
    } catch (error) {
      const failure = asWeftError(error);
      if (this.#unreported === failure) this.#unreported = null;
      throw failure;
    }
  }

  /** The contents of a buffer as of what was submitted so far. */
  async readWords(memory: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    const staging = this.pool.take(bytes, STAGING_USAGE, 'Reading a tensor');
    const encoder = this.gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(memory, offset, staging, 0, bytes);
    this.gpu.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(0x01, 0, bytes);
    this.#track(mapped);
    await this.orLost(mapped);
    const words = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    this.pool.give(staging);
    return words;
  }

  free(buffer: Buffer): void {
    const memory = this.release(this.requireTensor(buffer, 'free'), 'freed');
    if (memory) this.perform(() => memory.give());
  }

  /** Ends a tensor's life and gives its memory to the caller. */
  release(tensor: GpuTensor, fate: 'freed' | 'donated'): Memory | null {
    const { memory } = tensor;
    this.#tensors.delete(tensor);
    tensor.memory = null;
    tensor.failure = null;
    tensor.fate = fate;
    return memory;
  }

  async sync(): Promise<void> {
    this.requireLive();
    if (!this.#lost) {
      try {
        await this.orLost(this.#drain());
        await this.orLost(this.gpu.queue.onSubmittedWorkDone());
      } catch (error) {
        this.#unreported ??= asWeftError(error);
      }
    }
    const failure = this.#lost ?? this.#unreported;
    this.#unreported = null;
    if (failure) throw failure;
  }

  memory(): MemoryInfo {
    let bytes = 0;
    for (const { type, memory } of this.#tensors) if (memory) bytes += bytesOfType(type);
    return { buffers: this.#tensors.size, bytes, reservedBytes: this.#isDisposed ? 0 : this.pool.reservedBytes, executables: this.#executables };
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    // a process that ends while a buffer is being mapped crashes in some implementations
    await this.orLost(this.#drain()).catch(() => undefined);
    for (const tensor of [...this.#tensors]) this.release(tensor, 'freed');
    this.#executables = 0;
    // a device takes its buffers along; where it is gone already, some may still be waiting to be mapped
    if (this.#options.ownsDevice) this.gpu.destroy();
    else if (!this.#lost) this.pool.destroyAll();
  }

  async #drain(): Promise<void> {
    while (this.#line) await this.#line;
    await Promise.all([...this.#pending]);
  }

  /** Scratch of at least so many bytes, as pieces of at most `pieceBytes`, shared by all executables: nothing in it outlives a run. */
  scratch(bytes: number, pieceBytes: number): readonly Memory[] {
    piecesOf(bytes, pieceBytes).forEach((wanted, piece) => {
      const have = this.#scratch[piece];
      if (have && have.buffer.size >= wanted) return;
      this.#scratch[piece] = null;
      if (have) this.pool.destroy(have.buffer);
      this.#scratch[piece] = wholeBuffer(this.pool, wanted, 'The intermediate values of a graph');
    });
    return this.#scratch as Memory[];
  }

  /** A buffer that holds the number i at i · {@link TURN_STRIDE}, for i below `count`. */
  turns(count: number): GPUBuffer {
    if (this.#turns && this.#turns.size >= count * TURN_STRIDE) return this.#turns;
    if (this.#turns) this.pool.destroy(this.#turns);
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, count)));
    const buffer = this.pool.take(size * TURN_STRIDE, UNIFORM_USAGE, 'The counter of a loop');
    const words = new Int32Array((size * TURN_STRIDE) / 4);
    for (let i = 0; i < size; i++) words[(i * TURN_STRIDE) / 4] = i;
    this.gpu.queue.writeBuffer(buffer, 0, words);
    return (this.#turns = buffer);
  }

  /** How a product of this shape is computed here. */
  scheduleFor = (shape: ProductShape, op: string): Schedule => this.tuner?.known(shape, op) ?? defaultSchedule(shape, this.productDevice);

  get lost(): WeftError | null {
    return this.#lost;
  }

  requireLive(): void {
    if (this.#isDisposed) throw disposedError();
  }

  requireDevice(): void {
    if (this.#lost) throw this.#lost;
  }

  /** The buffer as ours, live. */
  requireTensor(buffer: unknown, where: string): GpuTensor {
    this.requireLive();
    return requireOwn(buffer, GpuTensor, this, where);
  }
}
