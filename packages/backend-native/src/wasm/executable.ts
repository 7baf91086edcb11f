/** Compiling a graph to a module. */
import type { CompileOptions, Executable, Explanation, Graph } from '@weftjs/graph';
import { lowerProgram } from '../fuse/lower.ts';
import { ungroup, type Program } from '../fuse/program.ts';
import { planMemory, type Plan } from '../plan/plan.ts';
import { simplifyGraph } from '../simplify/simplify.ts';
import { disposedExecutableError } from '../buffers.ts';
import { checkDtypes, checkOptions } from '../checks.ts';
import { explainProgram } from '../explain.ts';
import { leavesOf, type LeafStep } from '../explain/kernels.ts';
import { Phases } from '../explain/phases.ts';
import type { WasmBackend } from './backend.ts';
import type { PortableListing } from './listing/listing.ts';
import { instantiate, type Instantiated } from './instantiate.ts';
import { printKernels, printProgram, roomFor, type PrintedProgram } from './program.ts';
import { Runner } from './runner.ts';
import type { Run } from './threads/pool.ts';
import { workOf } from './threads/work.ts';

/** An executable on WebAssembly. */
export interface WasmExecutable extends Executable {
  profile(): Promise<Explanation>;
  /** What the code of the kernels that `explain` names is printed from. */
  listing(): PortableListing;
}

/** Compiles; at once where the engine allows that. */
export function compileExecutable(backend: WasmBackend, graph: Graph, options: CompileOptions, onDispose: () => void): Executable | Promise<Executable> {
  checkOptions(graph, options);
  checkDtypes(graph, backend.device.dtypes, 'WebAssembly');
  const phases = new Phases();
  const optimized = phases.time('simplify', () => simplifyGraph(graph, backend.composites));
  const program = phases.time('fuse', () => lowerProgram(optimized, { storagesPerKernel: 24, hasEpilogues: true, thinProducts: true }));
  const { pool, worth, allocator } = backend;
  const work = program.steps.reduce((sum, step) => sum + workOf(step), 0);
  const division = pool && work >= worth.leastRun && pool.threads > 1 ? { threads: pool.threads, leastShare: worth.leastShare } : null;
  // the parts of a group run one after the other, with nothing between that they would wait for
  const steps = ungroup(program.steps);
  const kernels = phases.time('print', () => printKernels(steps));
  const plan = phases.time('plan', () => planMemory(program, options.donate ?? [], undefined, roomFor(kernels, division)));
  const printed = phases.time('print', () => printProgram({ ...program, steps }, kernels, plan, { host: options.host ?? [], sharedPages: pool ? allocator.maxPages : null, division }));
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

interface Compiled {
  readonly graph: Graph;
  readonly optimized: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
  readonly plan: Plan;
  readonly printed: PrintedProgram;
  readonly phases: Phases;
  readonly run: (table: number, scratch: number) => void;
  readonly onDispose: () => void;
}

function makeExecutable(backend: WasmBackend, { graph, optimized, options, program, plan, printed, phases, run, onDispose }: Compiled): WasmExecutable {
  const { layout } = printed;
  const { scratchBytes } = plan;
  const block = backend.allocator.allocate(layout.bytes, () => 'The table of an executable');
  for (const { offset, type, data } of layout.constants) {
    backend.words(type === 'bool' ? 'int32' : type, block.address + offset, data.length).set(data);
  }
  const runner = new Runner(backend, { graph, options, plan, layout, scratchBytes, block, run });
  let isDisposed = false;

  const explain = (times?: ReadonlyMap<LeafStep, number>): Explanation =>
    explainProgram({ target: 'wasm', graph, optimized, program, plan, scratchBytes, compileMs: phases.ms, codeOf: (step) => printed.listing.codeOf(step), times });

  return {
    run: (inputs) => {
      if (isDisposed) throw disposedExecutableError();
      return runner.run(inputs);
    },
    explain: () => explain(),
    profile: async () => explain(await (await import('./profile.ts')).profileProgram(program, plan)),
    listing: () => printed.listing.portable(leavesOf(program.steps).map(({ step }) => step)),
    dispose: () => {
      if (isDisposed) return;
      isDisposed = true;
      backend.allocator.free(block);
      onDispose();
    },
  };
}
