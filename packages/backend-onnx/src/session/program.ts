/**
 * A model and its session. Frozen inputs become initializers of the model when their tensors are first seen, so that the engine can fold
 * and prepack them; should others come later, all frozen inputs turn into ordinary feeds, once.
 */
import { encodeModel } from '../encode/encodeModel.ts';
import type { OnnxModel, OnnxTensor } from '../encode/schema.ts';
import { engineError } from './failures.ts';
import type { OrtSession, OrtTensor, Runtime } from './runtime.ts';

export type Tensors = ReadonlyMap<string, OrtTensor>;

/** Beyond this many bytes the protobuf form is too large, and frozen inputs stay feeds. */
const MAX_INITIALIZER_BYTES = 1e9;

export class Program {
  readonly #runtime: Runtime;
  readonly #model: OnnxModel;
  #session: OrtSession | null = null;
  /** The frozen tensors inside of the session. */
  #inside: Tensors = new Map();
  #mayFreeze: boolean;

  constructor(runtime: Runtime, model: OnnxModel, frozen: boolean) {
    this.#runtime = runtime;
    this.#model = model;
    this.#mayFreeze = frozen;
  }

  /** Makes the session, for a program without frozen inputs. */
  async prepare(): Promise<void> {
    if (!this.#mayFreeze) await this.#open(new Map());
  }

  async run(feeds: Tensors, frozen: Tensors): Promise<Readonly<Record<string, OrtTensor>>> {
    const session = await this.#sessionFor(frozen);
    const outer = [...feeds, ...frozen].filter(([name]) => !this.#inside.has(name));
    try {
      return await session.run(Object.fromEntries(outer));
    } catch (error) {
      throw engineError('Running a graph', error);
    }
  }

  async #sessionFor(frozen: Tensors): Promise<OrtSession> {
    const fits = this.#session !== null && [...this.#inside].every(([name, tensor]) => frozen.get(name) === tensor);
    if (fits) return this.#session as OrtSession;
    if (this.#session) this.#mayFreeze = false;
    const bytes = [...frozen.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    return this.#open(this.#mayFreeze && bytes <= MAX_INITIALIZER_BYTES ? frozen : new Map());
  }

  async #open(inside: Tensors): Promise<OrtSession> {
    await this.release();
    try {
      this.#session = await this.#runtime.createSession(encodeModel(withInitializers(this.#model, inside)));
    } catch (error) {
      throw engineError('Compiling a graph', error);
    }
    this.#inside = inside;
    return this.#session;
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#inside = new Map();
    await session?.release();
  }
}

/** The model with some of its inputs turned into constants. */
function withInitializers(model: OnnxModel, tensors: Tensors): OnnxModel {
  const { graph } = model;
  const constants = graph.inputs.flatMap((input): OnnxTensor[] => {
    const data = tensors.get(input.name)?.data;
    return data ? [{ ...input, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }] : [];
  });
  const inputs = graph.inputs.filter(({ name }) => !tensors.has(name));
  return { graph: { ...graph, inputs, initializers: [...graph.initializers, ...constants] } };
}
