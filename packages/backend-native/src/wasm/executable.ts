/** Compiling a graph to a module, and running it. */
import {
  WeftError, formatGraph, formatType, isWeftError, received, sameType, sizeOf,
  type Buffer, type CompileOptions, type Executable, type Explanation, type Graph, type HostValue, type TensorType, type Value,
} from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import type { Program } from '../fuse/program.ts';
import { planMemory, type Plan } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { explainProgram } from '../explain.ts';
import type { Block } from './allocator.ts';
import type { WasmBackend, WasmBuffer } from './backend.ts';
import { instantiate } from './instantiate.ts';
import { printProgram, type PrintedProgram } from './program.ts';

type Run = (block: number, scratch: number) => void;

/** Checks the options against the graph. */
function checkOptions(graph: Graph, { donate = [], host = [], frozen = [] }: CompileOptions): void {
  const { inputs, outputs } = graph;
  const isInput = (index: number): boolean => Number.isInteger(index) && index >= 0 && index < inputs.length;
  const fail = (requirement: string, given: unknown): never => {
    throw new WeftError('WEFT_E_ARGUMENT', `compile needs ${requirement}. Received: ${received(given)}. Correct the compile options.`);
  };
  for (const index of [...host, ...frozen]) if (!isInput(index)) fail(`indices of inputs, below ${inputs.length}, in host and frozen`, index);
  const seen = new Set<string>();
  for (const { input, output } of donate) {
    const [from, to] = [inputs[input], outputs[output]];
    if (!from || !to || host.includes(input) || frozen.includes(input)) fail('donations from a buffer input to an output', { input, output });
    else if (!sameType(from.type, to.type)) fail('donations between equal types', `${formatType(from.type)} and ${formatType(to.type)}`);
    for (const key of [`i${input}`, `o${output}`]) if (seen.has(key)) fail('each input and output in at most one donation', { input, output });
    else seen.add(key);
  }
}

