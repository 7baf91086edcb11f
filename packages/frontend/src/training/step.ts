/**
 * Steps: one batch through a traced and compiled function. A step is traced once for each combination of batch shapes and dtypes, then
 * replayed; the programs are kept in a bounded cache.
 */
import { WeftError, formatType, type TensorType, type TypedArray } from '@weftjs/graph';
import { handleOf } from '../core/compute.ts';
import type { Engine, Program } from '../core/engine/engine.ts';
import { Handle } from '../core/engine/handle.ts';
import { withEngine } from '../core/engine/current.ts';
import { copyHandle } from '../core/engine/programs.ts';
import { flatten, type Structure } from '../core/functional/structure.ts';
import type { NDArray } from '../core/ndarray.ts';
import { scope } from '../core/tensor/lifetime.ts';
import { Tensor } from '../core/tensor/tensor.ts';
import { runTraced, traceFunction, type TracedFunction } from '../core/trace/tracedFunction.ts';
import type { Variable } from '../core/variable.ts';
import { leavesOf, withLeaves, type Batch, type BatchArray } from './data/batch.ts';
import { forDevice } from './data/read.ts';

/** A batch as tensors: what `trainStep` gets. */
export type StepData = Batch<Tensor>;

/** What a step computes: tensors by log name, or outputs. */
export type StepBody = (data: StepData) => Structure<Tensor>;

interface Entry {
  readonly traced: TracedFunction;
  readonly program: Program;
}

const MAX_ENTRIES = 16;

/** Disposes the programs of steps that were forgotten. What it keeps must not lead back to the step. */
let forgotten: FinalizationRegistry<{ readonly engine: Engine; readonly programs: ReadonlySet<Program> }> | null = null;

/** The result of a step: handles, and how they are grouped. */
export interface StepResult {
  readonly handles: readonly Handle[];
  readonly pattern: Structure<unknown>;
}

export class CompiledStep {
  private readonly name: string;
  private readonly engine: Engine;
  private readonly body: StepBody;
  private readonly known: () => ReadonlySet<Variable>;
  private readonly eager: boolean;
  private readonly entries = new Map<string, Entry>();
  private readonly programs = new Set<Program>();
  private warned = false;

  /**
   * @param known the variables that the step may use: one that is missing is hidden from training and saving
   * @param eager run op by op instead of compiling
   */
  constructor(name: string, engine: Engine, body: StepBody, known: () => ReadonlySet<Variable>, eager = false) {
    this.name = name;
    this.engine = engine;
    this.body = body;
    this.known = known;
    this.eager = eager;
    forgotten ??= new FinalizationRegistry(({ engine: last, programs }) => programs.forEach((program) => last.disposeProgram(program)));
    forgotten.register(this, { engine, programs: this.programs });
  }

  /** Runs one batch; returns at once, before the device is done. */
  run(batch: Batch<BatchArray>): StepResult {
    const handles = leavesOf(batch).map((leaf) => (leaf instanceof Handle ? leaf : uploadArray(this.engine, leaf)));
    try {
      return withEngine(this.engine, () => (this.eager ? this.runEagerly(batch, handles) : this.runCompiled(batch, handles)));
    } finally {
      leavesOf(batch).forEach((leaf, i) => leaf instanceof Handle || this.engine.free(handles[i] as Handle));
    }
  }

  /** The newest program, or the newest for batches of a size: what `explain` shows. */
  find(batchSize?: number): Program | undefined {
    return [...this.programs].reverse().find(({ graph }) => batchSize === undefined || graph.inputs[0]?.type.shape[0] === batchSize);
  }

  /** What was traced, for each combination of types. */
  get traces(): TracedFunction[] {
    return [...this.entries.values()].map(({ traced }) => traced);
  }

  /** Traces and compiles for batches of these types, without running one. */
  compileFor(batch: Batch<unknown>, types: readonly TensorType[]): Program {
    return withEngine(this.engine, () => this.entryFor(batch, types)).program;
  }

  dispose(): void {
    for (const program of this.programs) this.engine.disposeProgram(program);
    this.programs.clear();
    this.entries.clear();
  }

  private runCompiled(batch: Batch<unknown>, given: readonly Handle[]): StepResult {
    const { program, traced } = this.entryFor(batch, given.map(({ type }) => type));
    return { handles: runTraced(this.engine, program, traced, given), pattern: traced.pattern };
  }

  private entryFor(batch: Batch<unknown>, types: readonly TensorType[]): Entry {
    const key = `${types.map(formatType).join('|')}|${batch.y === null}|${batch.sampleWeight === null}`;
    return this.entries.get(key) ?? this.trace(key, types, batch);
  }

  private trace(key: string, types: readonly TensorType[], batch: Batch<unknown>): Entry {
    const reads = new Set<Variable>();
    const traced = traceFunction(types, (tensors) => this.body(withLeaves(batch, tensors)) as Structure<Tensor>, { onRead: (variable) => reads.add(variable), freeze: true });
    const known = this.known();
    for (const variable of reads) {
      if (known.has(variable)) continue;
      throw new WeftError(
        'WEFT_E_STATE',
        `The model uses a variable that it does not know, '${variable.name}' ${formatType(variable)}, so that it would be neither trained nor saved. ` +
          'Keep layers and variables in ordinary properties (not #private fields), or call this.track(layer).',
      );
    }
    const entry = { traced, program: this.engine.compile(traced.graph, traced.options) };
    this.entries.set(key, entry);
    this.programs.add(entry.program);
    if (this.entries.size > MAX_ENTRIES) {
      const [oldest, dropped] = this.entries.entries().next().value as [string, Entry];
      this.entries.delete(oldest);
      this.programs.delete(dropped.program);
      this.engine.disposeProgram(dropped.program);
      if (!this.warned) {
        this.warned = true;
        console.warn(`Weft: ${this.name} was compiled for more than ${MAX_ENTRIES} shapes of batches (the last: ${types.map(formatType).join(', ')}). Pad the axis that varies, or group samples by length.`);
      }
    }
    return entry;
  }

  /** Op by op: to debug. Only the results outlive the step. */
  private runEagerly(batch: Batch<unknown>, given: readonly Handle[]): StepResult {
    return scope(() => {
      const tensors = given.map((handle) => Tensor.eager(this.engine, handle));
      const pattern = this.body(withLeaves(batch, tensors));
      // copies: the step may return what a variable or the input holds
      const handles = flatten(pattern).map((tensor) => copyHandle(this.engine, handleOf(tensor)));
      return { handles, pattern };
    });
  }
}

function uploadArray(engine: Engine, array: NDArray): Handle {
  const { data, dtype, shape } = forDevice(array);
  return engine.upload(data as TypedArray, { dtype: dtype as TensorType['dtype'], shape });
}
