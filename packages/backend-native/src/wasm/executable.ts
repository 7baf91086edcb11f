/** Compiling a graph to a module. */
import type { CompileOptions, Executable, Explanation, Graph } from '@weftjs/graph';
import { isFastWhole } from '../fuse/attention.ts';
import { lowerProgram } from '../fuse/lower.ts';
import { accessesOf, ungroup, type Program } from '../fuse/program.ts';
import { planMemory, type Plan } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { disposedExecutableError } from '../buffers.ts';
import { checkDtypes, checkOptions } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import { leavesOfProgram, type LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import type { WasmBackend } from './backend.ts';
import type { PortableListing } from './listing/listing.ts';
import { instantiate, type Instantiated } from './instantiate.ts';
import { printKernels, printProgram, roomFor, type PrintedProgram } from './program.ts';
import { loadAttention } from './templates/attention/load.ts';
import { Runner, type Runnable } from './runner.ts';
import type { Run } from './threads/pool.ts';
import { workOf } from './threads/work.ts';

/** An executable on WebAssembly. */
export interface WasmExecutable extends Executable {
  /** What the code of the kernels that `explain` names is printed from. */
  listing(): PortableListing;
}

/** So much of the memory panels of frozen inputs may take. */
const PANEL_SHARE = 1 / 8;

const TARGET = { storagesPerKernel: 24, hasEpilogues: true, thinProducts: true };

/** Compiles; at once where the engine allows that, and all code is here that it takes: for frozen inputs and for attention, some is loaded. */
export function compileExecutable(backend: WasmBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Executable | Promise<Executable> {
  checkOptions(graph, options);
  checkDtypes(graph, backend.device.dtypes, 'WebAssembly');
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites, isFastWhole));
  const fuse = (lower: () => Program): Executable | Promise<Executable> => {
    const program = phases.time('fuse', lower);
    const finish = (): Executable | Promise<Executable> => finishExecutable(backend, { graph, optimized, options, program, phases, onDispose });
    const loading = loadAttention(program);
    return loading ? loading.then(finish) : finish();
  };
  const frozen = (options.frozen ?? []).filter((input) => !options.host?.includes(input));
  if (frozen.length === 0) return fuse(() => lowerProgram(optimized, TARGET));
  const most = (backend.device.limits.maxMemoryBytes as number) * PANEL_SHARE;
  return import('./prepack.ts').then(({ lowerFrozen }) => fuse(() => lowerFrozen(optimized, TARGET, frozen, most)));
}

type Fused = Pick<Compiled, 'graph' | 'optimized' | 'options' | 'program' | 'phases' | 'onDispose'>;

function finishExecutable(backend: WasmBackend, fused: Fused): Executable | Promise<Executable> {
  const { program, options: { host = [], donate = [] }, phases, onDispose } = fused;
  const { pool, worth, allocator } = backend;
  const work = program.steps.reduce((sum, step) => sum + workOf(step), 0);
  const division = pool && work >= worth.leastRun && pool.threads > 1 ? { threads: pool.threads, leastShare: worth.leastShare } : null;
  // the parts of a group run one after the other, with nothing between that they would wait for
  const [steps, before] = [ungroup(program.steps), ungroup(program.prologue?.steps ?? [])];
  const kernels = phases.time('print', () => printKernels([...steps, ...before], backend.relaxedSimd));
  const plan = phases.time('plan', () => planMemory(program, donate, undefined, roomFor(kernels, division)));
  const prologue = before.length === 0 ? null : { steps: before, plan: planMemory({ ...program, steps: before }, [], undefined, roomFor(kernels, null)) };
  const scratchBytes = Math.max(plan.scratchBytes, prologue?.plan.scratchBytes ?? 0);
  const printed = phases.time('print', () => printProgram({ ...program, steps }, plan, prologue, kernels, { host, sharedPages: pool ? allocator.maxPages : null, division }));
  const finish = ({ module, instance }: Instantiated): Executable => {
    backend.requireLive();
    const alone = instance.exports.run as Run;
    const shared = division ? pool?.share(module, alone, work / 1e6) : undefined;
    const run = shared ? (table: number, scratch: number): void => pool?.run(shared, table, scratch) : (table: number, scratch: number): void => alone(table, scratch, 0, 1);
    const end = (): void => {
      if (shared) pool?.drop(shared);
      onDispose();
    };
    const prepare = prologue ? { run: instance.exports.prepare as Run, inputs: inputsOf(program) } : null;
    return makeExecutable(backend, { ...fused, plan, scratchBytes, printed, run, prepare, onDispose: end });
  };
  const made = phases.time('instantiate', () => instantiate(printed.bytes, { env: { memory: allocator.memory } }));
  return made instanceof Promise ? made.then(finish) : finish(made);
}

/** The inputs that the prologue reads. */
function inputsOf({ inputs, prologue }: Program): number[] {
  const read = new Set(prologue?.steps.flatMap((step) => [...accessesOf(step).read]));
  return inputs.flatMap((storage, i) => (read.has(storage) ? [i] : []));
}

interface Compiled {
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
  readonly plan: Plan;
  readonly scratchBytes: number;
  readonly printed: PrintedProgram;
  readonly phases: Phases;
  readonly run: (table: number, scratch: number) => void;
  readonly prepare: Runnable['prepare'];
  readonly onDispose: () => void;
}

function makeExecutable(backend: WasmBackend, { graph, optimized, options, program, plan, scratchBytes, printed, phases, run, prepare, onDispose }: Compiled): WasmExecutable {
  const { layout } = printed;
  const block = backend.allocator.allocate(layout.bytes, () => 'The table of an executable');
  for (const { offset, type, data } of layout.constants) {
    backend.words(type === 'bool' ? 'int32' : type, block.address + offset, data.length).set(data);
  }
  // what nothing writes must be no number that is slow to compute with
  backend.words('uint32', block.address + layout.prepared.offset, layout.prepared.words).fill(0);
  const runner = new Runner(backend, { graph, options, plan, layout, scratchBytes, block, run, prepare });
  const { loadProfiler } = backend;
  let isDisposed = false;

  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation =>
    explainProgram({ target: 'wasm', graph, optimized, program, plan, scratchBytes, compileMs: phases.ms, codeOf: (step) => printed.listing.codeOf(step), times });

  return {
    run: (inputs) => {
      if (isDisposed) throw disposedExecutableError();
      return runner.run(inputs);
    },
    explain: () => explain(),
    profile: loadProfiler && (async () => explain(await (await loadProfiler())(program, plan, backend.relaxedSimd))),
    listing: () => printed.listing.portable(leavesOfProgram(program).map(({ step }) => step)),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      backend.allocator.free(block);
      onDispose();
    },
  };
}
