/**
 * Fewer, larger kernels: a nest joins an earlier kernel whose results it reads, or that reads what it reads, unless a step between the two needs the
 * one and is needed by the other. Behind a product it becomes its epilogue.
 */
import { extentOf } from '../../kernel/position.ts';
import type { Storage } from '../../kernel/expression.ts';
import { accessesOf, baseOf, conflict, isSlice, meet, runStep, type Kernel, type Step } from '../program.ts';
import { joinEpilogue } from './epilogue.ts';
import { joinNests, type JoinOptions } from './join.ts';
import { canWait, isUpdate, type Surroundings } from './update.ts';
import { sharesRows, turnsOf } from './rows.ts';

/** How far back a partner is looked for. */
const WINDOW = 96;
/** Kernels that share no memory are joined only where they are small: to save a call, not traffic. */
const SMALL = 4096;

type Run = Step & { kind: 'run' };

export interface MergeOptions extends Surroundings {
  /** So many storages a kernel may use. */
  readonly mostStorages: number;
}

export function mergeKernels(steps: readonly Step[], options: MergeOptions): Step[] {
  // first what passes results on, then what only reads the same: else two sums could block a chain of rows
  const chained = new Merger(steps, options, passesOn).merge();
  return new Merger(chained, options, readsAlike).merge();
}

/** Whether two kernels are worth joining. */
type Worth = (first: Run, second: Run) => boolean;

const passesOn: Worth = (first, second) => meet(accessesOf(first).written, accessesOf(second).read);

const readsAlike: Worth = (first, second) => {
  const [a, b] = [first.kernel, second.kernel];
  if (a.kind !== 'nest' || b.kind !== 'nest') return false;
  if (turnsOf(a) <= SMALL && turnsOf(b) <= SMALL && extentOf(a.grid) === extentOf(b.grid)) return true;
  return meet(accessesOf(first).read, accessesOf(second).read) && sharesRows(a, b);
};

class Merger {
  readonly #steps: readonly Step[];
  readonly #options: MergeOptions;
  readonly #isWorthwhile: Worth;
  readonly #result: Step[] = [];
  /** How many steps read a storage. */
  readonly #readers = new Map<Storage, number>();

  constructor(steps: readonly Step[], options: MergeOptions, isWorthwhile: Worth) {
    this.#steps = steps;
    this.#options = options;
    this.#isWorthwhile = isWorthwhile;
    for (const step of steps) this.#countReads(step, 1);
  }

  #countReads(step: Step, by: number): void {
    for (const storage of accessesOf(step).read) this.#readers.set(storage, (this.#readers.get(storage) ?? 0) + by);
  }

  merge(): Step[] {
    for (const step of this.#steps) {
      this.#result.push(step);
      for (let at: number | null = this.#result.length - 1; at !== null; ) at = this.#settle(at);
    }
    return this.#result;
  }

  /** Joins a step with an earlier one; gives the place of the joined step. */
  #settle(at: number): number | null {
    const step = this.#result[at] as Step;
    if (step.kind !== 'run' || step.kernel.kind !== 'nest') return null;
    /** Steps between the two that the later one needs: they would have to come before the joined one. */
    const needed: Step[] = [];
    const touched = { written: new Set<Storage>(), read: new Set<Storage>() };
    for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
      const other = this.#result[i] as Step;
      const accesses = accessesOf(other);
      const isNeeded = conflict(accesses, touched);
      const kernel = !isNeeded && other.kind === 'run' && this.#isWorthwhile(other, step) ? this.#joined(other, step) : null;
      if (kernel) {
        const merged = runStep(kernel);
        this.#countReads(other, -1);
        this.#countReads(step, -1);
        this.#countReads(merged, 1);
        const others = this.#result.slice(i + 1, at).filter((between) => !needed.includes(between));
        this.#result.splice(i, at - i + 1, ...needed.reverse(), merged, ...others);
        return i + needed.length;
      }
      if (!isNeeded && !conflict(accesses, accessesOf(step))) continue;
      needed.push(other);
      accesses.written.forEach((storage) => touched.written.add(storage));
      accesses.read.forEach((storage) => touched.read.add(storage));
    }
    return null;
  }

  #joined(first: Run, second: Run): Kernel | null {
    const { mostStorages, kept } = this.#options;
    const [a, b] = [accessesOf(first), accessesOf(second)];
    const options: JoinOptions = {
      mostStorages,
      isNeeded: (storage) => {
        const base = baseOf(storage);
        return isSlice(storage) || kept.has(base) || (this.#readers.get(base) ?? 0) > (a.read.has(base) ? 1 : 0) + (b.read.has(base) ? 1 : 0);
      },
    };
    const [left, right] = [first.kernel, second.kernel];
    if (left.kind === 'group' || right.kind !== 'nest') return null;
    // an update does not join a long sum that is to be made while its terms are at hand
    if (left.kind === 'nest') return isUpdate(right, this.#options) && !canWait(second.written, first.read, this.#options) ? null : joinNests(left, right, options);
    return joinEpilogue(left, right, { ...this.#options, ...options });
  }
}