/** Compiles; at once where the engine allows that. */
export function compileExecutable(backend: WasmBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Executable | Promise<Executable> {
  checkOptions(graph, options);
  for (const { type } of [...graph.inputs, ...graph.outputs, ...graph.nodes.flatMap((node) => node.outputs)]) {
    if (type.dtype === 'float16') {
      throw new WeftError('WEFT_E_UNSUPPORTED', 'The native engine on WebAssembly computes with float32, int32, uint32, bool. Received: a graph with float16. Cast it to float32.');
    }
  }
  const optimized = simplifyGraph(graph, backend.composites);
  const program = lowerProgram(optimized, { storagesPerKernel: 24 });
  const plan = planMemory(program, options.donate ?? []);
  const printed = printProgram(program, plan, options.host ?? []);
  const finish = (instance: WebAssembly.Instance): Executable => {
    backend.requireLive();
    return makeExecutable(backend, { graph, optimized, options, program, plan, printed, run: instance.exports.run as Run, onDispose });
  };
  const instance = instantiate(printed.bytes, { env: { memory: backend.allocator.memory } });
  return instance instanceof Promise ? instance.then(finish) : finish(instance);
}

interface Compiled {
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
  readonly plan: Plan;
  readonly printed: PrintedProgram;
  readonly run: Run;
  readonly onDispose: () => void;
}

function makeExecutable(backend: WasmBackend, { graph, optimized, options, program, plan, printed, run, onDispose }: Compiled): Executable {
  const { layout, scratchBytes } = printed;
  const { donate = [], host = [] } = options;
  const block = backend.allocator.allocate(layout.bytes, 'The table of an executable');
  for (const { offset, type, data } of layout.constants) {
    backend.words(type === 'bool' ? 'int32' : type, block.address + offset, data.length).set(data);
  }
  const donors = new Set(donate.map(({ input }) => input));
  let isDisposed = false;

  function requireInputs(inputs: readonly (Buffer | HostValue)[]): void {
    if (isDisposed) throw new WeftError('WEFT_E_STATE', 'run needs a live executable. Received: one that was disposed. Compile the graph again.');
    backend.requireLive();
    if (!Array.isArray(inputs) || inputs.length !== graph.inputs.length) {
      throw new WeftError('WEFT_E_ARGUMENT', `run needs ${graph.inputs.length} inputs. Received: ${Array.isArray(inputs) ? inputs.length : received(inputs)}. Give one for each input of the graph.`);
    }
    const uses = new Map<unknown, number>();
    inputs.forEach((input, i) => {
      const { type } = graph.inputs[i] as Value;
      if (host.includes(i)) return requireHost(input, type, i);
      const buffer = backend.requireBuffer(input, `run, input ${i},`);
      if (!sameType(buffer.type, type)) {
        throw new WeftError('WEFT_E_ARGUMENT', `run needs ${formatType(type)} as input ${i}. Received: ${formatType(buffer.type)}. Compile a graph for this type.`);
      }
      uses.set(buffer, (uses.get(buffer) ?? 0) + 1);
    });
    for (const donor of donors) {
      if ((uses.get(inputs[donor]) ?? 0) > 1) {
        throw new WeftError('WEFT_E_ARGUMENT', `run needs a donated buffer as one input only. Received: the buffer of input ${donor} for another input too. Copy it first.`);
      }
    }
  }

  /** Gives an output its memory: that of its donor, or a block of its own. */
  function makeOutputs(inputs: readonly (Buffer | HostValue)[]): { address: number; type: TensorType; block: Block | null; donor: WasmBuffer | null }[] {
    const made: { address: number; type: TensorType; block: Block | null; donor: WasmBuffer | null }[] = [];
    try {
      for (const [i, { type }] of graph.outputs.entries()) {
        const from = plan.donated.get(i);
        const donor = from === undefined ? null : (inputs[from] as WasmBuffer);
        const own = donor ? null : backend.allocator.allocate(sizeOf(type.shape) * 4, `The output ${formatType(type)} of a graph`);
        made.push({ address: (donor?.block ?? (own as Block)).address, type, block: own, donor });
      }
      return made;
    } catch (error) {
      for (const { block: own } of made) if (own) backend.allocator.free(own);
      throw error;
    }
  }

  /** The outputs of a run that cannot be done: every one carries the failure, and donated inputs are gone. */
  function fail(inputs: readonly (Buffer | HostValue)[], failure: WeftError): Buffer[] {
    releaseDonors(inputs, new Set());
    return graph.outputs.map(({ type }) => backend.poisoned(type, failure));
  }

  function releaseDonors(inputs: readonly (Buffer | HostValue)[], kept: ReadonlySet<unknown>): void {
    for (const donor of donors) {
      const freed = backend.release(inputs[donor] as WasmBuffer, 'donated');
      if (freed && !kept.has(inputs[donor])) backend.allocator.free(freed);
    }
  }

  return {
    run: (inputs) => {
      requireInputs(inputs);
      const poison = inputs.find((input): input is WasmBuffer => typeof input === 'object' && 'failure' in input && (input as WasmBuffer).failure !== null);
      if (poison) return fail(inputs, poison.failure as WeftError);
      let outputs: ReturnType<typeof makeOutputs>;
      let scratch: number;
      try {
        scratch = backend.scratch(scratchBytes);
        outputs = makeOutputs(inputs);
      } catch (error) {
        if (isWeftError(error, 'WEFT_E_MEMORY')) return fail(inputs, error);
        throw error;
      }
      const table = backend.words('uint32', block.address, inputs.length + outputs.length);
      inputs.forEach((input, i) => {
        if (!host.includes(i)) table[i] = ((input as WasmBuffer).block as Block).address;
      });
      outputs.forEach(({ address }, i) => (table[inputs.length + i] = address));
      for (const [i, offset] of layout.hosts) {
        const { type } = graph.inputs[i] as Value;
        const value = inputs[i] as HostValue;
        const words = backend.words(type.dtype === 'bool' ? 'int32' : type.dtype, block.address + offset, sizeOf(type.shape));
        if (typeof value === 'number') words[0] = value;
        else words.set(value);
      }
      run(block.address, scratch);
      releaseDonors(inputs, new Set(outputs.map(({ donor }) => donor)));
      return outputs.map(({ type, block: own, address }) => backend.adopt(type, own ?? { address, bytes: blockBytes(type) }));
    },
    explain: (): Explanation => explainProgram({ target: 'wasm', graph: formatGraph(graph), optimized: formatGraph(optimized), program, scratchBytes }),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      backend.allocator.free(block);
      onDispose();
    },
  };
}

const blockBytes = (type: TensorType): number => Math.max(16, Math.ceil((sizeOf(type.shape) * 4) / 16) * 16);

function requireHost(value: unknown, type: TensorType, input: number): void {
  const size = sizeOf(type.shape);
  const fits = typeof value === 'number' ? size === 1 : Array.isArray(value) && value.length === size && value.every((x) => typeof x === 'number');
  if (!fits) {
    throw new WeftError('WEFT_E_ARGUMENT', `run needs ${size === 1 ? 'a number' : `${size} numbers`} as host input ${input}, ${formatType(type)}. Received: ${received(value)}. Give plain numbers.`);
  }
}
