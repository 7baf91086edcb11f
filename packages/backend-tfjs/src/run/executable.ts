/** A compiled graph: checks what it is given, runs the steps, and turns failures into poisoned outputs. */
import {
  WeftError,
  bytesPerElement,
  formatGraph,
  formatType,
  hostArray,
  isWeftError,
  received,
  sameType,
  sizeOf,
  type Buffer,
  type CompileOptions,
  type Executable,
  type Explanation,
  type Graph,
  type HostValue,
  type Value,
} from '@weftjs/graph';
import type { Engine, Tensor } from '../engine/engine.ts';
import { TfjsBuffer, ownBuffer, requireLiving } from './buffers.ts';
import { assemble, type Assembly, type Program } from './program.ts';

/** What an executable needs of its backend. */
export interface Home {
  readonly engine: Engine;
  readonly target: string;
  /** Throws once the backend is disposed. */
  requireOpen(): void;
  hold(buffer: TfjsBuffer): TfjsBuffer;
  letGo(buffer: TfjsBuffer): void;
  /** Remembers a failure for `sync`. */
  reportLater(error: WeftError): void;
  closed(executable: TfjsExecutable): void;
}

export class TfjsExecutable implements Executable {
  readonly #home: Home;
  readonly #graph: Graph;
  readonly #optimized: Graph;
  readonly #assembly: Assembly;
  readonly #program: Program;
  readonly #donated: ReadonlySet<number>;
  readonly #host: ReadonlySet<number>;
  #isDisposed = false;

  constructor(home: Home, graph: Graph, optimized: Graph, options: CompileOptions) {
    this.#home = home;
    this.#graph = graph;
    this.#optimized = optimized;
    this.#host = new Set(options.host);
    this.#donated = checkOptions(graph, options);
    this.#assembly = { engine: home.engine, kept: [], hostLowered: [] };
    try {
      this.#program = assemble(optimized, this.#assembly, [...this.#donated, ...this.#host]);
    } catch (error) {
      this.#releaseKept();
      throw error;
    }
  }

