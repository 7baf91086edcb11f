/**
 * A program as one WebAssembly module: every kernel a function, and one `run(block, scratch, thread, threads)` that calls them in order, control
 * flow included; `prepare` is the same for the prologue, by one thread. `block` is the executable's own memory: a table of the addresses of inputs and
 * outputs, then host values, then constants, then what the prologue makes;
 * `scratch` is the region of intermediates that all executables of a backend share, and behind it lies, for each thread, what kernels need for themselves.
 */
import { leavesOf } from '../explain/kernels.ts';
import { bytesOf, type Storage } from '../kernel/expression.ts';
import type { TemplateKernel } from '../kernel/template.ts';
import { baseOf, isSlice, type Kernel, type Loop, type Program, type RunStep, type Step } from '../fuse/program.ts';
import { align, type Plan, type RoomOf } from '../plan/plan.ts';
import { get, i32, load, op, set, type Code, type Local } from './code.ts';
import { makeLibrary } from './library.ts';
import { FunctionWriter, ModuleWriter } from './module.ts';
import { printNest, type PrintedKernel } from './nest.ts';
import { remember } from './remember.ts';
import { printSteps, type Division } from './steps.ts';
import { makeTemplates } from './templates/templates.ts';
import type { Region } from './threads/order.ts';

/** Where things lie in the executable's own block. */
export interface BlockLayout {
  /** Byte offsets of host inputs, by input index. */
  readonly hosts: ReadonlyMap<number, number>;
  readonly constants: readonly { readonly offset: number; readonly type: Storage['type']; readonly data: readonly number[] }[];
  readonly bytes: number;
}

export interface PrintedProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly layout: BlockLayout;
}

export interface ProgramOptions {
  /** Inputs that are given as numbers at each run. */
  readonly host: readonly number[];
  /** The most pages of the memory where it is shared. */
  readonly sharedPages: number | null;
  readonly division: Division | null;
}

const [BLOCK, SCRATCH, THREAD, THREADS] = [0, 1, 2, 3];
/** Threads' scratch lies in different lines of the cache. */
const LINE = 64;

/** A module with the kernels of a program in it. */
export interface PrintedKernels {
  readonly module: ModuleWriter;
  readonly kernels: ReadonlyMap<Kernel, PrintedKernel>;
}

/** Prints all kernels before the memory is planned: then it is known how much scratch each needs. */
export function printKernels(steps: readonly Step[], isRelaxed: boolean): PrintedKernels {
  const module = new ModuleWriter(isRelaxed);
  const library = makeLibrary(module);
  const templates = makeTemplates(module);
  const kernels = new Map<Kernel, PrintedKernel>();
  for (const { step } of leavesOf(steps)) {
    if (step.kind === 'copy') continue;
    const { kernel } = step;
    remember(kernels, kernel, () => (kernel.kind === 'nest' ? printNest(module, library, kernel) : templates.print(kernel as TemplateKernel)));
  }
  return { module, kernels };
}

/** The scratch that a thread needs for a kernel. */
const scratchOf = ({ kernels }: PrintedKernels, kernel: Kernel): number => Math.ceil((kernels.get(kernel)?.scratchBytes ?? 0) / LINE) * LINE;

/** The scratch that all threads need for a kernel. */
export const roomFor = (printed: PrintedKernels, division: Division | null): RoomOf => (kernel) => scratchOf(printed, kernel) * (division?.threads ?? 1);

/** Steps, and the plan of the memory that they work in. */
interface Part {
  readonly steps: readonly Step[];
  readonly plan: Plan;
}

/** @param prologue with a plan of its own, where there is one */
export function printProgram(program: Program, plan: Plan, prologue: Part | null, printed: PrintedKernels, { host, sharedPages, division }: ProgramOptions): PrintedProgram {
  // the block: one word for each input and output, then host values, constants, and what the prologue makes
  let end = align(4 * (program.inputs.length + program.outputs.length));
  const placed = new Map<Storage, number>();
  const put = (storage: Storage): number => {
    const offset = end;
    placed.set(storage, offset);
    end += align(storage.size * 4);
    return offset;
  };
  const hosts = new Map(host.map((input) => [input, put(program.inputs[input] as Storage)]));
  const constants = program.constants.map(({ storage, data }) => ({ offset: put(storage), type: storage.type, data }));
  program.prologue?.results.forEach(put);

  const print = (part: Part, among: Division | null): number => printPart(program, part, placed, printed, among);
  const run = print({ steps: program.steps, plan }, division);
  const bytes = printed.module.finish({ run, ...(prologue && { prepare: print(prologue, null) }) }, sharedPages);
  return { bytes, layout: { hosts, constants, bytes: Math.max(16, end) } };
}

/** A function that does some steps; `placed` says what lies in the block. */
function printPart(program: Program, { steps, plan }: Part, placed: ReadonlyMap<Storage, number>, printed: PrintedKernels, division: Division | null): number {
  const { module, kernels } = printed;
  const writer = new FunctionWriter(['i32', 'i32', 'i32', 'i32']);
  const counters = new Map<Loop, Local>();
  const start: Code[] = [];
  const places = new Map<Storage, Code>();
  for (const [base, offsets] of [[BLOCK, placed], [SCRATCH, plan.offsets]] as const) {
    for (const [storage, offset] of offsets) places.set(storage, op('i32.add', get(base), i32(offset)));
  }
  [...program.inputs, ...program.outputs].forEach((storage, i) => {
    if (placed.has(storage)) return;
    const local = writer.local('i32');
    places.set(storage, get(local));
    start.push(set(local, load('i32', get(BLOCK), 4 * i)));
  });

  const addressOf = (storage: Storage): Code => {
    if (!isSlice(storage)) return places.get(storage) as Code;
    const turn = get(counters.get(storage.slice.loop) as Local);
    return op('i32.add', addressOf(storage.slice.of), op('i32.mul', turn, i32(storage.size * 4)));
  };
  const donors = new Map([...plan.donated].map(([output, input]) => [program.outputs[output], program.inputs[input]]));
  const regionOf = (storage: Storage): Region => {
    const base = baseOf(storage);
    const offset = plan.offsets.get(base);
    return offset === undefined ? { space: donors.get(base) ?? base, from: 0, to: 1 } : { space: plan, from: offset, to: offset + align(bytesOf(base)) };
  };

  const roomOf = (kernel: Kernel): number => plan.rooms.get(kernel) ?? 0;
  const ownScratch = ({ kernel }: RunStep): Code =>
    op('i32.add', op('i32.add', get(SCRATCH), i32(roomOf(kernel))), op('i32.mul', get(THREAD), i32(scratchOf(printed, kernel))));
  const ownRegion = ({ kernel }: RunStep): Region[] => {
    const bytes = roomFor(printed, division)(kernel);
    return bytes > 0 ? [{ space: plan, from: roomOf(kernel), to: roomOf(kernel) + bytes }] : [];
  };
  const kernelOf = ({ kernel }: RunStep): PrintedKernel => kernels.get(kernel) as PrintedKernel;
  const bindLoop = (loop: Loop, counter: Local): void => void counters.set(loop, counter);
  const body = printSteps({ module, writer, thread: THREAD, threads: THREADS, division, kernelOf, addressOf, ownScratch, ownRegion, regionOf, bindLoop }, steps);
  return module.add(writer, [start, body]);
}
