/**
 * Fewer, larger kernels: a nest joins an earlier kernel whose results it reads, or that reads what it reads, when nothing between the two stands in
 * the way. It moves up to the earlier kernel, or that one down to it. Behind a product it becomes its epilogue.
 */
import type { Storage } from '../../kernel/expression.ts';
import { accessesOf, baseOf, isSlice, runStep, type Kernel, type Step } from '../program.ts';
import { joinEpilogue } from './epilogue.ts';
import { joinNests, type JoinOptions } from './join.ts';
import { sharesRows, turnsOf } from './rows.ts';

/** How far back a partner is looked for. */
const WINDOW = 96;
/** Kernels that share no memory are joined only where they are small: to save a call, not traffic. */
const SMALL = 4096;

type Run = Step & { kind: 'run' };

export interface MergeOptions {
  /** So many storages a kernel may use. */
  readonly mostStorages: number;
  /** Storages that are read after the steps: outputs. */
  readonly kept: ReadonlySet<Storage>;
  /** Storages that lie in memory before the steps: inputs. */
  readonly given: ReadonlySet<Storage>;
}

export function mergeKernels(steps: readonly Step[], options: MergeOptions): Step[] {
  return new Merger(steps, options).merge();
}

class Merger {
  readonly #steps: readonly Step[];
  readonly #options: MergeOptions;
  readonly #result: Step[] = [];
  /** How many steps read a storage. */
  readonly #readers = new Map<Storage, number>();

  constructor(steps: readonly Step[], options: MergeOptions) {
    this.#steps = steps;
    this.#options = options;
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
    let canRise = true;
    for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
      const other = this.#result[i] as Step;
      if (other.kind === 'run' && this.#isWorthwhile(other, step, canRise) && (canRise || this.#canSink(i, at))) {
        const kernel = this.#joined(other, step);
        if (kernel) {
          const merged = runStep(kernel);
          this.#countReads(other, -1);
          this.#countReads(step, -1);
          this.#countReads(merged, 1);
          this.#result[canRise ? i : at] = merged;
          this.#result.splice(canRise ? at : i, 1);
          return canRise ? i : at - 1;
        }
      }
      if (conflict(other, step)) canRise = false;
    }
    return null;
  }

  #canSink(from: number, to: number): boolean {
    const step = this.#result[from] as Step;
    for (let i = from + 1; i < to; i++) if (conflict(step, this.#result[i] as Step)) return false;
    return true;
  }

  #isWorthwhile(first: Run, second: Run, isNext: boolean): boolean {
    const [a, b] = [accessesOf(first), accessesOf(second)];
    for (const storage of b.read) if (a.written.has(storage)) return true;
    if (!isNext || first.kernel.kind !== 'nest' || second.kernel.kind !== 'nest') return false;
    if (turnsOf(first.kernel) <= SMALL && turnsOf(second.kernel) <= SMALL) return true;
    for (const storage of b.read) if (storage.size > 1 && a.read.has(storage)) return sharesRows(first.kernel, second.kernel);
    return false;
  }

  #joined(first: Run, second: Run): Kernel | null {
    const { mostStorages, kept, given } = this.#options;
    const [a, b] = [accessesOf(first), accessesOf(second)];
    const options: JoinOptions = {
      mostStorages,
      isNeeded: (storage) => {
        const base = baseOf(storage);
        return isSlice(storage) || kept.has(base) || (this.#readers.get(base) ?? 0) > (a.read.has(base) ? 1 : 0) + (b.read.has(base) ? 1 : 0);
      },
    };
    const [left, right] = [first.kernel, second.kernel];
    if (right.kind !== 'nest') return null;
    if (left.kind === 'nest') return joinNests(left, right, options);
    return joinEpilogue(left, right, { ...options, given, kept });
  }
}

/** Whether two steps may not change places. */
function conflict(first: Step, second: Step): boolean {
  const [a, b] = [accessesOf(first), accessesOf(second)];
  return meet(a.written, b.read) || meet(a.read, b.written) || meet(a.written, b.written);
}

function meet(a: ReadonlySet<Storage>, b: ReadonlySet<Storage>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const storage of few) if (many.has(storage)) return true;
  return false;
}