  /** Bytes of the constants that live as long as this executable. */
  get keptBytes(): number {
    return this.#assembly.kept.reduce(
      (sum, tensor) => sum + sizeOf(tensor.shape) * (tensor.dtype === 'bool' ? 1 : 4),
      0,
    );
  }

  run(inputs: readonly (Buffer | HostValue)[]): Buffer[] {
    const home = this.#home;
    home.requireOpen();
    if (this.#isDisposed)
      throw new WeftError(
        'WEFT_E_STATE',
        'An executable must not be disposed to run. Received: a disposed one. Compile the graph again.',
      );
    const given = this.#check(inputs);
    const poison = given.flatMap((input) =>
      input instanceof TfjsBuffer && input.state.kind === 'poisoned' ? [input.state.error] : [],
    )[0];

    // from here on nothing throws: what fails, poisons
    const types = this.#graph.outputs.map((output) => output.type);
    const consumed = [...this.#donated].map((position) => given[position] as TfjsBuffer);
    try {
      if (poison) throw poison;
      const { engine } = home;
      const hosts = engine.step(() =>
        [...this.#host].map((position) => this.#hostTensor(position, given[position] as HostValue)),
      );
      const hostAt = new Map([...this.#host].map((position, i) => [position, hosts[i] as Tensor]));
      const tensors = given.map((input, i) => hostAt.get(i) ?? aliveTensor(input as TfjsBuffer));
      for (const buffer of consumed) this.#consume(buffer);
      const results = this.#program.run(tensors, [...this.#donated, ...this.#host]);
      return results.map((tensor, i) =>
        home.hold(new TfjsBuffer(types[i] as Value['type'], home, { kind: 'alive', tensor })),
      );
    } catch (cause) {
      for (const buffer of consumed) {
        const { state } = buffer;
        if (state.kind === 'donated') continue;
        this.#consume(buffer);
        if (state.kind === 'alive') home.engine.dispose(state.tensor);
      }
      const error = failureOf(cause, home.target);
      if (!poison) home.reportLater(error);
      return types.map((type) => home.hold(new TfjsBuffer(type, home, { kind: 'poisoned', error })));
    }
  }

  #consume(buffer: TfjsBuffer): void {
    buffer.state = { kind: 'donated' };
    this.#home.letGo(buffer);
  }

  #check(inputs: readonly (Buffer | HostValue)[]): (TfjsBuffer | HostValue)[] {
    const wanted = this.#graph.inputs;
    if (!Array.isArray(inputs) || inputs.length !== wanted.length) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `This executable needs ${wanted.length} inputs. Received: ${Array.isArray(inputs) ? inputs.length : received(inputs)}.`,
      );
    }
    const given = inputs.map((input, i): TfjsBuffer | HostValue => {
      const value = wanted[i] as Value;
      const what = `Input ${i}${value.label ? ` (${value.label})` : ''}`;
      if (this.#host.has(i)) return requireHostValue(input, value, what);
      const buffer = ownBuffer(input, this.#home, what);
      if (!sameType(buffer.type, value.type)) {
        throw new WeftError(
          'WEFT_E_SHAPE',
          `${what} must be ${formatType(value.type)}. Received: ${formatType(buffer.type)}.`,
        );
      }
      requireLiving(buffer, what);
      return buffer;
    });
    for (const position of this.#donated) {
      if (given.filter((input) => input === given[position]).length > 1) {
        throw new WeftError(
          'WEFT_E_ARGUMENT',
          `A donated input must be given once. Received: the same buffer for input ${position} and another. Copy it, or do not donate it.`,
        );
      }
    }
    return given;
  }

  #hostTensor(position: number, value: HostValue): Tensor {
    const { dtype, shape } = (this.#graph.inputs[position] as Value).type;
    const data = hostArray(dtype, sizeOf(shape));
    data.set(typeof value === 'number' ? [value] : value);
    return this.#home.engine.upload(data, dtype, shape);
  }

  explain(): Explanation {
    const kernels = this.#program.steps.map(({ op }) => ({ name: op, ops: [op] }));
    const hostLowered = [...this.#assembly.hostLowered];
    const graph = formatGraph(this.#graph);
    const optimized = formatGraph(this.#optimized);
    const { target } = this.#home;
    const toString = (): string =>
      `tfjs (${target}): ${kernels.length} steps, interpreted${hostLowered.length > 0 ? `; on the host: ${hostLowered.join(', ')}` : ''}\n${optimized}`;
    return { backend: 'tfjs', target, graph, optimized, kernels, hostLowered, toString };
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#releaseKept();
    this.#home.closed(this);
  }

  #releaseKept(): void {
    for (const tensor of this.#assembly.kept.splice(0)) this.#assembly.engine.dispose(tensor);
  }
}

/** A failure of the engine as a typed error. */
function failureOf(cause: unknown, target: string): WeftError {
  if (isWeftError(cause)) return cause;
  const text = String((cause as Error | undefined)?.message ?? cause);
  if (cause instanceof RangeError && /alloc|length|size/i.test(text)) {
    return new WeftError(
      'WEFT_E_MEMORY',
      `tfjs (${target}) needed more memory than there is. Received: ${text}. Use a smaller batch or model.`,
      { cause },
    );
  }
  return new WeftError(
    'WEFT_E_BACKEND',
    `tfjs (${target}) must run this graph. Received: a failure, ${text}. Its outputs cannot be used.`,
    { cause },
  );
}

function aliveTensor(buffer: TfjsBuffer): Tensor {
  if (buffer.state.kind !== 'alive')
    throw new WeftError('WEFT_E_STATE', `A buffer must be alive. Received: ${buffer.state.kind}.`);
  return buffer.state.tensor;
}

/** Positions of donated inputs, checked against the graph. */
function checkOptions(graph: Graph, { donate = [], host = [], frozen = [] }: CompileOptions): Set<number> {
  for (const position of [...host, ...frozen, ...donate.map((pair) => pair.input)]) {
    if (!graph.inputs[position]) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `Compile options must name inputs 0 to ${graph.inputs.length - 1}. Received: ${received(position)}.`,
      );
    }
  }
  const donated = new Set<number>();
  const taken = new Set<number>();
  for (const { input, output } of donate) {
    const [from, to] = [graph.inputs[input], graph.outputs[output]];
    if (!from || !to || !sameType(from.type, to.type)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `donate needs an input and an output of one type. Received: input ${input}${from ? ` ${formatType(from.type)}` : ''}, output ${output}${to ? ` ${formatType(to.type)}` : ', which does not exist'}.`,
      );
    }
    if (donated.has(input) || taken.has(output) || host.includes(input) || frozen.includes(input)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `An input is donated once, to one output, and is neither host nor frozen. Received: input ${input}, output ${output}.`,
      );
    }
    donated.add(input);
    taken.add(output);
  }
  return donated;
}

function requireHostValue(input: Buffer | HostValue, { type }: Value, what: string): HostValue {
  const size = sizeOf(type.shape);
  const numbers = typeof input === 'number' ? [input] : input;
  const fits = Array.isArray(numbers) && numbers.length === size && numbers.every((x) => typeof x === 'number');
  if (!fits) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${what} is given at each run as ${size === 1 ? 'a number' : `an array of ${size} numbers`}, for ${formatType(type)} (${size * bytesPerElement(type.dtype)} bytes). Received: ${received(input)}.`,
    );
  }
  return numbers as readonly number[];
}
