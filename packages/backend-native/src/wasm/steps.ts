/**
 * Prints the steps of a program as the code that every thread runs. Each thread does its share of the units of a
 * kernel; steps that are not worth dividing are thread 0's. Where a step needs what another thread did, there is a
 * barrier (see threads/order.ts).
 */
import type { Storage } from '../kernel/expression.ts';
import type { Loop, RunStep, Step } from '../fuse/program.ts';
import { callFunction, copyMemory, get, i32, load, op, repeatWhile, set, when, type Code, type Local } from './code.ts';
import type { FunctionWriter, ModuleWriter } from './module.ts';
import type { PrintedKernel } from './nest.ts';
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
  /** Where the scratch of all threads lies; null where a kernel needs none. */
  ownRegion(step: RunStep): Region | null;
  regionOf(storage: Storage): Region;
  bindLoop(loop: Loop, counter: Local): void;
}

/** A copy is divided into units of so many bytes. */
const COPY_UNIT = 4096;

export function printSteps(context: StepContext, steps: readonly Step[]): Code {
  return new StepPrinter(context).print(steps);
}

class StepPrinter {
  readonly #context: StepContext;
  readonly #order = new Order();
  readonly #barrier: Code;
  readonly #share: number;
  /** Among how many threads a step is divided; of control flow: whether anything in it is. */
  readonly #parts = new Map<Step, number>();

  constructor(context: StepContext) {
    this.#context = context;
    this.#barrier = context.division ? callFunction(printBarrier(context.module), get(context.threads)) : [];
    this.#share = context.division ? printShare(context.module) : 0;
  }

