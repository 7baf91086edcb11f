/**
 * An engine is a backend with a queue in front: it makes asynchronous starting and compiling invisible, so that everything above can
 * call and go on. When the backend is ready and nothing waits, work passes straight through.
 */
import type { Backend, BackendFactory, Buffer, CompileOptions, Executable, Graph, HostValue, MemoryInfo, TensorType, TypedArray } from '@weftjs/graph';
import { Handle } from './handle.ts';

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
}

interface Task {
  run(backend: Backend): void | Promise<void>;
  /** The backend could not start. */
  abandon(error: unknown): void;
}

export class Engine {
  readonly factory: BackendFactory;
  private backend: Backend | null = null;
  private starting: Promise<Backend> | null = null;
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

  /** The backend, once it has started. */
  start(): Promise<Backend> {
    this.starting ??= this.factory.create().then(
      (backend) => (this.backend = backend),
      (error: unknown) => {
        this.startFailure = error;
        throw error;
      },
    );
    return this.starting;
  }

  /** Compiles a graph; failures show when the program runs. */
  compile(graph: Graph, options: CompileOptions = {}): Program {
    const program: Program = { graph, options, executable: null, pending: null, failure: undefined, disposed: false };
    const begin = (backend: Backend): void | Promise<void> => {
      try {
        const result = backend.compile(graph, options);
        if (!(result instanceof Promise)) {
          program.executable = result;
          return;
        }
        return result.then(
          (executable) => void (program.executable = executable),
          (error: unknown) => void (program.failure = error),
        );
      } catch (error) {
        program.failure = error;
      }
    };
    const started = this.backend ? begin(this.backend) : this.start().then(begin, (error: unknown) => void (program.failure = error));
    program.pending = started ?? null;
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
    const fail = (error: unknown): void => outputs.forEach((output) => (output.failure = error));
    const execute = (): void => {
      const poisoned = operands.find((operand): operand is Handle => operand instanceof Handle && operand.failure !== undefined);
      if (program.failure !== undefined || poisoned) return fail(program.failure ?? poisoned?.failure);
      try {
        const buffers = (program.executable as Executable).run(operands.map((operand) => (operand instanceof Handle ? (operand.buffer as Buffer) : operand)));
        outputs.forEach((output, i) => (output.buffer = buffers[i] as Buffer));
      } catch (error) {
        fail(error);
      }
    };
    this.enqueue(() => {
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
          handle.buffer = backend.upload(copy, type);
        } catch (error) {
          handle.failure = error;
        }
      },
      (error) => (handle.failure = error),
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
      if (handle.buffer) backend.free(handle.buffer);
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
