/** Compiling a graph to a module. */
import type { CompileOptions, Executable, Explanation, Graph } from '@weftjs/graph';
import { isFastWhole } from '../fuse/attention.ts';
import { lowerProgram } from '../fuse/lower.ts';
import { accessesOf, partsOf, ungroup, type Program } from '../fuse/program.ts';
import { planMemory } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { disposedExecutableError } from '../buffers.ts';
import { checkDtypes, checkOptions } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import { leavesOfProgram, type LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import type { WasmBackend } from './backend.ts';
import { instantiate } from './instantiate.ts';
import { Listing, type PortableListing } from './listing/listing.ts';
import type { PrintedKernel } from './nest.ts';
import { printKernels, printProgram, roomFor } from './program.ts';
import { makeRunner } from './runner.ts';
import { loadAttention } from './templates/attention/load.ts';
import type { Run } from './threads/pool.ts';
import { workOfSteps } from './threads/work.ts';

/** An executable on WebAssembly. */
export interface WasmExecutable extends Executable {
  /** What the code of the kernels that `explain` names is printed from. */
  listing(): PortableListing;
}

/** So much of the memory panels of frozen inputs may take. */
const PANEL_SHARE = 1 / 8;

const TARGET = { storagesPerKernel: 24, thinProducts: true };

/** Goes on with what was made: at once where it is here. */
const after = <T>(made: T | Promise<T>, next: (made: T) => Executable | Promise<Executable>): Executable | Promise<Executable> =>
  made instanceof Promise ? made.then(next) : next(made);

/** Compiles; at once where the engine allows that, and all code is here that it takes: for frozen inputs and for attention, some is loaded. */
export function compileExecutable(backend: WasmBackend, graph: Graph, options: CompileOptions, count: (change: number) => void): Executable | Promise<Executable> {
  checkOptions(graph, options);
  checkDtypes(graph, backend.device.dtypes, 'WebAssembly');
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites, isFastWhole));
  const fuse = (lower: () => Program): Executable | Promise<Executable> => {
    const program = phases.time('fuse', lower);
    return after(loadAttention(program), () => finishExecutable(backend, { graph, optimized, options, program, phases, count }));
  };
  const frozen = (options.frozen ?? []).filter((input) => !options.host?.includes(input));
  if (frozen.length === 0) return fuse(() => lowerProgram(optimized, TARGET));
  const most = (backend.device.limits.maxMemoryBytes as number) * PANEL_SHARE;
  return import('./prepack.ts').then(({ lowerFrozen }) => fuse(() => lowerFrozen(optimized, TARGET, frozen, most)));
}

interface Fused {
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
  readonly phases: Phases;
  /** Counts executables. */
  readonly count: (change: number) => void;
}

function finishExecutable(backend: WasmBackend, { graph, optimized, options, program, phases, count }: Fused): Executable | Promise<Executable> {
  const { host = [], donate = [] } = options;
  const { pool, worth, allocator, loadProfiler, relaxedSimd } = backend;
  // the parts of a group run one after the other, with nothing between that they would wait for
  const [steps, before] = [ungroup(program.steps), ungroup(program.prologue?.steps ?? [])];
  const work = workOfSteps(steps);
  const division = pool && work >= worth.leastRun && pool.threads > 1 ? { threads: pool.threads, leastShare: worth.leastShare } : null;
  const printed = phases.time('print', () => printKernels([...steps, ...before], relaxedSimd));
  const plan = phases.time('plan', () => planMemory(program, donate, undefined, roomFor(printed, division)));
  const prologue = before.length === 0 ? null : { steps: before, plan: planMemory({ ...program, steps: before }, [], undefined, roomFor(printed, null)) };
  const scratchBytes = Math.max(plan.scratchBytes, prologue?.plan.scratchBytes ?? 0);
  const { bytes, layout } = phases.time('print', () => printProgram({ ...program, steps }, plan, prologue, printed, { host, sharedPages: pool ? allocator.maxPages : null, division }));

  // of what was printed the executable keeps this, and no code
  const { kernels, module: { names } } = printed;
  let listing: Listing | null = null;
  /** The functions of a step, one for each part; null for a copy. */
  const functionsOf = (step: LeafStep): number[] | null => (step.kind === 'run' ? partsOf(step).map(({ kernel }) => (kernels.get(kernel) as PrintedKernel).index) : null);
  const codeOf = (step: LeafStep): (() => string) | undefined => {
    const functions = functionsOf(step);
    return functions ? () => (listing ??= new Listing(bytes, names)).textOf(functions) : undefined;
  };
  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation =>
    explainProgram({ target: 'wasm', graph, optimized, program, plan, scratchBytes, compileMs: phases.ms, codeOf, times });

  return after(phases.time('instantiate', () => instantiate(bytes, { env: { memory: allocator.memory } })), ({ module, instance }): WasmExecutable => {
    backend.requireLive();
    const { run: alone, prepare } = instance.exports as { run: Run; prepare: Run };
    const shared = division ? pool?.share(module, alone, work / 1e6) : undefined;
    const block = allocator.allocate(layout.bytes, () => 'The table of an executable');
    // what nothing writes, between what the prologue makes, must be no number that is slow to compute with
    backend.words('uint32', block.address, layout.bytes / 4).fill(0);
    for (const { offset, type, data } of layout.constants) backend.words(type, block.address + offset, data.length).set(data);
    const runner = makeRunner(backend, {
      graph, options, plan, layout, scratchBytes, block,
      run: shared ? (table, scratch) => pool?.run(shared, table, scratch) : (table, scratch) => alone(table, scratch, 0, 1),
      prepare: prologue && { run: prepare, inputs: inputsOf(program) },
    });
    let isDisposed = false;
    count(1);
    return {
      run: (inputs) => {
        if (isDisposed) throw disposedExecutableError();
        return runner(inputs);
      },
      explain: () => explain(),
      profile: loadProfiler && (async () => explain(await (await loadProfiler())(program, plan, relaxedSimd))),
      listing: () => ({ bytes, names, functions: leavesOfProgram(program).map(({ step }) => functionsOf(step)) }),
      dispose: () => {
        if (isDisposed) return;
        isDisposed = true;
        allocator.free(block);
        if (shared) pool?.drop(shared);
        count(-1);
      },
    };
  });
}

/** The inputs that the prologue reads. */
function inputsOf({ inputs, prologue }: Program): number[] {
  const read = new Set(prologue?.steps.flatMap((step) => [...accessesOf(step).read]));
  return inputs.flatMap((storage, i) => (read.has(storage) ? [i] : []));
}
