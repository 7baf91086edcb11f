/**
 * The native engine as a page sees it that computes in a Worker: handles here, tensors there. What can be known here is
 * checked here, at once; the rest is sent, in order, and nothing waits for it but `read`, `sync` and `compile`. So the page
 * never blocks, whatever is computed.
 */
import {
  expandComposites,
  formatType,
  sizeOf,
  type Backend,
  type Buffer,
  type CompileOptions,
  type DeviceInfo,
  type Executable,
  type Graph,
  type HostValue,
  type MemoryInfo,
  type TensorType,
  type TypedArray,
  type WeftError,
} from '@weftjs/graph';
import { serializeGraph } from '@weftjs/graph/serialize';
import { checkUpload, disposedError, disposedExecutableError, requireOwn } from '../buffers.ts';
import { checkDtypes, checkInputs, checkOptions } from '../checks.ts';
import { memoryError } from '../memoryError.ts';
import { RemoteBuffer } from './buffer.ts';
import { unpackExplanation } from './explanation.ts';
import type { Line } from './line.ts';
import type { Answers } from './messages.ts';

export class RemoteBackend implements Backend {
  readonly name = 'native';
  readonly device: DeviceInfo;
  readonly composites: ReadonlySet<string>;
  readonly #known: ReadonlySet<string>;
  readonly #line: Line;
  readonly #most: number;
  readonly #buffers = new Map<number, RemoteBuffer>();
  #bytes = 0;
  #executables = 0;
  #lastId = 0;
  /** A failure that only the page knows. */
  #unreported: WeftError | null = null;
  #ending: Promise<void> | null = null;

