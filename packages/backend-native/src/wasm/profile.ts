/**
 * How long each kernel of a program takes, on one thread. The kernels are printed once more, into a module that exports
 * each of them, on a memory of their own; inputs are made up. All kernels run in their order, so that each finds in the
 * caches what it finds in a run; this is repeated, and the median of a kernel's times is its time. Bodies of loops run
 * once a round, on the first slice.
 */
import { WeftError } from '@weftjs/graph';
import type { LeafStep } from '../explain/kernels.ts';
import { leavesOf } from '../explain/kernels.ts';
import { baseOf, partsOf, ungroup, type Program } from '../fuse/program.ts';
import type { Storage } from '../kernel/expression.ts';
import { align, type Plan } from '../plan/plan.ts';
import { viewOf } from './buffer.ts';
import { copyMemory, get } from './code.ts';
import { instantiate } from './instantiate.ts';
import { FunctionWriter } from './module.ts';
import type { PrintedKernel } from './nest.ts';
import { printKernels } from './program.ts';

/** Rounds at least and at most, and milliseconds after which no round begins. */
const [LEAST_ROUNDS, MOST_ROUNDS, ENOUGH_MS] = [7, 200, 1000];
/** Rounds that are not counted: the engine optimises code that it has seen at work. */
const WARM_ROUNDS = 3;
/** A kernel runs so often between two looks at the clock that it takes so many of its ticks. */
const TICKS = 20;
const PAGE = 65536;

type Call = () => void;

/** Median milliseconds of each kernel. */
export async function profileProgram(program: Program, plan: Plan, isRelaxed: boolean): Promise<Map<LeafStep, number>> {
  const { calls, fill } = await prepare(program, plan, isRelaxed);
  fill();
  const tick = tickOf();
  const repeats = calls.map(({ call }) => {
    call();
    const ms = timeOf(call, 1);
    return Math.min(1000, Math.max(1, Math.ceil((TICKS * tick) / Math.max(ms, tick))));
  });
  const times = calls.map((): number[] => []);
  const end = performance.now() + ENOUGH_MS;
  for (let round = -WARM_ROUNDS; round < MOST_ROUNDS && (round < LEAST_ROUNDS || performance.now() < end); round++) {
    calls.forEach(({ call }, i) => {
      const ms = timeOf(call, repeats[i] as number);
      if (round >= 0) (times[i] as number[]).push(ms);
    });
  }
  return new Map(calls.map(({ step }, i) => [step, median(times[i] as number[])]));
}

function timeOf(call: Call, repeats: number): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) call();
  return (performance.now() - start) / repeats;
}

/** What the clock counts in: browsers make it coarse. */
function tickOf(): number {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    least = Math.min(least, now - start);
  }
  return least;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2;
}

/** The kernels as calls without arguments, and what fills the memory. */
async function prepare(program: Program, plan: Plan, isRelaxed: boolean): Promise<{ calls: { step: LeafStep; call: Call }[]; fill: Call }> {
  const { module, kernels } = printKernels(ungroup(program.steps), isRelaxed);
  const copy = module.add(new FunctionWriter(['i32', 'i32', 'i32']), copyMemory(get(0), get(1), get(2)));
  const exports = Object.fromEntries([copy, ...[...kernels.values()].map(({ index }) => index)].map((index) => [index, index]));
  const steps = [...new Set(leavesOf(program.steps).map(({ step }) => step))];

  // intermediates as they are planned, then inputs, outputs and constants one after the other, then what kernels need
  // for themselves
  let end = align(plan.scratchBytes);
  const addresses = new Map<Storage, number>(plan.offsets);
  const prepared = program.prologue?.results ?? [];
  const outside = [...program.inputs, ...program.outputs, ...prepared, ...program.constants.map(({ storage }) => storage)];
  for (const storage of outside) {
    if (addresses.has(storage)) continue;
    addresses.set(storage, end);
    end += align(storage.size * 4);
  }
  const own = end;
  end += Math.max(0, ...[...kernels.values()].map(({ scratchBytes }) => scratchBytes));
  const memory = allocate(end);
  const { instance } = await instantiate(module.finish(exports, null), { env: { memory } });
  const functions = instance.exports as Record<number, (...parameters: number[]) => void>;
  const addressOf = (storage: Storage): number => addresses.get(baseOf(storage)) ?? 0;
  const callOf = (index: number, parameters: readonly number[]): Call => {
    const run = functions[index] as (...parameters: number[]) => void;
    return () => run(...parameters);
  };
  const calls = steps.map((step): { step: LeafStep; call: Call } => {
    if (step.kind === 'copy') return { step, call: callOf(copy, [addressOf(step.to), addressOf(step.from), step.from.size * 4]) };
    const parts = partsOf(step).map(({ kernel }) => {
      const { index, storages, units, scratchBytes } = kernels.get(kernel) as PrintedKernel;
      return callOf(index, [...storages.map(addressOf), 0, units, ...(scratchBytes > 0 ? [own] : [])]);
    });
    return { step, call: () => parts.forEach((call) => call()) };
  });
  const fill = (): void => {
    for (const storage of [...program.inputs, ...prepared]) fillStorage(memory, addressOf(storage), storage);
    for (const { storage, data } of program.constants) viewOf(memory, storage.type, addressOf(storage), storage.size).set(data);
  };
  return { calls, fill };
}

function allocate(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_MEMORY',
      `A profile needs memory for a copy of the work. Received: ${bytes} bytes, which WebAssembly cannot give. Explain without it, or use a smaller batch.`,
      { cause },
    );
  }
}

/** Numbers as they occur: small floats of both signs, small whole numbers, truth values. */
function fillStorage(memory: WebAssembly.Memory, address: number, storage: Storage): void {
  const view = viewOf(memory, storage.type, address, storage.size);
  let state = 1;
  for (let i = 0; i < view.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    view[i] =
      storage.type === 'float32' ? state / 2 ** 32 - 0.5 : storage.type === 'bool' ? state >>> 31 : state >>> 28;
  }
}
