/**
 * Running an executable: inputs are checked, outputs get their memory, addresses go into the table, the module runs.
 * Small models run in a few microseconds, so what does not change from run to run is worked out once, and what is the
 * same as in good runs is not looked at closely.
 */
import {
  WeftError,
  formatType,
  isWeftError,
  sizeOf,
  type Buffer,
  type CompileOptions,
  type Graph,
  type HostValue,
  type TensorType,
  type Value,
} from '@weftjs/graph';
import { checkInputs } from '../checks.ts';
import type { Plan } from '../plan/plan.ts';
import type { Block } from './allocator.ts';
import type { WasmBackend } from './backend.ts';
import { WasmBuffer } from './buffer.ts';
import type { BlockLayout } from './program.ts';
import type { Run } from './threads/pool.ts';

export interface Runnable {
  readonly graph: Graph;
  readonly options: CompileOptions;
  readonly plan: Plan;
  readonly layout: BlockLayout;
  readonly scratchBytes: number;
  /** The executable's own memory. */
  readonly block: Block;
  readonly run: (table: number, scratch: number) => void;
  /** What is to be done before a run when one of these inputs is another buffer than before; null: nothing. */
  readonly prepare: { readonly run: Run; readonly inputs: readonly number[] } | null;
}

type Inputs = readonly (Buffer | HostValue)[];

interface Output {
  readonly type: TensorType;
  readonly bytes: number;
  /** The input whose memory it takes, or −1. */
  readonly donor: number;
  readonly what: () => string;
}

/** Runs are numbered, through all executables. */
let lastRun = 0;

export class Runner {
  readonly #backend: WasmBackend;
  readonly #executable: Runnable;
  readonly #types: readonly TensorType[];
  /** Inputs that are buffers; of these, those that are donated, the others, and those whose memory no output takes. */
  readonly #buffers: readonly number[];
  readonly #donated: readonly number[];
  readonly #kept: readonly number[];
  readonly #wasted: readonly number[];
  readonly #outputs: readonly Output[];
  /** The buffers that the last run of the prologue read: what is in a buffer never changes while it lives. */
  #prepared: readonly unknown[] = [];
  /** A view of the table; made anew after the memory grew. */
  #table = new Uint32Array(0);

