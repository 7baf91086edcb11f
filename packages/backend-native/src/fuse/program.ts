/**
 * A program: what fusing makes of a graph and planning puts into memory. Kernels run in order on storages; control flow nests steps.
 * Inside a loop a storage may be a *slice* of another: the part that the current turn reads or writes.
 */
import { sizeOf, type TensorType } from '@weftjs/graph';
import { scalarType } from '../kernel/elementwise.ts';
import type { Storage } from '../kernel/expression.ts';
import { expressionsOf, storagesOf, type Nest } from '../kernel/nest.ts';
import type { AnyTemplate, Hole, TemplateKernel } from '../kernel/template.ts';

/** Kernels that do not depend on each other: they run as one. */
export interface Group {
  readonly kind: 'group';
  readonly name: string;
  readonly ops: readonly string[];
  readonly parts: readonly (Nest | TemplateKernel)[];
}

export type Kernel = Nest | TemplateKernel | Group;

/** A counted loop; slices name it. */
export interface Loop {
  readonly id: number;
  readonly count: number;
  /** Counts down: the first turn has the last slice. */
  readonly reverse: boolean;
}

/** A storage that is one slice of another: element 0 lies at turn · size of it. */
export interface Slice extends Storage {
  readonly slice: { readonly of: Storage; readonly loop: Loop };
}

export type Step =
  | { readonly kind: 'run'; readonly kernel: Kernel; readonly written: readonly Storage[]; readonly read: readonly Storage[] }
  | { readonly kind: 'copy'; readonly from: Storage; readonly to: Storage }
  | { readonly kind: 'loop'; readonly loop: Loop; readonly body: readonly Step[] }
  | { readonly kind: 'while'; readonly condition: readonly Step[]; readonly flag: Storage; readonly body: readonly Step[] }
  | { readonly kind: 'branch'; readonly flag: Storage; readonly then: readonly Step[]; readonly otherwise: readonly Step[] };

export interface Constant {
  readonly storage: Storage;
  readonly data: readonly number[];
}

/** Steps that depend on frozen inputs only: they run once, and again when such an input is another buffer. */
export interface Prologue {
  readonly steps: readonly Step[];
  /** What they make for the program: it stays from run to run. */
  readonly results: readonly Storage[];
}

export interface Program {
  readonly inputs: readonly Storage[];
  /** All different, none an input. */
  readonly outputs: readonly Storage[];
  readonly constants: readonly Constant[];
  readonly prologue?: Prologue | undefined;
  readonly steps: readonly Step[];
}

let nextStorage = 0;
let nextLoop = 0;

export const makeStorage = (type: TensorType): Storage => ({
  id: nextStorage++, type: scalarType(type.dtype), size: sizeOf(type.shape), width: type.dtype === 'float16' ? 2 : 4,
});

export const makeLoop = (count: number, reverse: boolean): Loop => ({ id: nextLoop++, count, reverse });

export const makeSlice = (of: Storage, type: TensorType, loop: Loop): Slice => ({ ...makeStorage(type), slice: { of, loop } });

export const isSlice = (storage: Storage): storage is Slice => 'slice' in storage;

/** The storage that holds the memory: of a slice, what it is a slice of. */
export const baseOf = (storage: Storage): Storage => (isSlice(storage) ? baseOf(storage.slice.of) : storage);

/** The steps inside a step of control flow, in order. */
export function stepsIn(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'loop':
      return step.body;
    case 'while':
      return [...step.condition, ...step.body];
    case 'branch':
      return [...step.then, ...step.otherwise];
    default:
      return [];
  }
}

/** What a step itself writes and reads, without the steps inside it. */
export function touchedBy(step: Step): { readonly written: readonly Storage[]; readonly read: readonly Storage[] } {
  switch (step.kind) {
    case 'run':
      return step;
    case 'copy':
      return { written: [step.to], read: [step.from] };
    case 'loop':
      return { written: [], read: [] };
    default:
      return { written: [], read: [step.flag] };
  }
}

/** The elements of storages together. */
export const elementsOf = (storages: Iterable<Storage>): number => [...storages].reduce((sum, { size }) => sum + size, 0);

/** What a step and those inside it write and read, of slices what they are slices of. */
export interface Accesses {
  readonly written: ReadonlySet<Storage>;
  readonly read: ReadonlySet<Storage>;
}

const accesses = new WeakMap<Step, Accesses>();

export function accessesOf(step: Step): Accesses {
  let known = accesses.get(step);
  if (!known) accesses.set(step, (known = findAccesses(step)));
  return known;
}