  constructor(line: Line, { device, composites, known }: Answers['start']) {
    this.#line = line;
    this.device = { ...device, isReplaceable: true };
    this.composites = new Set(composites);
    this.#known = new Set(known);
    this.#most = device.limits.maxMemoryBytes ?? Infinity;
    line.onFailure = (failure, ids = [...this.#buffers.keys()]) => {
      for (const id of ids) this.#markFailed(this.#buffers.get(id), failure);
    };
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
    this.requireLive();
    checkOptions(graph, options);
    checkDtypes(graph, this.device.dtypes, 'WebAssembly');
    const executable = ++this.#lastId;
    const packed = serializeGraph(expandComposites(graph, this.#known));
    const { donate = [], host, frozen } = options;
    const { facts, listing } = await this.#line.ask('compile', { executable, graph: packed, options: { donate, host, frozen } });
    this.#executables++;
    let isDisposed = false;
    return {
      run: (inputs) => {
        if (isDisposed) throw disposedExecutableError();
        this.requireLive();
        checkInputs(graph, options, inputs, (buffer, where) => this.requireBuffer(buffer, where));
        return this.#run(executable, graph, inputs, donate.map(({ input }) => input));
      },
      explain: () => unpackExplanation(facts, graph, listing),
      profile: async () => unpackExplanation(await this.#line.ask('profile', { executable }), graph, listing),
      dispose: () => {
        if (isDisposed) return;
        isDisposed = true;
        this.#line.send({ kind: 'drop', executable });
        this.#executables--;
      },
    };
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.requireLive();
    checkUpload(data, type, this.device.dtypes, 'WebAssembly');
    if (this.#line.lost) throw this.#line.lost;
    const bytes = sizeOf(type.shape) * 4;
    if (this.#bytes + bytes > this.#most) throw this.#memoryError(`A tensor ${formatType(type)}`, bytes);
    const buffer = this.#adopt(type);
    const copy = data.slice();
    this.#line.send({ kind: 'upload', buffer: buffer.id, type, data: copy }, copy.buffer as ArrayBuffer);
    return buffer;
  }

  async read(buffer: Buffer): Promise<TypedArray> {
    const own = this.requireBuffer(buffer, 'read');
    if (own.isThere && !this.#line.lost) return this.#line.ask('read', { buffer: own.id });
    this.#unreported = null;
    throw own.failure as WeftError;
  }

  free(buffer: Buffer): void {
    const own = this.requireBuffer(buffer, 'free');
    this.#release(own, 'freed');
    if (own.isThere) this.#line.send({ kind: 'free', buffer: own.id });
  }

  async sync(): Promise<void> {
    this.requireLive();
    const failure = this.#unreported;
    this.#unreported = null;
    await this.#line.ask('sync', {});
    if (failure) throw failure;
  }

  memory(): MemoryInfo {
    const reservedBytes = this.#ending || this.#line.lost ? 0 : this.#line.reservedBytes;
    return { buffers: this.#buffers.size, bytes: this.#bytes, reservedBytes, executables: this.#executables };
  }

  dispose(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    // what was asked for before is answered
    const ended = this.#line.ask('end', {});
    for (const buffer of [...this.#buffers.values()]) this.#release(buffer, 'freed');
    this.#executables = 0;
    await ended.catch(() => undefined);
    this.#line.end();
  }

  /** Sends a run, checked already; what it makes, or why it cannot be made. */
  #run(executable: number, graph: Graph, inputs: readonly (Buffer | HostValue)[], donated: readonly number[]): Buffer[] {
    const failure = this.#failureOf(graph, inputs, donated);
    const output = this.#lastId + 1;
    const given = inputs.map((input) => (input instanceof RemoteBuffer ? input.id : (input as HostValue)));
    for (const i of donated) {
      const buffer = inputs[i] as RemoteBuffer;
      this.#release(buffer, 'donated');
      if (failure && buffer.isThere) this.#line.send({ kind: 'free', buffer: buffer.id });
    }
    const outputs = graph.outputs.map(({ type }) => this.#adopt(type));
    if (!failure) this.#line.send({ kind: 'run', executable, inputs: given, output });
    else {
      this.#unreported = failure;
      for (const buffer of outputs) {
        buffer.isThere = false;
        this.#markFailed(buffer, failure);
      }
    }
    return outputs;
  }

  /** Why a run need not be sent: an input could not be made, or the outputs have no room. */
  #failureOf({ outputs }: Graph, inputs: readonly unknown[], donated: readonly number[]): WeftError | null {
    if (this.#line.lost) return this.#line.lost;
    for (const input of inputs) if (input instanceof RemoteBuffer && input.failure) return input.failure;
    let bytes = donated.reduce((sum, i) => sum - (inputs[i] as RemoteBuffer).bytes, this.#bytes);
    for (const { type } of outputs) {
      const own = sizeOf(type.shape) * 4;
      if (bytes + own > this.#most) return this.#memoryError(`The output ${formatType(type)} of a graph`, own);
      bytes += own;
    }
    return null;
  }

  #memoryError(what: string, bytes: number): WeftError {
    const held = [...this.#buffers.values()].map(({ type, bytes: own, failure }) => ({
      bytes: failure ? 0 : own,
      text: formatType(type),
    }));
    return memoryError(what, bytes, `${this.#bytes} bytes in tensors`, this.#most, held);
  }

  #adopt(type: TensorType): RemoteBuffer {
    const buffer = new RemoteBuffer(this, type, ++this.#lastId);
    this.#buffers.set(buffer.id, buffer);
    this.#bytes += buffer.bytes;
    return buffer;
  }

  #release(buffer: RemoteBuffer, fate: 'freed' | 'donated'): void {
    this.#buffers.delete(buffer.id);
    if (!buffer.failure) this.#bytes -= buffer.bytes;
    buffer.fate = fate;
  }

  #markFailed(buffer: RemoteBuffer | undefined, failure: WeftError): void {
    if (!buffer || buffer.failure) return;
    buffer.failure = failure;
    this.#bytes -= buffer.bytes;
  }

  /** Why the Worker is gone, if it is. */
  get lost(): WeftError | null {
    return this.#line.lost;
  }

  requireLive(): void {
    if (this.#ending) throw disposedError();
  }

  /** The buffer as ours, live. */
  requireBuffer(buffer: unknown, where: string): RemoteBuffer {
    this.requireLive();
    return requireOwn(buffer, RemoteBuffer, this, where);
  }
}
