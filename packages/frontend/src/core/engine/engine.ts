/**
 * An engine is a backend with a queue in front: it makes asynchronous starting and compiling invisible, so that everything above can
 * call and go on. When the backend is ready and nothing waits, work passes straight through.
 */
import type { Backend, BackendFactory, Buffer, CompileOptions, Executable, Graph, HostValue, MemoryInfo, TensorType, TypedArray } from '@weftjs/graph';
import { Handle, type Life } from './handle.ts';

/** A graph handed to an engine for compiling. */
export interface Program {
  readonly graph: Graph;
  readonly options: CompileOptions;
  /** Null until the backend has compiled it. */
  executable: Executable | null;
  /** Settles when it has, or could not. */
  pending: Promise<void> | null;
  failure: unknown;
  disposed: boolean;
  /** The life of the engine that it was compiled in. */
  life: Life | null;
}

interface Task {
  run(backend: Backend): void | Promise<void>;
  /** The backend could not start. */
  abandon(error: unknown): void;
}

export class Engine {
  readonly factory: BackendFactory;
  /** Since the backend started, or was replaced. */
  life: Life = { lost: undefined };
  private backend: Backend | null = null;
  private starting: Promise<Backend> | null = null;
  private replacing: Promise<Backend> | null = null;
  private startFailure: unknown = undefined;
  private readonly queue: Task[] = [];
  private draining = false;

  constructor(factory: BackendFactory) {
    this.factory = factory;
  }

  /** `native (wasm)`: for people. */
  get description(): string {
    const target = this.backend?.device.target ?? this.factory.target;
    const name = this.backend?.name ?? this.factory.name;
    return target ? `${name} (${target})` : name;
  }

  /** The backend, once it has started. One whose device was lost is replaced, where the factory can make another. */
  start(): Promise<Backend> {
    if (this.backend?.lost && this.backend.device.isReplaceable) {
      return (this.replacing ??= this.replace().finally(() => (this.replacing = null)));
    }
    this.starting ??= this.factory.create().then(
      (backend) => (this.backend = backend),
      (error: unknown) => {
        this.startFailure = error;
        throw error;
      },
    );
    return this.starting;
  }

  /** Whether what was there in a life is gone, or about to be. */
  hasLost(life: Life): boolean {
    return this.life !== life || !!this.backend?.lost;
  }

  /** Compiles a graph; failures show when the program runs. */
  compile(graph: Graph, options: CompileOptions = {}): Program {
    const program: Program = { graph, options, executable: null, pending: null, failure: undefined, disposed: false, life: null };
    if (this.backend) this.compileOn(this.backend, program);
    else {
      program.pending = this.start().then(
        (backend) => this.compileOn(backend, program),
        (error: unknown) => void (program.failure = error),
      );
    }
    return program;
  }

  /** Enqueues one run; `outputs` are the types that the graph gives. */
  run(program: Program, inputs: readonly (Handle | HostValue)[]): Handle[] {
    for (const input of inputs) if (input instanceof Handle) input.requireAlive();
    const outputs = program.graph.outputs.map((output) => new Handle(output.type));
    const operands = [...inputs];
    for (const { input } of program.options.donate ?? []) {
      const handle = operands[input];
      if (handle instanceof Handle) handle.end('donated');
    }
    const fail = (error: unknown): void => outputs.forEach((output) => output.fail(error));
    const execute = (): void => {
      const poisoned = operands.find((operand): operand is Handle => operand instanceof Handle && operand.failure !== undefined);
      if (program.failure !== undefined || poisoned) return fail(program.failure ?? poisoned?.failure);
      try {
        const buffers = (program.executable as Executable).run(operands.map((operand) => (operand instanceof Handle ? (operand.buffer as Buffer) : operand)));
        outputs.forEach((output, i) => output.fill(buffers[i] as Buffer, this.life));
      } catch (error) {
        fail(error);
      }
    };
    this.enqueue((backend) => {
      if (program.life && program.life !== this.life) this.compileOn(backend, program);
      if (program.executable || program.failure !== undefined) return execute();
      return (program.pending as Promise<void>).then(execute);
    }, fail);
    return outputs;
  }