  constructor(backend: WasmBackend, executable: Runnable) {
    const { graph, options, plan } = executable;
    const { donate = [], host = [] } = options;
    this.#backend = backend;
    this.#executable = executable;
    this.#types = graph.inputs.map(({ type }) => type);
    this.#buffers = graph.inputs.map((_, i) => i).filter((i) => !host.includes(i));
    this.#donated = donate.map(({ input }) => input);
    this.#kept = this.#buffers.filter((i) => !this.#donated.includes(i));
    const taken = new Set(plan.donated.values());
    this.#wasted = this.#donated.filter((i) => !taken.has(i));
    this.#outputs = graph.outputs.map(({ type }, i) => ({
      type,
      bytes: sizeOf(type.shape) * 4,
      donor: plan.donated.get(i) ?? -1,
      what: () => `The output ${formatType(type)} of a graph`,
    }));
  }

  run(inputs: Inputs): Buffer[] {
    const backend = this.#backend;
    backend.requireLive();
    if (!this.#isGood(inputs)) {
      const { graph, options } = this.#executable;
      checkInputs(graph, options, inputs, (buffer, where) => backend.requireBuffer(buffer, where));
      const failure = this.#buffers.map((i) => (inputs[i] as WasmBuffer).failure).find((found) => found !== null);
      if (failure) return this.#fail(inputs, failure);
    }
    const blocks: Block[] = [];
    let scratch: number;
    try {
      scratch = backend.scratch(this.#executable.scratchBytes);
      for (const { donor, bytes, what } of this.#outputs) {
        blocks.push(
          donor < 0 ? backend.allocator.allocate(bytes, what) : ((inputs[donor] as WasmBuffer).block as Block),
        );
      }
    } catch (error) {
      this.#giveBack(blocks);
      if (isWeftError(error, 'WEFT_E_MEMORY')) return this.#fail(inputs, error);
      throw error;
    }
    this.#write(inputs, blocks);
    try {
      this.#prepare(inputs, scratch);
      this.#executable.run(this.#executable.block.address, scratch);
    } catch (error) {
      this.#giveBack(blocks);
      const failure = new WeftError(
        'WEFT_E_BACKEND',
        `A run on WebAssembly needs kernels that end well. Received: ${String(error)}. Please report this with the code that led here.`,
        { cause: error },
      );
      return this.#fail(inputs, failure);
    }
    this.#release(inputs, this.#wasted);
    return this.#outputs.map(({ type }, i) => backend.adopt(type, blocks[i] as Block));
  }

  #prepare(inputs: Inputs, scratch: number): void {
    const { prepare, block } = this.#executable;
    if (!prepare) return;
    const known = this.#prepared;
    if (known.length > 0 && prepare.inputs.every((input, i) => inputs[input] === known[i])) return;
    this.#prepared = [];
    prepare.run(block.address, scratch, 0, 1);
    this.#prepared = prepare.inputs.map((input) => inputs[input]);
  }

  /** Whether inputs are without doubt what they should be. Where this says no, a closer look tells. */
  #isGood(inputs: Inputs): boolean {
    if (
      !Array.isArray(inputs) ||
      inputs.length !== this.#types.length ||
      (this.#executable.layout.hosts.size > 0 && !this.#areNumbers(inputs))
    )
      return false;
    for (const i of this.#buffers) {
      const buffer: unknown = inputs[i];
      if (
        !(buffer instanceof WasmBuffer) ||
        buffer.owner !== this.#backend ||
        !buffer.block ||
        !isSame(buffer.type, this.#types[i] as TensorType)
      )
        return false;
    }
    const run = ++lastRun;
    for (const i of this.#donated) {
      const buffer = inputs[i] as WasmBuffer;
      if (buffer.donatedTo === run) return false;
      buffer.donatedTo = run;
    }
    return this.#donated.length === 0 || !this.#kept.some((i) => (inputs[i] as WasmBuffer).donatedTo === run);
  }

  /** Whether all host values are single numbers where one is due; lists of numbers are looked at closely. */
  #areNumbers(inputs: Inputs): boolean {
    for (const i of this.#executable.layout.hosts.keys())
      if (typeof inputs[i] !== 'number' || sizeOf((this.#types[i] as TensorType).shape) !== 1) return false;
    return true;
  }

  /** Addresses and host values, into the table. */
  #write(inputs: Inputs, blocks: readonly Block[]): void {
    const { block, layout, graph } = this.#executable;
    if (this.#table.length === 0)
      this.#table = this.#backend.words(
        'uint32',
        block.address,
        inputs.length + blocks.length,
      ) as Uint32Array<ArrayBuffer>;
    const table = this.#table;
    for (const i of this.#buffers) table[i] = ((inputs[i] as WasmBuffer).block as Block).address;
    for (let i = 0; i < blocks.length; i++) table[inputs.length + i] = (blocks[i] as Block).address;
    for (const [i, offset] of layout.hosts) {
      const { type } = graph.inputs[i] as Value;
      const value = inputs[i] as HostValue;
      const words = this.#backend.words(
        type.dtype === 'bool' ? 'int32' : type.dtype,
        block.address + offset,
        sizeOf(type.shape),
      );
      if (typeof value === 'number') words[0] = value;
      else words.set(value);
    }
  }

  /** Frees the blocks of outputs that are not their donors'. */
  #giveBack(blocks: readonly Block[]): void {
    blocks.forEach((block, i) => {
      if ((this.#outputs[i] as Output).donor < 0) this.#backend.allocator.free(block);
    });
  }

  /** The outputs of a run that cannot be done: every one carries the failure, and donated inputs are gone. */
  #fail(inputs: Inputs, failure: WeftError): Buffer[] {
    this.#release(inputs, this.#donated);
    return this.#outputs.map(({ type }) => this.#backend.poisoned(type, failure));
  }

  /** Ends donated inputs; the memory of some of them is free then. */
  #release(inputs: Inputs, free: readonly number[]): void {
    const backend = this.#backend;
    for (const i of free) {
      const { block } = inputs[i] as WasmBuffer;
      if (block) backend.allocator.free(block);
    }
    for (const i of this.#donated) backend.release(inputs[i] as WasmBuffer, 'donated');
  }
}

/** Equal types; mostly they are one object. */
function isSame(a: TensorType, b: TensorType): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || a.shape.length !== b.shape.length) return false;
  for (let i = 0; i < a.shape.length; i++) if (a.shape[i] !== b.shape[i]) return false;
  return true;
}
