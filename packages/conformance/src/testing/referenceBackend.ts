/**
 * The smallest complete backend: it interprets graphs with the reference semantics, one op at a time. It is what the suite itself is tested
 * with, and an example to start a backend of your own from. Everything here is the contract; a real engine replaces `compute`.
 */
import {
  DTYPES, WeftError, expandComposites, formatGraph, formatType, hostArray, isHostArray, normalize, received, runOnHost, sameType, sizeOf,
  type Backend, type BackendFactory, type Buffer, type CompileOptions, type Executable, type Explanation, type Graph, type HostValue,
  type MemoryInfo, type Node, type TensorType, type TypedArray, type Value,
} from '@weftjs/graph';

/** What a buffer holds: data, or the error that made them impossible; nothing once it was freed or donated. */
type Contents = { readonly data: TypedArray } | { readonly failure: WeftError };

/** Computes one op on host data. */
export type RunNode = (node: Node, inputs: readonly TypedArray[]) => TypedArray[];

export function referenceBackend({ runNode = runOnHost }: { runNode?: RunNode } = {}): BackendFactory {
  return { name: 'reference', create: () => Promise.resolve(new ReferenceBackend(runNode)) };
}

class ReferenceBackend implements Backend {
  readonly name = 'reference';
  readonly device = { target: 'cpu', description: 'the reference evaluator', dtypes: DTYPES, inputsResident: true, limits: {} };
  readonly composites: ReadonlySet<string> = new Set();
  readonly #live = new Map<Buffer, Contents>();
  #executables = 0;
  #disposed = false;
  #unreported: WeftError | null = null;
  readonly #runNode: RunNode;

  constructor(runNode: RunNode) {
    this.#runNode = runNode;
  }

