/** Compiling a graph to a module, and running it. */
import {
  WeftError, formatType, isWeftError, sizeOf,
  type Buffer, type CompileOptions, type Executable, type Explanation, type Graph, type HostValue, type TensorType, type Value,
} from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import { ungroup, type Program } from '../fuse/program.ts';
import { planMemory, type Plan } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { checkDtypes, checkInputs, checkOptions } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import type { LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import type { Block } from './allocator.ts';
import type { WasmBackend, WasmBuffer } from './backend.ts';
import { instantiate, type Instantiated } from './instantiate.ts';
import { profileProgram } from './profile.ts';
import { printProgram, type PrintedProgram } from './program.ts';
import type { Run } from './threads/pool.ts';
import { workOf } from './threads/work.ts';

/** Compiles; at once where the engine allows that. */
export function compileExecutable(backend: WasmBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Executable | Promise<Executable> {
  checkOptions(graph, options);
  checkDtypes(graph, 'WebAssembly');
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites));
  const program = phases.time('fuse', () => lowerProgram(optimized, { storagesPerKernel: 24, hasEpilogues: true }));
  const plan = phases.time('plan', () => planMemory(program, options.donate ?? []));
  const { pool, worth, allocator } = backend;
  const work = program.steps.reduce((sum, step) => sum + workOf(step), 0);
  const division = pool && work >= worth.leastRun && pool.threads > 1 ? { threads: pool.threads, leastShare: worth.leastShare } : null;
  // the parts of a group run one after the other, with nothing between that they would wait for
  const printed = phases.time('print', () => printProgram({ ...program, steps: ungroup(program.steps) }, plan, { host: options.host ?? [], sharedPages: pool ? allocator.maxPages : null, division }));
  const finish = ({ module, instance }: Instantiated): Executable => {
    backend.requireLive();
    const alone = instance.exports.run as Run;
    const shared = division ? pool?.share(module, alone, work / 1e6) : undefined;
    const run = shared ? (table: number, scratch: number): void => pool?.run(shared, table, scratch) : (table: number, scratch: number): void => alone(table, scratch, 0, 1);
    const end = (): void => {
      if (shared) pool?.drop(shared);
      onDispose();
    };
    return makeExecutable(backend, { graph, optimized, options, program, plan, printed, phases, run, onDispose: end });
  };
  const made = phases.time('instantiate', () => instantiate(printed.bytes, { env: { memory: allocator.memory } }));
  return made instanceof Promise ? made.then(finish) : finish(made);
}

/** Where a run writes an output: a block of its own, or that of its donor. */
interface OutputPlace {
  readonly address: number;
  readonly type: TensorType;
  readonly block: Block | null;
  readonly donor: WasmBuffer | null;
}

interface Compiled {
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
  readonly plan: Plan;
  readonly printed: PrintedProgram;
  readonly phases: Phases;
  readonly run: (block: number, scratch: number) => void;
  readonly onDispose: () => void;
}

function makeExecutable(backend: WasmBackend, { graph, optimized, options, program, plan, printed, phases, run, onDispose }: Compiled): Executable {
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
    checkInputs(graph, options, inputs, (buffer, where) => backend.requireBuffer(buffer, where));
  }

  /** Gives an output its memory: that of its donor, or a block of its own. */
  function makeOutputs(inputs: readonly (Buffer | HostValue)[]): OutputPlace[] {
    const made: OutputPlace[] = [];
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

  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation =>
    explainProgram({ target: 'wasm', graph, optimized, program, plan, scratchBytes, compileMs: phases.ms, codeOf: (step) => printed.listing.codeOf(step), times });

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
      try {
        run(block.address, scratch);
      } catch (error) {
        for (const { block: own } of outputs) if (own) backend.allocator.free(own);
        return fail(inputs, new WeftError('WEFT_E_BACKEND', `A run on WebAssembly needs kernels that end well. Received: ${String(error)}. Please report this with the code that led here.`, { cause: error }));
      }
      releaseDonors(inputs, new Set(outputs.map(({ donor }) => donor)));
      return outputs.map(({ type, block: own, address }) => backend.adopt(type, own ?? { address, bytes: blockBytes(type) }));
    },
    explain: () => explain(),
    profile: async () => explain(await profileProgram(program, plan)),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      backend.allocator.free(block);
      onDispose();
    },
  };
}

const blockBytes = (type: TensorType): number => Math.max(16, Math.ceil((sizeOf(type.shape) * 4) / 16) * 16);