  /** Everything, and a barrier at the end: when a thread is done, all are. */
  print(steps: readonly Step[]): Code {
    return [this.#sequence(steps), this.#order.close() ? this.#barrier : []];
  }

  #sequence(steps: readonly Step[]): Code {
    const code: Code[] = [];
    let serial: Code[] = [];
    const endSerial = (): void => {
      if (serial.length > 0)
        code.push(this.#context.division ? when(op('i32.eqz', get(this.#context.thread)), serial) : serial);
      serial = [];
    };
    const before = (accesses: readonly Access[], who: 'all' | 'first'): void => {
      if (!this.#context.division || !this.#order.step(accesses, who)) return;
      endSerial();
      code.push(this.#barrier);
    };
    for (const step of steps) {
      if (this.#partsOf(step) === 1) {
        before(this.#accessesOf(step), 'first');
        serial.push(this.#whole(step));
      } else if (step.kind === 'run' || step.kind === 'copy') {
        before(this.#accessesOf(step), 'all');
        endSerial();
        code.push(this.#divided(step));
      } else {
        endSerial();
        code.push(this.#control(step));
      }
    }
    endSerial();
    return code;
  }

  /** A step that one thread does, control flow and all that is in it included. */
  #whole(step: Step): Code {
    const { kernelOf, addressOf, ownScratch } = this.#context;
    const all = (steps: readonly Step[]): Code => steps.map((inner) => this.#whole(inner));
    switch (step.kind) {
      case 'run': {
        const { index, storages, units, scratchBytes } = kernelOf(step);
        return callFunction(
          index,
          ...storages.map(addressOf),
          i32(0),
          i32(units),
          ...(scratchBytes > 0 ? [ownScratch(step)] : []),
        );
      }
      case 'copy':
        return copyMemory(addressOf(step.to), addressOf(step.from), i32(step.from.size * 4));
      case 'loop':
        return this.#loop(step, () => all(step.body));
      case 'while':
        return repeatWhile([all(step.condition), this.#isTrue(step.flag)], all(step.body));
      case 'branch':
        return when(this.#isTrue(step.flag), all(step.then), all(step.otherwise));
    }
  }

  /** This thread's share of a step. */
  #divided(step: Step & { kind: 'run' | 'copy' }): Code {
    const { writer, thread, threads, kernelOf, addressOf, ownScratch } = this.#context;
    const { threads: most } = this.#context.division as Division;
    const parts = this.#partsOf(step);
    const count = parts < most ? writer.local('i32') : threads;
    const [from, to] = [writer.local('i32'), writer.local('i32')];
    const limit =
      parts < most ? set(count, op('select', get(threads), i32(parts), op('i32.lt_s', get(threads), i32(parts)))) : [];
    const edge = (units: number, of: Code): Code => callFunction(this.#share, i32(units), of, get(count));
    const share = (units: number): Code => [
      set(from, edge(units, get(thread))),
      set(to, edge(units, op('i32.add', get(thread), i32(1)))),
    ];
    let code: Code;
    if (step.kind === 'run') {
      const { index, storages, units, scratchBytes } = kernelOf(step);
      code = [
        share(units),
        callFunction(
          index,
          ...storages.map(addressOf),
          get(from),
          get(to),
          ...(scratchBytes > 0 ? [ownScratch(step)] : []),
        ),
      ];
    } else {
      const bytes = step.from.size * 4;
      const at = (storage: Storage): Code => op('i32.add', addressOf(storage), get(from));
      const scale = [from, to].map((edgeOf) => set(edgeOf, op('i32.mul', get(edgeOf), i32(COPY_UNIT))));
      const cut = set(to, op('select', get(to), i32(bytes), op('i32.lt_s', get(to), i32(bytes))));
      code = [
        share(Math.ceil(bytes / COPY_UNIT)),
        scale,
        cut,
        copyMemory(at(step.to), at(step.from), op('i32.sub', get(to), get(from))),
      ];
    }
    return [limit, parts < most ? when(op('i32.lt_s', get(thread), get(count)), code) : code];
  }

  /**
   * Control flow that all threads walk: each tests the flags itself, and a loop begins a turn when all have ended the
   * last.
   */
  #control(step: Step & { kind: 'loop' | 'while' | 'branch' }): Code {
    const flag = (storage: Storage): Code => {
      const due = this.#order.step([{ region: this.#context.regionOf(storage), isWrite: false }], 'all');
      return [due ? this.#barrier : [], this.#isTrue(storage)];
    };
    const turn = (body: readonly Step[]): Code => [this.#sequence(body), this.#order.close() ? this.#barrier : []];
    switch (step.kind) {
      case 'loop':
        return this.#loop(step, () => turn(step.body));
      case 'while': {
        const condition = [this.#sequence(step.condition), flag(step.flag)];
        let body: Code = [];
        // what is pending when the condition fails is what was pending before the body
        this.#order.branch([() => (body = turn(step.body)), () => {}]);
        return repeatWhile(condition, body);
      }
      case 'branch': {
        const condition = flag(step.flag);
        const ways: Code[] = [];
        this.#order.branch([step.then, step.otherwise].map((way) => () => void ways.push(this.#sequence(way))));
        return when(condition, ways[0] as Code, ways[1]);
      }
    }
  }

  #loop({ loop }: Step & { kind: 'loop' }, body: () => Code): Code {
    const counter = this.#context.writer.local('i32');
    this.#context.bindLoop(loop, counter);
    const [from, limit, by] = loop.reverse ? [loop.count - 1, -1, -1] : [0, loop.count, 1];
    const turn = [body(), set(counter, op('i32.add', get(counter), i32(by)))];
    return [set(counter, i32(from)), repeatWhile(op('i32.ne', get(counter), i32(limit)), turn)];
  }

  #isTrue(flag: Storage): Code {
    return load('i32', this.#context.addressOf(flag));
  }

  #partsOf(step: Step): number {
    const { division } = this.#context;
    if (!division) return 1;
    let parts = this.#parts.get(step);
    if (parts === undefined) {
      const inside = (steps: readonly Step[]): number => Math.max(1, ...steps.map((inner) => this.#partsOf(inner)));
      const worth = (units: number): number =>
        Math.max(1, Math.min(units, division.threads, Math.floor(workOf(step) / division.leastShare)));
      if (step.kind === 'run') parts = worth(this.#context.kernelOf(step).units);
      else if (step.kind === 'copy') parts = worth(Math.ceil((step.from.size * 4) / COPY_UNIT));
      else
        parts = inside(
          step.kind === 'branch'
            ? [...step.then, ...step.otherwise]
            : step.kind === 'while'
              ? [...step.condition, ...step.body]
              : step.body,
        );
      this.#parts.set(step, parts);
    }
    return parts;
  }

  #accessesOf(step: Step): Access[] {
    const touch = (storages: readonly Storage[], isWrite: boolean): Access[] =>
      storages.map((storage) => ({ region: this.#context.regionOf(storage), isWrite }));
    const inside = (steps: readonly Step[]): Access[] => steps.flatMap((inner) => this.#accessesOf(inner));
    const own = (run: RunStep): Access[] => {
      const region = this.#context.ownRegion(run);
      return region ? [{ region, isWrite: true }] : [];
    };
    switch (step.kind) {
      case 'run':
        return [...touch(step.written, true), ...touch(step.read, false), ...own(step)];
      case 'copy':
        return [...touch([step.to], true), ...touch([step.from], false)];
      case 'loop':
        return inside(step.body);
      case 'while':
        return [...inside(step.condition), ...touch([step.flag], false), ...inside(step.body)];
      case 'branch':
        return [...touch([step.flag], false), ...inside(step.then), ...inside(step.otherwise)];
    }
  }
}