function findAccesses(step: Step): Accesses {
  const inside = stepsIn(step).map(accessesOf);
  const own = touchedBy(step);
  const all = (side: 'written' | 'read'): Set<Storage> => new Set([...own[side].map(baseOf), ...inside.flatMap((accessed) => [...accessed[side]])]);
  return { written: all('written'), read: all('read') };
}

/** Whether steps with these accesses may not change places. */
export const conflict = (a: Accesses, b: Accesses): boolean => meet(a.written, b.read) || meet(a.read, b.written) || meet(a.written, b.written);

/** Whether two sets share a storage. */
export function meet(a: ReadonlySet<Storage>, b: ReadonlySet<Storage>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const storage of few) if (many.has(storage)) return true;
  return false;
}

export type RunStep = Step & { readonly kind: 'run' };

/** A step with one kernel. */
export type SingleStep = RunStep & { readonly kernel: Nest | TemplateKernel };

/** The steps that the parts of a group are, or the step itself. */
export const partsOf = (step: RunStep): SingleStep[] => (step.kernel.kind === 'group' ? step.kernel.parts.map(runStep) : [step]) as SingleStep[];

/** Steps with every run and copy, in loops and branches too, replaced by what `steps` gives for it. */
export function mapSteps(all: readonly Step[], steps: (step: Step & { readonly kind: 'run' | 'copy' }) => Step[]): Step[] {
  const inside = (list: readonly Step[]): Step[] => mapSteps(list, steps);
  return all.flatMap((step): Step[] => {
    switch (step.kind) {
      case 'run':
      case 'copy':
        return steps(step);
      case 'loop':
        return [{ ...step, body: inside(step.body) }];
      case 'while':
        return [{ ...step, condition: inside(step.condition), body: inside(step.body) }];
      case 'branch':
        return [{ ...step, then: inside(step.then), otherwise: inside(step.otherwise) }];
    }
  });
}

/** Steps with every group's parts one after the other. */
export const ungroup = (steps: readonly Step[]): Step[] => mapSteps(steps, (step) => (step.kind === 'run' ? partsOf(step) : [step]));

const runs = new WeakMap<Kernel, RunStep>();

/** The step that runs a kernel. */
export function runStep(kernel: Kernel): RunStep {
  const known = runs.get(kernel) ?? makeRun(kernel);
  runs.set(kernel, known);
  return known;
}

function makeRun(kernel: Kernel): RunStep {
  if (kernel.kind === 'nest') return { kind: 'run', kernel, ...storagesOf(kernel) };
  if (kernel.kind === 'group') {
    const parts = kernel.parts.map(runStep);
    return { kind: 'run', kernel, written: parts.flatMap(({ written }) => written), read: present(parts.flatMap(({ read }) => read)) };
  }
  const own = storagesOfTemplate(kernel.template);
  const behind = storagesOf({ stages: kernel.epilogue?.stages ?? [] });
  // the raw result is read where it was just written
  const read = present([...own.read, ...behind.read]).filter((storage) => !own.written.includes(storage));
  return { kind: 'run', kernel, written: present([...own.written, ...behind.written]), read };
}

type Maybe = Storage | null | undefined;

/** Each storage that is there, once. */
const present = (storages: readonly Maybe[]): Storage[] => [...new Set(storages.flatMap((storage) => storage ?? []))];

function storagesOfTemplate(template: AnyTemplate): { written: readonly Maybe[]; read: readonly Maybe[] } {
  switch (template.op) {
    case 'dot': {
      const { a, b, panels, output } = template;
      return { written: [output], read: [...loadedBy(a), ...(panels ? [panels] : loadedBy(b))] };
    }
    case 'scatterAdd':
      return { written: [template.output], read: [template.updates, template.indices] };
    case 'attention': {
      const { q, k, v, mask, y, largest, total } = template;
      return { written: [y, largest, total], read: [q.storage, k.storage, v.storage, mask?.storage] };
    }
    case 'attentionGrad': {
      const { q, k, v, dy, mask, largest, total, shift, dq, dk, dv } = template;
      return { written: [dq, dk, dv], read: [q.storage, k.storage, v.storage, largest, total, shift.storage, dy.storage, mask?.storage] };
    }
    case 'sort':
      return { written: [template.values, template.indices], read: [template.input] };
    default: {
      const [first, second] = template.operands;
      return { written: [template.output], read: [first, template.panels ?? second] };
    }
  }
}

const loadedBy = ({ value }: Hole): Storage[] => expressionsOf([value]).flatMap((e) => (e.kind === 'load' ? [e.storage] : []));
