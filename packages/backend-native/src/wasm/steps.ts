/**
 * Prints the steps of a program as the code that every thread runs. Each thread does its share of the units of a
 * kernel; steps that are not worth dividing are thread 0's. Where a step needs what another thread did, there is a
 * barrier (see threads/order.ts).
 */
import { leavesOf, type LeafStep } from '../explain/kernels.ts';
import type { Storage } from '../kernel/expression.ts';
import { accessesOf, type Loop, type RunStep, type Step } from '../fuse/program.ts';
import { callFunction, copyMemory, get, i32, load, op, repeatWhile, set, when, type Code, type Local } from './code.ts';
import type { FunctionWriter, ModuleWriter } from './module.ts';
import type { PrintedKernel } from './nest.ts';
import { remember } from './remember.ts';
import { atMost } from './templates/assembly.ts';
import { printBarrier } from './threads/barrier.ts';
import { Order, type Access, type Region } from './threads/order.ts';
import { printShare } from './threads/share.ts';
import { workOf } from './threads/work.ts';

/** Among how many threads steps are divided, at most, and how many nanoseconds of work each must have then. */
export interface Division {
  readonly threads: number;
  readonly leastShare: number;
}

/** What steps are printed with. */
export interface StepContext {
  readonly module: ModuleWriter;
  readonly writer: FunctionWriter;
  /** Parameters of the function: which thread this is, of how many. */
  readonly thread: Local;
  readonly threads: Local;
  /** Null: one thread does everything. */
  readonly division: Division | null;
  kernelOf(step: RunStep): PrintedKernel;
  addressOf(storage: Storage): Code;
  /** The address of the thread's own scratch. */
  ownScratch(step: RunStep): Code;
  /** Where the scratch of all threads lies; empty where a kernel needs none. */
  ownRegion(step: RunStep): readonly Region[];
  regionOf(storage: Storage): Region;
  bindLoop(loop: Loop, counter: Local): void;
}

/** A copy is divided into units of so many bytes. */
const COPY_UNIT = 4096;