  /** Copies host data to the device. */
  upload(data: TypedArray, type: TensorType): Handle {
    const handle = new Handle(type);
    const direct = this.backend !== null && this.queue.length === 0 && !this.draining;
    const copy = direct ? data : data.slice();
    this.enqueue(
      (backend) => {
        try {
          handle.fill(backend.upload(copy, type), this.life);
        } catch (error) {
          handle.fail(error);
        }
      },
      (error) => handle.fail(error),
    );
    return handle;
  }

  /** The value as of this call. */
  read(handle: Handle): Promise<TypedArray> {
    handle.requireAlive();
    return new Promise((resolve, reject) => {
      this.enqueue((backend) => {
        if (handle.failure !== undefined) return reject(handle.failure as Error);
        try {
          backend.read(handle.buffer as Buffer).then(resolve, reject);
        } catch (error) {
          reject(error as Error);
        }
      }, reject);
    });
  }

  free(handle: Handle): void {
    if (handle.ended !== null) return;
    handle.end('disposed');
    this.enqueue((backend) => {
      if (handle.buffer && handle.life === this.life) backend.free(handle.buffer);
      handle.buffer = null;
    });
  }

  /** Waits for all enqueued work; rejects with the first failure that was not reported. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.enqueue((backend) => void backend.sync().then(resolve, reject), reject);
    });
  }

  disposeProgram(program: Program): void {
    if (program.disposed) return;
    program.disposed = true;
    this.enqueue(() => {
      if (program.executable) return program.executable.dispose();
      return program.pending?.then(() => program.executable?.dispose());
    });
  }

  /** What the device holds now; null while it has not started. */
  memory(): MemoryInfo | null {
    return this.backend?.memory() ?? null;
  }

  async dispose(): Promise<void> {
    if (!this.starting) return;
    const backend = await this.starting;
    await new Promise<void>((resolve) => this.enqueue(() => resolve()));
    await backend.dispose();
  }

  private compileOn(backend: Backend, program: Program): void | Promise<void> {
    const { life } = this;
    Object.assign(program, { life, executable: null, failure: undefined });
    // what an earlier life compiles still does not count
    const settle = (result: Partial<Program>): void => void (program.life === life && Object.assign(program, result));
    try {
      const result = backend.compile(program.graph, program.options);
      if (!(result instanceof Promise)) return settle({ executable: result });
      return (program.pending = result.then(
        (executable) => settle({ executable }),
        (failure: unknown) => settle({ failure }),
      ));
    } catch (failure) {
      settle({ failure });
    }
  }

  /** A new backend in its turn. If there is none, all stays as it was. */
  private replace(): Promise<Backend> {
    return new Promise((resolve, reject) => {
      this.enqueue(async (old) => {
        try {
          const backend = await this.factory.create();
          this.life.lost = old.lost;
          this.life = { lost: undefined };
          this.backend = backend;
          this.starting = Promise.resolve(backend);
          old.dispose().catch(() => {});
          resolve(backend);
        } catch (error) {
          reject(error as Error);
        }
      }, reject);
    });
  }

  private enqueue(run: Task['run'], abandon: Task['abandon'] = () => {}): void {
    if (this.startFailure !== undefined) return abandon(this.startFailure);
    if (this.backend && this.queue.length === 0 && !this.draining) {
      const waiting = run(this.backend);
      if (waiting) this.drainAfter(waiting);
      return;
    }
    this.queue.push({ run, abandon });
    if (this.draining) return;
    this.draining = true;
    this.start().then(
      () => this.drain(),
      (error: unknown) => {
        this.draining = false;
        for (const task of this.queue.splice(0)) task.abandon(error);
      },
    );
  }

  private drainAfter(waiting: Promise<void>): void {
    this.draining = true;
    void waiting.then(
      () => this.drain(),
      () => this.drain(),
    );
  }

  /** Runs queued tasks in order, waiting where one is asynchronous. */
  private drain(): void {
    this.draining = true;
    for (let task = this.queue.shift(); task; task = this.queue.shift()) {
      const waiting = task.run(this.backend as Backend);
      if (waiting) return this.drainAfter(waiting);
    }
    this.draining = false;
  }
}
