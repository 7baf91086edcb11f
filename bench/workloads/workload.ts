/** What can be measured. Every contestant does the same work on the same data; what it cannot do it says. */
import type { NetName } from './nets/index.ts';

export type { NetName } from './nets/index.ts';

interface Measured {
  /** Measured among those that compute on a GPU; all others compute on the processor. */
  readonly onGpu?: boolean;
}

/** One step of Adam on one batch. */
export interface Training extends Measured {
  readonly kind: 'train';
  readonly name: string;
  readonly net: NetName;
  readonly batch: number;
}

/** Outputs for one batch: samples and outputs are in JavaScript's memory. */
export interface Inference extends Measured {
  readonly kind: 'infer';
  readonly name: string;
  readonly net: NetName;
  readonly batch: number;
}

/** One product c = a · b of float32 matrices that are on the device already. */
export interface Product extends Measured {
  readonly kind: 'dot';
  readonly name: string;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** Whether a is given as [k, m], and b as [n, k]. */
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** What a contestant can be asked to do. */
export type Task = Training | Inference | Product;

/** The gain of two threads on a task, beside that of two copies with one thread each. */
export interface Scaling {
  readonly kind: 'scaling';
  readonly name: string;
  readonly task: Task;
}

/** Loading, compiling and the first step, each time in a new process; and what the compiler says of the step. */
export interface Startup {
  readonly kind: 'startup';
  readonly name: string;
  readonly task: Training;
}

/** Products of several shapes by one contestant, beside the first of them. */
export interface Shapes {
  readonly kind: 'shapes';
  readonly name: string;
  readonly tasks: readonly Product[];
}

/** What the GPU can do at most: bytes that it copies, and multiplications with additions that it does in registers. */
export interface Ceilings extends Measured {
  readonly kind: 'ceilings';
  readonly name: string;
}

export type Workload = Task | Scaling | Startup | Shapes | Ceilings;
