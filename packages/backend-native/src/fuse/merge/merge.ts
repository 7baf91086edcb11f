/**
 * Fewer, larger kernels: a nest joins an earlier kernel whose results it reads, or that reads what it reads, unless a step between the two needs the
 * one and is needed by the other. Behind a product it becomes its epilogue.
 */
import { extentOf } from '../../kernel/position.ts';
import type { Storage } from '../../kernel/expression.ts';
import { accessesOf, baseOf, conflict, isSlice, meet, runStep, type Kernel, type RunStep, type Step } from '../program.ts';
import { joinEpilogue } from './epilogue.ts';
import { joinNests } from './join.ts';
import { canWait, isUpdate, type Surroundings } from './update.ts';
import { sharesRows, turnsOf } from './rows.ts';

/** How far back a partner is looked for. */
const WINDOW = 96;
/** Kernels that share no memory are joined only where they are small: to save a call, not traffic. */
const SMALL = 4096;

export interface MergeOptions extends Surroundings {
  /** So many storages a kernel may use. */
  readonly mostStorages: number;
}

export function mergeKernels(steps: readonly Step[], options: MergeOptions): Step[] {
  // first what passes results on, then what only reads the same: else two sums could block a chain of rows
  return mergeWhere(readsAlike, mergeWhere(passesOn, steps, options), options);
}

/** Whether two kernels are worth joining. */
type Worth = (first: RunStep, second: RunStep) => boolean;

const passesOn: Worth = (first, second) => meet(accessesOf(first).written, accessesOf(second).read);

const readsAlike: Worth = (first, second) => {
  const [a, b] = [first.kernel, second.kernel];
  if (a.kind !== 'nest' || b.kind !== 'nest') return false;
  if (turnsOf(a) <= SMALL && turnsOf(b) <= SMALL && extentOf(a.grid) === extentOf(b.grid)) return true;
  return meet(accessesOf(first).read, accessesOf(second).read) && sharesRows(a, b);
};

function mergeWhere(isWorthwhile: Worth, steps: readonly Step[], options: MergeOptions): Step[] {
  const result: Step[] = [];
  /** How many steps read a storage. */
  const readers = new Map<Storage, number>();
  const countReads = (step: Step, by: number): void => {
    for (const storage of accessesOf(step).read) readers.set(storage, (readers.get(storage) ?? 0) + by);
  };
  for (const step of steps) countReads(step, 1);

  const joined = (first: RunStep, second: RunStep): Kernel | null => {
    const [left, right] = [first.kernel, second.kernel];
    if (left.kind === 'group' || right.kind !== 'nest') return null;
    const isNeeded = (storage: Storage): boolean => {
      const base = baseOf(storage);
      const own = [first, second].filter((step) => accessesOf(step).read.has(base));
      return isSlice(storage) || options.kept.has(base) || (readers.get(base) ?? 0) > own.length;
    };
    if (left.kind === 'template') return joinEpilogue(left, right, { ...options, isNeeded });
    // an update does not join a long sum that is to be made while its terms are at hand
    return isUpdate(right, options) && !canWait(second.written, first.read, options) ? null : joinNests(left, right, { ...options, isNeeded });
  };

  /** Joins a step with an earlier one; gives the place of the joined step. */
  const settle = (at: number): number | null => {
    const step = result[at] as Step;
    if (step.kind !== 'run' || step.kernel.kind !== 'nest') return null;
    /** Steps between the two that the later one needs: they would have to come before the joined one. */
    const needed: Step[] = [];
    const touched = { written: new Set<Storage>(), read: new Set<Storage>() };
    for (let i = at - 1; i >= Math.max(0, at - WINDOW); i--) {
      const other = result[i] as Step;
      const accesses = accessesOf(other);
      const isNeeded = conflict(accesses, touched);
      const kernel = !isNeeded && other.kind === 'run' && isWorthwhile(other, step) ? joined(other, step) : null;
      if (kernel) {
        const merged = runStep(kernel);
        countReads(other, -1);
        countReads(step, -1);
        countReads(merged, 1);
        const others = result.slice(i + 1, at).filter((between) => !needed.includes(between));
        result.splice(i, at - i + 1, ...needed.reverse(), merged, ...others);
        return i + needed.length;
      }
      if (!isNeeded && !conflict(accesses, accessesOf(step))) continue;
      needed.push(other);
      accesses.written.forEach((storage) => touched.written.add(storage));
      accesses.read.forEach((storage) => touched.read.add(storage));
    }
    return null;
  };

  for (const step of steps) {
    result.push(step);
    for (let at: number | null = result.length - 1; at !== null; ) at = settle(at);
  }
  return result;
}
