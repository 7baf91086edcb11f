/**
 * Running an executable: inputs are checked, outputs get their memory, addresses go into the table, the module runs.
 * Small models run in a few microseconds, so what does not change from run to run is worked out once, and what is the
 * same as in good runs is not looked at closely.
 */
import { WeftError, formatType, isWeftError, sameType, sizeOf, type Buffer, type CompileOptions, type Graph, type HostValue, type TensorType } from '@weftjs/graph';
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

/** Runs are numbered, through all executables. */
let lastRun = 0;

/** Makes the function that runs an executable. */
export function makeRunner(backend: WasmBackend, { graph, options, plan, layout, scratchBytes, block, run, prepare }: Runnable): (inputs: Inputs) => Buffer[] {
  const { donate = [], host = [] } = options;
  const types = graph.inputs.map(({ type }) => type);
  // inputs that are buffers; of these, those that are donated, the others, and those whose memory no output takes
  const buffers = types.map((_, i) => i).filter((i) => !host.includes(i));
  const donated = donate.map(({ input }) => input);
  const kept = buffers.filter((i) => !donated.includes(i));
  const taken = new Set(plan.donated.values());
  const wasted = donated.filter((i) => !taken.has(i));
  const outputs = graph.outputs.map(({ type }, i) => ({
    type,
    bytes: sizeOf(type.shape) * 4,
    /** The input whose memory it takes, or −1. */
    donor: plan.donated.get(i) ?? -1,
    what: () => `The output ${formatType(type)} of a graph`,
  }));
  /** The buffers that the last run of the prologue read: what is in a buffer never changes while it lives. */
  let prepared: readonly unknown[] = [];
  /** A view of the table; made anew after the memory grew. */
  let table: ReturnType<WasmBackend['words']> = new Uint32Array(0);

  /** Whether inputs are without doubt what they should be. Where this says no, a closer look tells. */
  function isGood(inputs: Inputs): boolean {
    if (!Array.isArray(inputs) || inputs.length !== types.length) return false;
    // lists of numbers are looked at closely
    for (const i of layout.hosts.keys()) if (typeof inputs[i] !== 'number' || sizeOf((types[i] as TensorType).shape) !== 1) return false;
    for (const i of buffers) {
      const buffer: unknown = inputs[i];
      if (!(buffer instanceof WasmBuffer) || buffer.owner !== backend || !buffer.block) return false;
      // mostly they are one object
      const type = types[i] as TensorType;
      if (buffer.type !== type && !sameType(buffer.type, type)) return false;
    }
    lastRun++;
    for (const i of donated) {
      const buffer = inputs[i] as WasmBuffer;
      if (buffer.donatedTo === lastRun) return false;
      buffer.donatedTo = lastRun;
    }
    return donated.length === 0 || !kept.some((i) => (inputs[i] as WasmBuffer).donatedTo === lastRun);
  }

  /** Addresses and host values, into the table. */
  function write(inputs: Inputs, blocks: readonly Block[]): void {
    if (table.length === 0) table = backend.words('uint32', block.address, inputs.length + blocks.length);
    for (const i of buffers) table[i] = ((inputs[i] as WasmBuffer).block as Block).address;
    for (let i = 0; i < blocks.length; i++) table[inputs.length + i] = (blocks[i] as Block).address;
    for (const [i, offset] of layout.hosts) {
      const { dtype, shape } = types[i] as TensorType;
      const value = inputs[i] as HostValue;
      const words = backend.words(dtype, block.address + offset, sizeOf(shape));
      if (typeof value === 'number') words[0] = value;
      else words.set(value);
    }
  }

  /** Runs the prologue, unless its inputs are those that it had before. */
  function prepareFor(inputs: Inputs, scratch: number): void {
    if (!prepare || (prepared.length > 0 && prepare.inputs.every((input, i) => inputs[input] === prepared[i]))) return;
    prepared = [];
    prepare.run(block.address, scratch, 0, 1);
    prepared = prepare.inputs.map((input) => inputs[input]);
  }

  /** Ends donated inputs; the memory of some of them is free then. */
  function release(inputs: Inputs, free: readonly number[]): void {
    for (const i of free) {
      const own = (inputs[i] as WasmBuffer).block;
      if (own) backend.allocator.free(own);
    }
    for (const i of donated) backend.release(inputs[i] as WasmBuffer, 'donated');
  }

  /** The outputs of a run that cannot be done: every one carries the failure, and donated inputs are gone. */
  function fail(inputs: Inputs, failure: WeftError): Buffer[] {
    release(inputs, donated);
    return outputs.map(({ type }) => backend.poisoned(type, failure));
  }

  return (inputs) => {
    backend.requireLive();
    if (!isGood(inputs)) {
      checkInputs(graph, options, inputs, (buffer, where) => backend.requireBuffer(buffer, where));
      const failure = buffers.map((i) => (inputs[i] as WasmBuffer).failure).find((found) => found !== null);
      if (failure) return fail(inputs, failure);
    }
    const blocks: Block[] = [];
    try {
      const scratch = backend.scratch(scratchBytes);
      for (const { donor, bytes, what } of outputs) blocks.push(donor < 0 ? backend.allocator.allocate(bytes, what) : ((inputs[donor] as WasmBuffer).block as Block));
      write(inputs, blocks);
      prepareFor(inputs, scratch);
      run(block.address, scratch);
    } catch (error) {
      blocks.forEach((made, i) => {
        if (outputs[i]?.donor === -1) backend.allocator.free(made);
      });
      if (isWeftError(error, 'WEFT_E_MEMORY')) return fail(inputs, error);
      return fail(
        inputs,
        new WeftError('WEFT_E_BACKEND', `A run on WebAssembly needs kernels that end well. Received: ${String(error)}. Please report this with the code that led here.`, { cause: error }),
      );
    }
    release(inputs, wasted);
    return outputs.map(({ type }, i) => backend.adopt(type, blocks[i] as Block));
  };
}