/** The code of all steps, and a barrier at the end: when a thread is done, all are. */
export function printSteps(context: StepContext, steps: readonly Step[]): Code {
  const { module, writer, thread, threads, division, kernelOf, addressOf, ownScratch, ownRegion, regionOf, bindLoop } = context;
  const order = new Order();
  const barrier = division ? callFunction(printBarrier(module), get(threads)) : [];
  const share = division ? printShare(module) : 0;
  /** Among how many threads a step is divided; of control flow: whether anything in it is. */
  const parts = new Map<Step, number>();

  const isLeaf = (step: Step): step is LeafStep => step.kind === 'run' || step.kind === 'copy';
  const bytesOfCopy = (step: LeafStep & { kind: 'copy' }): number => step.from.size * 4;
  const unitsOf = (step: LeafStep): number => (step.kind === 'run' ? kernelOf(step).units : Math.ceil(bytesOfCopy(step) / COPY_UNIT));

  function partsOf(step: Step): number {
    if (!division) return 1;
    return remember(parts, step, () =>
      isLeaf(step)
        ? Math.max(1, Math.min(unitsOf(step), division.threads, Math.floor(workOf(step) / division.leastShare)))
        : Math.max(1, ...leavesOf([step]).map((leaf) => partsOf(leaf.step))),
    );
  }

  /** What a step accesses, control flow and all that is in it included. */
  function accessesIn(step: Step): Access[] {
    const { written, read } = accessesOf(step);
    const scratch = leavesOf([step]).flatMap((leaf) => (leaf.step.kind === 'run' ? ownRegion(leaf.step) : []));
    const writes = [...scratch, ...[...written].map(regionOf)].map((region) => ({ region, isWrite: true }));
    return [...writes, ...[...read].map((storage) => ({ region: regionOf(storage), isWrite: false }))];
  }

  function sequence(list: readonly Step[]): Code {
    const code: Code[] = [];
    let serial: Code[] = [];
    const endSerial = (): void => {
      if (serial.length > 0) code.push(division ? when(op('i32.eqz', get(thread)), serial) : serial);
      serial = [];
    };
    const before = (step: Step, who: 'all' | 'first'): void => {
      if (!division || !order.step(accessesIn(step), who)) return;
      endSerial();
      code.push(barrier);
    };
    for (const step of list) {
      if (partsOf(step) === 1) {
        before(step, 'first');
        serial.push(whole(step));
        continue;
      }
      if (isLeaf(step)) before(step, 'all');
      endSerial();
      code.push(isLeaf(step) ? divided(step) : control(step, false));
    }
    endSerial();
    return code;
  }

  const run = (step: RunStep, from: Code, to: Code): Code => {
    const { index, storages, scratchBytes } = kernelOf(step);
    return callFunction(index, ...storages.map(addressOf), from, to, ...(scratchBytes > 0 ? [ownScratch(step)] : []));
  };

  /** A step that one thread does, control flow and all that is in it included. */
  function whole(step: Step): Code {
    if (step.kind === 'run') return run(step, i32(0), i32(unitsOf(step)));
    return step.kind === 'copy' ? copyMemory(addressOf(step.to), addressOf(step.from), i32(bytesOfCopy(step))) : control(step, true);
  }

  /** This thread's share of a step. */
  function divided(step: LeafStep): Code {
    const most = partsOf(step);
    const isForAll = most === division?.threads;
    const count = isForAll ? threads : writer.local('i32');
    const [from, to] = [writer.local('i32'), writer.local('i32')];
    const edge = (of: Code): Code => callFunction(share, i32(unitsOf(step)), of, get(count));
    const code: Code[] = [set(from, edge(get(thread))), set(to, edge(op('i32.add', get(thread), i32(1))))];
    if (step.kind === 'run') code.push(run(step, get(from), get(to)));
    else {
      const at = (storage: Storage): Code => op('i32.add', addressOf(storage), get(from));
      code.push([from, to].map((end) => set(end, op('i32.mul', get(end), i32(COPY_UNIT)))));
      code.push(set(to, atMost(get(to), bytesOfCopy(step))), copyMemory(at(step.to), at(step.from), op('i32.sub', get(to), get(from))));
    }
    return isForAll ? code : [set(count, atMost(get(threads), most)), when(op('i32.lt_s', get(thread), get(count)), code)];
  }

  /** Control flow, of one thread or of all: these test the flags each themselves, and a loop begins a turn when all have ended the last. */
  function control(step: Exclude<Step, LeafStep>, isAlone: boolean): Code {
    const inside = (list: readonly Step[]): Code => (isAlone ? list.map(whole) : sequence(list));
    const isTrue = (flag: Storage): Code => {
      const isDue = !isAlone && order.step([{ region: regionOf(flag), isWrite: false }], 'all');
      return [isDue ? barrier : [], load('i32', addressOf(flag))];
    };
    const turn = (body: readonly Step[]): Code => [inside(body), !isAlone && order.close() ? barrier : []];
    switch (step.kind) {
      case 'loop': {
        const { count, reverse } = step.loop;
        const counter = writer.local('i32');
        bindLoop(step.loop, counter);
        const [first, limit, by] = reverse ? [count - 1, -1, -1] : [0, count, 1];
        return [set(counter, i32(first)), repeatWhile(op('i32.ne', get(counter), i32(limit)), [turn(step.body), set(counter, op('i32.add', get(counter), i32(by)))])];
      }
      case 'while': {
        const condition = [inside(step.condition), isTrue(step.flag)];
        // what is pending when the condition fails is what was pending before the body
        const [body] = order.branch([() => turn(step.body), (): Code => []]) as [Code, Code];
        return repeatWhile(condition, body);
      }
      case 'branch': {
        const condition = isTrue(step.flag);
        const [yes, no] = order.branch([step.then, step.otherwise].map((way) => () => inside(way))) as [Code, Code];
        return when(condition, yes, no);
      }
    }
  }

  return [sequence(steps), order.close() ? barrier : []];
}
