/**
 * `Model`: layers with a training loop. Made from symbolic inputs and outputs (functional), or by extending it and writing `call`.
 */
import { WeftError, received } from '@weftjs/graph';
import { flatten, type Structure } from '../core/functional/structure.ts';
import { isSymbolic, type OpenShape, type SymbolicTensor } from '../core/symbolic.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { ByteSource } from '../data/readBytes.ts';
import { isLayer } from '../layers/base/children.ts';
import { LAYER_OPTIONS, classNameOf, type CallOptions, type Layer, type LayerOptions } from '../layers/base/layer.ts';
import { didYouMean } from '../names/index.ts';
import { checkOptions } from '../options/strict.ts';
import { stateOf } from '../training/state.ts';
import { functionalConfig } from './config.ts';
import type { ExplainOptions, ModelExplanation } from './explain.ts';
import type { FromConfigOptions } from './fromConfig.ts';
import { FunctionalGraph } from './functionalGraph.ts';
import { summaryOf, type SummarizeOptions } from './summary.ts';
import { Trainable } from './trainable.ts';

export interface FunctionalOptions extends LayerOptions {
  inputs: Structure<SymbolicTensor>;
  outputs: Structure<SymbolicTensor>;
}

type AnyLayer = Layer<never, never>;

export class Model<I = Structure<Tensor>, O = Tensor> extends Trainable<I, O> {
  static override readonly className: string = 'Functional';
  static override readonly kerasModule: string = 'keras.models';

  /** @internal the graph of a functional model */
  protected functional: FunctionalGraph | null = null;

  constructor(options: FunctionalOptions | LayerOptions = {}) {
    const functional = 'inputs' in options || 'outputs' in options;
    checkOptions('model', options, [...(functional ? ['inputs', 'outputs'] : []), ...LAYER_OPTIONS]);
    const { inputs, outputs, ...rest } = options as FunctionalOptions;
    super(rest);
    for (const key of ['functional', 'stopTraining']) Object.defineProperty(this, key, { enumerable: false });
    if (functional) this.setGraph(new FunctionalGraph(inputs, outputs));
  }

  /** @internal */
  protected setGraph(graph: FunctionalGraph): void {
    this.functional = graph;
    this.built = true;
  }

  // ── What it is ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The layers, in Keras's order. */
  get layers(): AnyLayer[] {
    return this.functional ? this.functional.layers : super.sublayers;
  }

  override get sublayers(): AnyLayer[] {
    return this.functional ? [...new Set([...this.functional.layers, ...super.sublayers])] : super.sublayers;
  }

  /** The symbolic inputs of a functional model. */
  get inputs(): Structure<SymbolicTensor> {
    return this.requireGraph('inputs').inputs;
  }

  /** The symbolic outputs of a functional model. */
  get outputs(): Structure<SymbolicTensor> {
    return this.requireGraph('outputs').outputs;
  }

  /** A layer by name, or by its place in `layers`. */
  getLayer(which: string | number): AnyLayer {
    const { layers } = this;
    const found = typeof which === 'number' ? layers.at(which) : layers.find(({ name }) => name === which);
    if (found) return found;
    const names = layers.map(({ name }) => name);
    throw new WeftError(
      'WEFT_E_NAME',
      `getLayer needs the name of a layer of '${this.name}', or its place (0 to ${names.length - 1}). Received: ${received(which)}.` +
        (typeof which === 'string' ? didYouMean(which, names) || ` It has: ${names.join(', ')}.` : ''),
    );
  }

  override call(inputs: I, _options: CallOptions): O {
    if (this.functional) return this.functional.run(inputs as Structure<Tensor>) as O;
    throw new WeftError('WEFT_E_STATE', `A model made by extending Model needs a method call(inputs, options). Received: '${this.name}' without one. Write it, or give inputs and outputs.`);
  }

  /** Makes the weights for inputs of a shape, with null for open extents: `model.build([null, 784])`. */
  override build(inputShape: Structure<OpenShape>): void {
    if (this.functional || this.built) return;
    this.built = true;
    this.computeOutputShape(inputShape);
  }

  /** Prints a table of the layers, as Keras does. */
  summary(options: SummarizeOptions = {}): void {
    summaryOf(this as unknown as Model, options);
  }

