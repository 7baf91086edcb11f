/** The reference backend on a device that can be lost, as GPUs are. For tests. */
import {
  WeftError, type Backend, type BackendFactory, type Buffer, type CompileOptions, type DeviceInfo, type Executable, type Graph, type HostValue,
  type MemoryInfo, type TensorType, type TypedArray,
} from '@weftjs/graph';
import { reference } from './referenceBackend.ts';

class LossyBackend implements Backend {
  readonly name = 'lossy';
  readonly composites: ReadonlySet<string>;
  readonly device: DeviceInfo;
  lost: WeftError | null = null;
  private readonly inner: Backend;
  private readonly onWork: () => void;
  private readonly own = new WeakSet<Buffer>();

  constructor(inner: Backend, isReplaceable: boolean, onWork: () => void) {
    this.inner = inner;
    this.onWork = onWork;
    this.composites = inner.composites;
    this.device = { ...inner.device, isReplaceable };
  }

  lose(): void {
    this.lost ??= new WeftError('WEFT_E_DEVICE_LOST', 'The device must stay available while it is used. Received: it was lost. Start again.');
  }

  async compile(graph: Graph, options?: CompileOptions): Promise<Executable> {
    this.work();
    const executable = await this.inner.compile(graph, options);
    this.requireDevice();
    return {
      explain: () => executable.explain(),
      dispose: () => executable.dispose(),
      run: (inputs: readonly (Buffer | HostValue)[]) => {
        this.work();
        for (const input of inputs) if (typeof input === 'object' && 'type' in input) this.requireOwn(input);
        return executable.run(inputs).map((buffer) => this.keep(buffer));
      },
    };
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.requireDevice();
    return this.keep(this.inner.upload(data, type));
  }

  async read(buffer: Buffer): Promise<TypedArray> {
    this.work();
    this.requireOwn(buffer);
    const data = (await this.inner.read(buffer)).slice();
    // a device answers later
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.requireDevice();
    return data;
  }

  free(buffer: Buffer): void {
    this.requireOwn(buffer);
    this.inner.free(buffer);
  }

  async sync(): Promise<void> {
    await this.inner.sync();
    this.requireDevice();
  }

  memory(): MemoryInfo {
    return this.inner.memory();
  }

  dispose(): Promise<void> {
    return this.inner.dispose();
  }

  private work(): void {
    this.requireDevice();
    this.onWork();
    this.requireDevice();
  }

  private requireDevice(): void {
    if (this.lost) throw this.lost;
  }

  private keep(buffer: Buffer): Buffer {
    this.own.add(buffer);
    return buffer;
  }

  private requireOwn(buffer: Buffer): void {
    if (!this.own.has(buffer)) throw new WeftError('WEFT_E_ARGUMENT', 'This needs a buffer of this backend. Received: one of another. Upload the data here first.');
  }
}

/** A factory of such backends, and what can be done to the newest. */
export class LossyDevice implements BackendFactory {
  readonly name = 'lossy';
  /** What is told of each piece of work that a device is about to do. */
  onWork: (() => void) | null = null;
  /** Backends made so far. */
  made = 0;
  private readonly isReplaceable: boolean;
  private backend: LossyBackend | null = null;

  constructor({ isReplaceable = true } = {}) {
    this.isReplaceable = isReplaceable;
  }

  async create(): Promise<Backend> {
    this.made++;
    return (this.backend = new LossyBackend(await reference.create(), this.isReplaceable, () => this.onWork?.()));
  }

  lose(): void {
    this.backend?.lose();
  }

  /** Loses the device at the piece of work of this number, counted from 0. */
  loseAt(number: number): void {
    let count = 0;
    this.onWork = () => {
      if (count++ === number) this.lose();
    };
  }
}
