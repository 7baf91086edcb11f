/** What a child tells its parent: one object a line on the standard output. */
import type { CompilerReport, KernelWork } from '../contestants/contestant.ts';

/** The task is prepared and warm. */
export interface Ready {
  readonly versions: Readonly<Record<string, string>>;
  readonly gpu?: string;
  /** The memory that the work has taken at most: beyond what the process held once its library was loaded. */
  readonly memoryMiB: number;
  /** Of one run, roughly. */
  readonly ms: number;
  /** What the kernels of a step on a GPU must do, where the compiler tells. */
  readonly work?: readonly KernelWork[];
  /** Some numbers of the result. */
  readonly gives: readonly number[];
}

/** The times of a start. */
export interface Started {
  readonly versions: Readonly<Record<string, string>>;
  /** Loading the library and creating its engine. */
  readonly loadMs: number;
  /** Making the model and its data. */
  readonly buildMs: number;
  /** The first step, compiling included. */
  readonly firstMs: number;
  /** The share of compiling in it, and its length when a second model is compiled; where the engine tells. */
  readonly compileMs?: number;
  readonly againMs?: number;
  /** The second step. */
  readonly secondMs: number;
  readonly report?: CompilerReport;
}

/** What the kernels of the ceilings reached in one round. */
export interface Rates {
  readonly copyGBs: number;
  readonly multiplyAddGflops: number;
}

export interface Message {
  readonly unable?: string;
  readonly ready?: Ready;
  readonly blocks?: readonly number[];
  readonly started?: Started;
  readonly rates?: Rates;
}

export const say = (message: Message): void => void process.stdout.write(`${JSON.stringify(message)}\n`);