  /**
   * What the engine made of a step of this model: its kernels and what each computes, their code and extents, the work they do, the plan of
   * the memory, the graph before and after. A step that ran is shown as it ran; else it is compiled now, for batches of 32 or of `batchSize`. Printed,
   * an explanation is a table; its fields are data.
   *
   * @throws WeftError `WEFT_E_STATE` where the model does not tell the shape of its inputs and has not run yet, is not compiled, or runs eagerly.
   * @example
   * console.log(await model.explain({ step: 'predict', batchSize: 1, profile: true }));
   */
  async explain(options: ExplainOptions = {}): Promise<ModelExplanation> {
    const { explainModel } = await import('./explain.ts');
    return explainModel(this as unknown as Model, options);
  }

  // ── Saving ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * What the model is made of, as plain data: its layers and how they are joined, without weights. A class of one's own that
   * extends Model tells what its constructor takes, as layers do.
   *
   * @throws WeftError `WEFT_E_CONFIG` where a step is an op instead of a layer, or an option is a function.
   */
  override getConfig(): Record<string, unknown> {
    const { constructor, functional } = this;
    const base = super.getConfig();
    return functional && constructor === Model ? functionalConfig(base, functional) : base;
  }

  /**
   * Makes a model from what `getConfig` gave, with new weights. Its layer classes are given by name; `modelFromConfig` of
   * `weftjs/saving/config` knows all built-in ones.
   *
   * @throws WeftError `WEFT_E_NAME` for an unknown class, `WEFT_E_CONFIG` for anything but such a configuration.
   * @example
   * const copy = await Model.fromConfig(model.getConfig(), { customObjects: { Dense, MyLayer } });
   */
  static override fromConfig<M extends Pick<Model, 'layers'>>(
    this: new (options: never) => M,
    config: Record<string, unknown>,
    options?: FromConfigOptions,
  ): Promise<Model<unknown, unknown> extends M ? Model : M>;
  // never chosen: says that the class of models extends that of layers, whose fromConfig answers at once
  static override fromConfig<L>(this: new (options: never) => L, config: Record<string, unknown>): L;
  static override async fromConfig(config: Record<string, unknown>, options?: FromConfigOptions): Promise<unknown> {
    const { modelFromConfig } = await import('./fromConfig.ts');
    return modelFromConfig(this, config, options);
  }

  /**
   * Writes the weights to a safetensors file.
   *
   * @example
   * await model.saveWeights('digits.safetensors');
   */
  async saveWeights(path: string): Promise<void> {
    const { saveWeightsTo } = await import('../saving/weights.ts');
    await saveWeightsTo(this as unknown as AnyLayer, path);
  }

  /** The weights as the bytes of a safetensors file. */
  async encodeWeights(): Promise<Uint8Array> {
    const { encodeWeights } = await import('../saving/weights.ts');
    return encodeWeights(this as unknown as AnyLayer);
  }

  /** Reads weights from a safetensors file: its path, URL, File or bytes. */
  async loadWeights(source: ByteSource): Promise<void> {
    const { loadWeightsFrom } = await import('../saving/weights.ts');
    await loadWeightsFrom(this as unknown as AnyLayer, source);
  }

  override toString(): string {
    return `${classNameOf(this.constructor as typeof Model)}(${this.name}, ${this.built ? `${this.countParams()} parameters` : 'not built'})`;
  }

  /** Names of the outputs, for losses and logs. */
  protected outputNames(count: number): readonly string[] {
    if (this.functional) {
      const { outputs } = this.functional;
      const symbols = flatten(outputs);
      const keyed = typeof outputs === 'object' && !Array.isArray(outputs) && !isSymbolic(outputs);
      return keyed ? Object.keys(outputs) : symbols.map(({ node, name }) => (node && isLayer(node.operation) ? node.operation.name : name));
    }
    return stateOf(this).outputNames ?? Array.from({ length: count }, (_, i) => `output_${i + 1}`);
  }

  protected outputClasses(): (number | null)[] {
    return this.functional ? flatten(this.functional.outputs).map(({ shape }) => shape.at(-1) ?? null) : [];
  }

  private requireGraph(what: string): FunctionalGraph {
    if (this.functional) return this.functional;
    throw new WeftError('WEFT_E_STATE', `\`${what}\` exists on functional models and built Sequential ones. Received: '${this.name}'. Give the first layer an input shape.`);
  }
}