  compile(graph: Graph, options: CompileOptions = {}): Executable {
    this.#requireAlive('compile');
    checkOptions(graph, options);
    const plan = normalize(expandComposites(graph, this.composites));
    const donated = new Set(options.donate?.map(({ input }) => input));
    const host = new Set(options.host);
    let disposed = false;
    this.#executables += 1;
    return {
      run: (inputs) => {
        this.#requireAlive('run');
        if (disposed) throw new WeftError('WEFT_E_STATE', 'A run needs an executable that was not disposed. Received: a disposed one. Compile the graph again.');
        const contents = this.#checkInputs(graph, inputs, donated, host);
        const results = compute(plan, contents, this.#runNode);
        for (const i of donated) this.#live.delete(inputs[i] as Buffer);
        return results.map((result, i) => this.#hold((graph.outputs[i] as Value).type, result));
      },
      explain: () => explain(graph, plan),
      dispose: () => {
        if (!disposed) this.#executables -= 1;
        disposed = true;
      },
    };
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.#requireAlive('upload');
    if (!isHostArray(data, type.dtype) || data.length !== sizeOf(type.shape)) {
      throw new WeftError('WEFT_E_DATA', `upload of ${formatType(type)} needs ${sizeOf(type.shape)} elements in a ${hostArray(type.dtype, 0).constructor.name}. Received: ${received(data)}.`);
    }
    return this.#hold(type, { data: data.slice() });
  }

  async read(buffer: Buffer): Promise<TypedArray> {
    const contents = this.#contentsOf(buffer);
    if ('failure' in contents) throw this.#report(contents.failure);
    return contents.data.slice();
  }

  free(buffer: Buffer): void {
    this.#live.delete(buffer);
  }

  sync(): Promise<void> {
    return this.#unreported ? Promise.reject(this.#report(this.#unreported)) : Promise.resolve();
  }

  memory(): MemoryInfo {
    let bytes = 0;
    for (const [{ type }] of this.#live) bytes += hostArray(type.dtype, 0).BYTES_PER_ELEMENT * sizeOf(type.shape);
    return { buffers: this.#live.size, bytes, reservedBytes: bytes, executables: this.#executables };
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    this.#live.clear();
    return Promise.resolve();
  }

  #hold(type: TensorType, contents: Contents): Buffer {
    if ('failure' in contents) this.#unreported ??= contents.failure;
    const buffer: Buffer = { type };
    this.#live.set(buffer, contents);
    return buffer;
  }

  #contentsOf(buffer: Buffer): Contents {
    const contents = this.#live.get(buffer);
    if (!contents) throw new WeftError('WEFT_E_STATE', `A buffer of this backend that is alive is needed. Received: ${received(buffer)}. It was freed, donated, or belongs to another backend.`);
    return contents;
  }

  /** Checks everything before anything changes. */
  #checkInputs(graph: Graph, inputs: readonly (Buffer | HostValue)[], donated: ReadonlySet<number>, host: ReadonlySet<number>): Contents[] {
    if (inputs.length !== graph.inputs.length) {
      throw new WeftError('WEFT_E_ARGUMENT', `run needs ${graph.inputs.length} inputs. Received: ${inputs.length}.`);
    }
    const contents = graph.inputs.map(({ type }, i): Contents => {
      const input = inputs[i];
      if (host.has(i)) return { data: hostData(type, input) };
      const held = this.#contentsOf(input as Buffer);
      if (!sameType((input as Buffer).type, type)) {
        throw new WeftError('WEFT_E_SHAPE', `Input ${i} must be ${formatType(type)}. Received: ${formatType((input as Buffer).type)}.`);
      }
      return held;
    });
    for (const i of donated) {
      if (inputs.indexOf(inputs[i] as Buffer) !== inputs.lastIndexOf(inputs[i] as Buffer)) {
        throw new WeftError('WEFT_E_ARGUMENT', `A donated buffer may be given once. Received: the buffer of input ${i} twice.`);
      }
    }
    return contents;
  }

  #requireAlive(what: string): void {
    if (this.#disposed) throw new WeftError('WEFT_E_STATE', `${what} needs a backend that was not disposed. Received: a disposed one.`);
  }

  #report(failure: WeftError): WeftError {
    if (this.#unreported === failure) this.#unreported = null;
    return failure;
  }
}

/** Runs a normalised graph. A failure, or a failed input, becomes the contents of every output. */
function compute(graph: Graph, inputs: readonly Contents[], runNode: RunNode): Contents[] {
  const values = new Map<Value, TypedArray>();
  for (const [i, contents] of inputs.entries()) {
    if ('failure' in contents) return graph.outputs.map(() => contents);
    values.set(graph.inputs[i] as Value, contents.data);
  }
  try {
    for (const node of graph.nodes) {
      const results = runNode(node, node.inputs.map((value) => values.get(value) as TypedArray));
      node.outputs.forEach((output, i) => values.set(output, results[i] as TypedArray));
    }
  } catch (error) {
    const failure = new WeftError('WEFT_E_MEMORY', `The results of a run need memory that is there. Received: ${String(error)}.`, { cause: error });
    return graph.outputs.map(() => ({ failure }));
  }
  return graph.outputs.map((output) => ({ data: values.get(output) as TypedArray }));
}

function checkOptions(graph: Graph, { donate = [], host = [], frozen = [] }: CompileOptions): void {
  for (const { input, output } of donate) {
    const [from, to] = [graph.inputs[input], graph.outputs[output]];
    if (!from || !to || !sameType(from.type, to.type)) {
      throw new WeftError('WEFT_E_OPTION', `donate needs an input and an output of one type. Received: input ${input} and output ${output}.`);
    }
  }
  for (const i of [...host, ...frozen]) {
    if (!graph.inputs[i]) throw new WeftError('WEFT_E_OPTION', `host and frozen need positions of inputs. Received: ${i}.`);
  }
}

/** A host value as the data of a tensor. */
function hostData(type: TensorType, value: Buffer | HostValue | undefined): TypedArray {
  const numbers = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(numbers) || numbers.length !== sizeOf(type.shape)) {
    throw new WeftError('WEFT_E_ARGUMENT', `A host input ${formatType(type)} needs ${sizeOf(type.shape)} numbers. Received: ${received(value)}.`);
  }
  const data = hostArray(type.dtype, numbers.length);
  numbers.forEach((x: number, i) => (data[i] = x));
  return data;
}

function explain(graph: Graph, plan: Graph): Explanation {
  const [before, after] = [formatGraph(graph), formatGraph(plan)];
  return {
    backend: 'reference',
    target: 'cpu',
    graph: before,
    optimized: after,
    kernels: plan.nodes.map((node) => ({ name: node.op, ops: [node.op] })),
    hostLowered: [],
    toString: () => after,
  };
}
