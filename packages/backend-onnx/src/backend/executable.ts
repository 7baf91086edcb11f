/** A compiled graph: checks a run at once, enqueues it, and fills its outputs when the engine is done. */
import { WeftError, formatType, hostArray, received, sameType } from '@weftjs/graph';
import type { Buffer, CompileOptions, Executable, Explanation, Graph, HostValue, TensorType, Value } from '@weftjs/graph';
import type { LoweredGraph } from '../lower/lowerGraph.ts';
import type { Program } from '../session/program.ts';
import type { OrtTensor, Runtime } from '../session/runtime.ts';
import { OnnxBuffer, requireLive, tensorIn, type Failure, type Slot } from './buffers.ts';
import { hostData } from './hostValues.ts';
import type { Ledger } from './ledger.ts';
import type { SerialQueue } from './queue.ts';
import { engineError } from '../session/failures.ts';

/** What an executable shares with its backend. */
export interface Workplace {
  readonly owner: object;
  readonly runtime: Runtime;
  readonly queue: SerialQueue;
  readonly ledger: Ledger;
  /** Programs whose sessions are open. */
  readonly programs: Set<Program>;
}

/** What a graph was compiled to. */
export interface Compiled {
  readonly graph: Graph;
  readonly lowered: LoweredGraph;
  readonly program: Program;
  readonly options: CompileOptions;
  explain(): Explanation;
}

export class OnnxExecutable implements Executable {
  readonly #work: Workplace;
  readonly #compiled: Compiled;
  readonly #host: ReadonlySet<number>;
  readonly #frozen: ReadonlySet<number>;
  readonly #donated: ReadonlySet<number>;

  constructor(work: Workplace, compiled: Compiled) {
    this.#work = work;
    this.#compiled = compiled;
    const { host = [], frozen = [], donate = [] } = compiled.options;
    this.#host = new Set(host);
    this.#frozen = new Set(frozen);
    this.#donated = new Set(donate.map(({ input }) => input));
    work.ledger.addExecutable(this);
    work.programs.add(compiled.program);
  }

  run(inputs: readonly (Buffer | HostValue)[]): Buffer[] {
    if (!this.#work.ledger.hasExecutable(this)) {
      throw new WeftError('WEFT_E_STATE', 'run needs an executable that was not disposed. Received: a disposed one. Compile the graph again.');
    }
    const { ledger, queue, owner } = this.#work;
    const slots = this.#checked(inputs);
    for (const index of this.#donated) ledger.closed(inputs[index] as OnnxBuffer, 'donated');
    const outputs = this.#compiled.graph.outputs.map(({ type }) => ledger.opened(new OnnxBuffer(type, owner)));
    const targets = outputs.map(({ slot }) => slot);
    void queue.add(() => this.#execute(slots, targets));
    return outputs;
  }

  /** The slots of all inputs; host values get one of their own. */
  #checked(inputs: readonly (Buffer | HostValue)[]): Slot[] {
    const { graph } = this.#compiled;
    if (!Array.isArray(inputs) || inputs.length !== graph.inputs.length) {
      const given = Array.isArray(inputs) ? inputs.length : received(inputs);
      throw new WeftError('WEFT_E_ARGUMENT', `run needs ${graph.inputs.length} inputs, as the graph has. Received: ${given}. Pass one for each.`);
    }
    const buffers = new Map<unknown, number>();
    const slots = graph.inputs.map(({ type }, i): Slot => {
      const input: unknown = inputs[i];
      if (this.#host.has(i)) return { tensor: this.#work.runtime.tensor(hostData(input, type, i), type), failure: null };
      const buffer = requireLive(input, this.#work.owner, `Input ${i} of run`);
      requireType(buffer.type, type, i);
      const twin = buffers.get(buffer);
      if (twin !== undefined && (this.#donated.has(i) || this.#donated.has(twin))) {
        throw new WeftError('WEFT_E_ARGUMENT', `A donated buffer may be only one input of a run. Received: one buffer as inputs ${twin} and ${i}. Upload a copy.`);
      }
      buffers.set(buffer, i);
      return buffer.slot;
    });
    for (const slot of slots) if (slot.failure) tensorIn(slot);
    return slots;
  }

  async #execute(slots: readonly Slot[], targets: readonly Slot[]): Promise<void> {
    const poisoned = slots.find((slot) => slot.failure);
    try {
      if (poisoned) throw poisoned.failure?.error;
      const tensors = slots.map((slot) => slot.tensor as OrtTensor);
      const results = await this.#compute(tensors);
      targets.forEach((target, i) => (target.tensor = results[i] as OrtTensor));
    } catch (error) {
      const failure: Failure = poisoned?.failure ?? { error: engineError('Running a graph', error), reported: false };
      if (!poisoned) this.#work.ledger.failed(failure);
      for (const target of targets) target.failure = failure;
    }
  }

  async #compute(tensors: readonly OrtTensor[]): Promise<readonly OrtTensor[]> {
    const { graph, lowered, program } = this.#compiled;
    const feeds = new Map<string, OrtTensor>();
    const frozen = new Map<string, OrtTensor>();
    lowered.inputs.forEach((name, i) => {
      if (name !== null) (this.#frozen.has(i) ? frozen : feeds).set(name, tensors[i] as OrtTensor);
    });
    const results = lowered.model.graph.outputs.length > 0 ? await program.run(feeds, frozen) : {};
    return lowered.outputs.map((source, i) => {
      if (source.from === 'input') return tensors[source.index] as OrtTensor;
      const { type } = graph.outputs[i] as Value;
      return source.from === 'model' ? (results[source.name] as OrtTensor) : this.#work.runtime.tensor(hostArray(type.dtype, 0), type);
    });
  }

  explain(): Explanation {
    return this.#compiled.explain();
  }

  dispose(): void {
    const { program } = this.#compiled;
    this.#work.ledger.removeExecutable(this);
    this.#work.programs.delete(program);
    void this.#work.queue.add(() => program.release());
  }
}

function requireType(given: TensorType, wanted: TensorType, index: number): void {
  if (!sameType(given, wanted)) {
    throw new WeftError('WEFT_E_SHAPE', `Input ${index} of run must be ${formatType(wanted)}. Received: ${formatType(given)}. Compile the graph for that type.`);
  }
}
