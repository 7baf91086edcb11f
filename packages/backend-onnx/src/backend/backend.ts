/** The backend: uploads, compiles and reads in call order, on one ONNX Runtime. */
import { WeftError, expandComposites, formatType, isHostArray, normalize, received, sameType, sizeOf } from '@weftjs/graph';
import type { Backend, Buffer, CompileOptions, DeviceInfo, Executable, Graph, MemoryInfo, TensorType, TypedArray } from '@weftjs/graph';
import { lowerGraph } from '../lower/lowerGraph.ts';
import { Program } from '../session/program.ts';
import type { Runtime } from '../session/runtime.ts';
import { OnnxBuffer, requireData, requireLive, tensorIn } from './buffers.ts';
import { OnnxExecutable, type Workplace } from './executable.ts';
import { explain } from './explain.ts';
import { Ledger } from './ledger.ts';
import { SerialQueue } from './queue.ts';

export class OnnxBackend implements Backend {
  readonly name = 'onnx';
  readonly device: DeviceInfo;
  readonly composites: ReadonlySet<string> = new Set();
  readonly #work: Workplace;
  #ending: Promise<void> | null = null;

  constructor(runtime: Runtime) {
    this.#work = { owner: this, runtime, queue: new SerialQueue(), ledger: new Ledger(), programs: new Set() };
    this.device = {
      target: runtime.target,
      description: runtime.description,
      dtypes: ['float32', 'float16', 'int32', 'uint32', 'bool'],
      inputsResident: false,
      limits: { maxModelBytes: 2 ** 31 - 1 },
    };
  }

  async compile(graph: Graph, options: CompileOptions = {}): Promise<Executable> {
    this.#requireOpen('compile');
    requireOptions(graph, options);
    const optimized = normalize(expandComposites(graph, this.composites));
    const lowered = lowerGraph(optimized, { serial: this.#work.runtime.threads === 1 });
    const program = new Program(this.#work.runtime, lowered.model, (options.frozen?.length ?? 0) > 0);
    const { target } = this.device;
    if (lowered.model.graph.outputs.length > 0) await this.#work.queue.add(() => program.prepare());
    return new OnnxExecutable(this.#work, {
      graph,
      lowered,
      program,
      options,
      explain: () => explain(target, graph, optimized, lowered.model),
    });
  }

  upload(data: TypedArray, type: TensorType): Buffer {
    this.#requireOpen('upload');
    requireData(data, type, isHostArray(data, type.dtype) && data.length === sizeOf(type.shape));
    const buffer = this.#work.ledger.opened(new OnnxBuffer(type, this));
    buffer.slot.tensor = this.#work.runtime.tensor(data.slice(), type);
    return buffer;
  }

  read(buffer: Buffer): Promise<TypedArray> {
    this.#requireOpen('read');
    const { slot } = requireLive(buffer, this, 'read');
    return this.#work.queue.add(() => tensorIn(slot).data.slice());
  }

  free(buffer: Buffer): void {
    if (this.#ending) return;
    this.#work.ledger.closed(requireLive(buffer, this, 'free'), 'freed');
  }

  sync(): Promise<void> {
    return this.#work.queue.add(() => this.#work.ledger.reportFirst());
  }

  memory(): MemoryInfo {
    return this.#work.ledger.memory();
  }

  dispose(): Promise<void> {
    this.#ending ??= this.#work.queue.add(async () => {
      this.#work.ledger.closeAll();
      for (const program of this.#work.programs) await program.release();
      this.#work.programs.clear();
    });
    return this.#ending;
  }

  #requireOpen(use: string): void {
    if (this.#ending) throw new WeftError('WEFT_E_STATE', `${use} needs a live backend. Received: one that was disposed. Create another.`);
  }
}

/** Checks that the options name inputs and outputs that exist, each input for one purpose. */
function requireOptions(graph: Graph, { donate = [], host = [], frozen = [] }: CompileOptions): void {
  const purposes = [...donate.map(({ input }) => input), ...host, ...frozen];
  for (const index of purposes) {
    if (!Number.isInteger(index) || index < 0 || index >= graph.inputs.length) {
      throw new WeftError('WEFT_E_ARGUMENT', `compile options must name inputs below ${graph.inputs.length}. Received: ${received(index)}.`);
    }
  }
  if (new Set(purposes).size !== purposes.length) {
    throw new WeftError('WEFT_E_ARGUMENT', `An input may be donated, host or frozen, once. Received: ${received(purposes)}.`);
  }
  const outputs = new Set<number>();
  for (const { input, output } of donate) {
    const [from, to] = [graph.inputs[input]?.type, graph.outputs[output]?.type];
    if (!from || !to || !sameType(from, to) || outputs.has(output)) {
      const text = `${from ? formatType(from) : 'nothing'} for ${to ? formatType(to) : 'nothing'}`;
      throw new WeftError('WEFT_E_ARGUMENT', `A donated input needs an output of its type, its own. Received: ${text}.`);
    }
    outputs.add(output);
  }
}
