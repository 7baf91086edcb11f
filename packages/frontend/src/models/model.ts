/**
 * `Model`: layers with a training loop. Made from symbolic inputs and outputs (functional), or by extending it and writing `call`.
 */
import { WeftError, received } from '@weftjs/graph';
import { defaultEngine } from '../config/configure.ts';
import { engineFor, type BackendChoice } from '../config/engines.ts';
import type { Engine } from '../core/engine/engine.ts';
import { flatten, mapStructure, type Structure } from '../core/functional/structure.ts';
import { GradientTape } from '../core/gradient/tape.ts';
import { NDArray } from '../core/ndarray.ts';
import { SeedGenerator } from '../core/random.ts';
import { isSymbolic, type OpenShape, type SymbolicTensor } from '../core/symbolic.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { Variable } from '../core/variable.ts';
import type { History } from '../callbacks/history.ts';
import { isLayer } from '../layers/base/children.ts';
import { LAYER_OPTIONS, Layer, classNameOf, type CallOptions, type LayerOptions } from '../layers/base/layer.ts';
import type { Metric } from '../metrics/metric.ts';
import { didYouMean } from '../names/index.ts';
import { checkOptions } from '../options/strict.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { checkLabels } from '../training/checkLabels.ts';
import { sumOf } from '../training/compiledLoss.ts';
import { compileFrom, type CompileOptions, type Compiled } from '../training/compileOptions.ts';
import { combineWeights, weightsOfClasses } from '../training/data/arraySource.ts';
import type { Batch, ClassWeight } from '../training/data/batch.ts';
import { readData, sampleCount, type Data } from '../training/data/read.ts';
import {
  checkEvaluateOptions, checkFitOptions, checkPredictOptions, requireNotOptions, type EvaluateOptions, type FitOptions, type PredictOptions,
} from '../training/fitOptions.ts';
import { guardedPromise } from '../training/guardedPromise.ts';
import { DeviceLogs, type Logs } from '../training/logs.ts';
import type { ByteSource } from '../data/readBytes.ts';
import { perOutput } from '../training/outputs.ts';
import { CompiledStep, type StepData } from '../training/step.ts';
import { readAll, runEvaluate, runFit, runPredict } from '../training/trainer.ts';
import { FunctionalGraph } from './functionalGraph.ts';
import { summaryOf, type SummarizeOptions } from './summary.ts';

export interface FunctionalOptions extends LayerOptions {
  inputs: Structure<SymbolicTensor>;
  outputs: Structure<SymbolicTensor>;
}

type AnyLayer = Layer<never, never>;

/** What training keeps of a model, apart from its configuration. */
interface TrainingState {
  compiled: Compiled | null;
  steps: { train: CompiledStep; test: CompiledStep; predict: CompiledStep } | null;
  engine: Engine | null;
  busy: string | null;
  seeds: SeedGenerator | null;
  outputNames: readonly string[] | null;
}

const states = /* @__PURE__ */ new WeakMap<Model, TrainingState>();

export class Model<I = Structure<Tensor>, O = Tensor> extends Layer<I, O> {
  static override readonly className: string = 'Functional';
  static override readonly kerasModule: string = 'keras.models';

  /** Set it to true in a callback to stop after this batch. */
  stopTraining = false;
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

  override call(inputs: never, _options: CallOptions): never {
    if (this.functional) return this.functional.run(inputs as Structure<Tensor>) as never;
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

  // ── Compiling ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Says how to train: optimizer, loss, metrics, engine.
   *
   * @example
   * model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
   */
  compile(options: CompileOptions = {}): void {
    const compiled = compileFrom(options);
    const engine = options.backend === undefined ? this.state.engine : engineFor(options.backend);
    this.dropSteps();
    this.state.compiled = compiled;
    this.state.engine = engine;
  }

  get optimizer(): Optimizer {
    return this.requireCompiled('optimizer').optimizer;
  }

  /** The metrics, once known: the loss first. */
  get metrics(): Metric[] {
    const { compiled } = this.state;
    return compiled ? [compiled.lossTracker, ...compiled.loss.metrics, ...compiled.metrics.metrics] : [];
  }

  /** Forgets what the metrics have seen. */
  resetMetrics(): void {
    for (const metric of this.metrics) metric.resetState();
  }

  /** Moves the model to another engine. */
  async to(backend: BackendChoice): Promise<this> {
    const engine = engineFor(backend);
    await engine.start();
    await this.moveTo(engine);
    this.dropSteps();
    this.state.engine = engine;
    return this;
  }

  /**
   * Frees what the model holds on the device: weights, the state of training, programs. It must not be used afterwards. Nobody has to call it:
   * a model that nothing refers to is freed when JavaScript collects it.
   */
  dispose(): void {
    if (this.state.busy) throw new WeftError('WEFT_E_BUSY', `A model must not be disposed while it works. Received: dispose() while ${this.state.busy} runs. Await it first.`);
    this.dropSteps();
    for (const variable of new Set([...this.weights, ...this.stateVariables()])) variable.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  // ── Training ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Trains on arrays, or on a data set that yields batches.
   *
   * @example
   * const history = await model.fit(x, y, { epochs: 5, validationSplit: 0.1 });
   */
  fit(x: Data | Iterable<unknown> | AsyncIterable<unknown> | (() => Iterable<unknown> | AsyncIterable<unknown>), y?: Data | FitOptions | null, options?: FitOptions): Promise<History> {
    const run = async (): Promise<History> => {
      const [targets, given] = this.readArguments('fit', x, y, options);
      checkFitOptions(given);
      this.requireCompiled('fit');
      return this.exclusively('fit', () => runFit(this as unknown as Model, x, targets, given));
    };
    return guardedPromise(run(), 'model.fit(…)', ['history', 'epoch']);
  }

  /**
   * The loss and metrics on data.
   *
   * @example
   * const { loss, accuracy } = await model.evaluate(test.x, test.y);
   */
  evaluate(x: Data | Iterable<unknown> | AsyncIterable<unknown>, y?: Data | EvaluateOptions | null, options?: EvaluateOptions): Promise<Logs> {
    const run = async (): Promise<Logs> => {
      const [targets, given] = this.readArguments('evaluate', x, y, options);
      checkEvaluateOptions(given);
      this.requireCompiled('evaluate');
      return this.exclusively('evaluate', () => runEvaluate(this as unknown as Model, x, targets, given));
    };
    return guardedPromise(run(), 'model.evaluate(…)', ['loss', 'accuracy']);
  }

  /**
   * The outputs for all samples.
   *
   * @example
   * const probabilities = await model.predict([[5.1, 3.5, 1.4, 0.2]]);
   */
  predict(x: Data | Iterable<unknown> | AsyncIterable<unknown>, options: PredictOptions = {}): Promise<NDArray> {
    const run = async (): Promise<NDArray> => {
      checkPredictOptions(options);
      return this.exclusively('predict', () => runPredict(this as unknown as Model, x, options)) as Promise<NDArray>;
    };
    return guardedPromise(run(), 'model.predict(…)', ['shape', 'data', 'argmax', 'at', 'toArray']);
  }

  /** One step of training. */
  async trainOnBatch(x: Data, y?: Data | null, options: { sampleWeight?: Data; classWeight?: ClassWeight } = {}): Promise<Logs> {
    checkOptions('trainOnBatch', options, ['sampleWeight', 'classWeight']);
    return this.onBatch('trainOnBatch', x, y, options, 'train');
  }

  /** The loss and metrics on one batch. */
  async testOnBatch(x: Data, y?: Data | null, options: { sampleWeight?: Data } = {}): Promise<Logs> {
    checkOptions('testOnBatch', options, ['sampleWeight']);
    return this.onBatch('testOnBatch', x, y, options, 'test');
  }

  /** The outputs for one batch. */
  async predictOnBatch(x: Data): Promise<NDArray> {
    const batch = await this.readBatch(x, null, null);
    await this.prepare();
    const { handles, pattern } = this.steps.predict.run(batch);
    const arrays = await readAll(this.engine, handles);
    let next = 0;
    return mapStructure(pattern, () => arrays[next++] as NDArray) as NDArray;
  }

  /**
   * What one training step computes. Override it for a training loop of your own: it is traced, and its results are the logs.
   *
   * @example
   * trainStep({ x, y }) {
   *   const tape = new GradientTape();
   *   const loss = tape.run(() => this.computeLoss({ y, yPred: this(x, { training: true }) }));
   *   this.optimizer.apply(tape.gradient(loss, this.trainableWeights), this.trainableWeights);
   *   return { loss };
   * }
   */
  trainStep({ x, y, sampleWeight }: StepData): Record<string, Tensor> {
    const tape = new GradientTape();
    const weights = this.trainableWeights;
    let yPred!: Structure<Tensor>;
    const loss = tape.run(() => {
      yPred = this.apply(x as never, { training: true }) as Structure<Tensor>;
      return this.computeLoss({ x, y, yPred, sampleWeight });
    });
    const trained = weights.length > 0 ? weights : this.trainableWeights;
    this.optimizer.apply(tape.gradient(loss, trained), trained);
    tape.dispose();
    return this.computeMetrics({ y, yPred, sampleWeight, loss });
  }

  /** What one step of evaluation computes. */
  testStep({ x, y, sampleWeight }: StepData): Record<string, Tensor> {
    const yPred = this.apply(x as never, { training: false }) as Structure<Tensor>;
    const loss = this.computeLoss({ x, y, yPred, sampleWeight });
    return this.computeMetrics({ y, yPred, sampleWeight, loss });
  }

  /** What one step of prediction computes. */
  predictStep({ x }: StepData): Structure<Tensor> {
    return this.apply(x as never, { training: false }) as Structure<Tensor>;
  }

  /** The compiled loss plus the losses that layers added. */
  computeLoss({ y, yPred, sampleWeight }: { x?: unknown; y: Structure<Tensor> | null; yPred: Structure<Tensor>; sampleWeight?: Structure<Tensor> | null }): Tensor {
    const { loss } = this.requireCompiled('computeLoss');
    const [targets, predictions, weights] = this.lineUp(y, yPred, sampleWeight ?? null);
    const own = loss.compute(this.outputNames(predictions.length), targets, predictions, weights);
    const total = sumOf([...(own ? [own] : []), ...this.losses]);
    if (total) return total;
    throw new WeftError('WEFT_E_STATE', `Training '${this.name}' needs a loss. Received: none. Write compile({ loss: … }), or add one in a layer with addLoss.`);
  }

  /** Updates the metrics with a batch and gives their results by log name. */
  computeMetrics({ y, yPred, sampleWeight, loss }: { y: Structure<Tensor> | null; yPred: Structure<Tensor>; sampleWeight?: Structure<Tensor> | null; loss: Tensor }): Record<string, Tensor> {
    const { lossTracker, metrics, loss: compiledLoss } = this.requireCompiled('computeMetrics');
    const [targets, predictions, weights] = this.lineUp(y, yPred, sampleWeight ?? null);
    lossTracker.updateState(loss, (predictions[0] as Tensor).shape[0] ?? 1);
    metrics.update(this.outputNames(predictions.length), targets, predictions, weights);
    return {
      loss: lossTracker.result(),
      ...Object.fromEntries(compiledLoss.metrics.map((metric) => [metric.name, metric.result()])),
      ...metrics.results(),
    };
  }

  // ── Saving ────────────────────────────────────────────────────────────────────────────────────────────────────────

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

  // ── For the loops ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal the engine that it runs on */
  get engine(): Engine {
    return this.state.engine ?? defaultEngine();
  }

  /** @internal starts the engine and moves the weights there */
  async prepare(): Promise<void> {
    await this.engine.start();
    await this.moveTo(this.engine);
  }

  /** @internal checks labels against the outputs */
  checkTargets(y: Structure<NDArray> | null): void {
    const { compiled } = this.state;
    if (!compiled) return;
    const symbols = this.functional ? flatten(this.functional.outputs) : [];
    const names = this.outputNames(Math.max(1, symbols.length));
    const losses = compiled.loss.perOutput(names);
    checkLabels(y, names.map((name, i) => ({ name, loss: losses[i] ?? null, classes: symbols[i]?.shape.at(-1) ?? null })));
  }

  /** @internal */
  get steps(): NonNullable<TrainingState['steps']> {
    return (this.state.steps ??= this.makeSteps());
  }

  /** @internal a seed for the shuffles of one fit */
  nextShuffleSeed(): number {
    this.state.seeds ??= new SeedGenerator();
    return this.state.seeds.nextKey()[0];
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `${classNameOf(this.constructor as typeof Model)}(${this.name}, ${this.built ? `${this.countParams()} parameters` : 'not built'})`;
  }

  private get state(): TrainingState {
    let state = states.get(this as unknown as Model);
    if (!state) {
      state = { compiled: null, steps: null, engine: null, busy: null, seeds: null, outputNames: null };
      states.set(this as unknown as Model, state);
    }
    return state;
  }

  private makeSteps(): NonNullable<TrainingState['steps']> {
    const { engine } = this;
    const eager = this.state.compiled?.runEagerly ?? false;
    const known = (): ReadonlySet<Variable> => new Set([...this.weights, ...this.stateVariables()]);
    return {
      train: new CompiledStep('fit', engine, (data) => this.trainStep(data), known, eager),
      test: new CompiledStep('evaluate', engine, (data) => this.testStep(data), known, eager),
      predict: new CompiledStep('predict', engine, (data) => this.predictStep(data), known, eager),
    };
  }

  /** Variables besides the weights: what layers carry on, optimizer slots and metric state, and those of metrics that the model holds as properties. */
  private stateVariables(): Variable[] {
    const held = Object.values(this).flatMap((value) => (typeof value === 'object' && value !== null && 'updateState' in value ? (value as Metric).variables : []));
    return [...this.carriedState, ...(this.state.compiled?.optimizer.variables ?? []), ...this.metrics.flatMap(({ variables }) => variables), ...held];
  }

  private async moveTo(engine: Engine): Promise<void> {
    for (const variable of [...this.weights, ...this.stateVariables()]) await variable.moveTo(engine);
  }

  private dropSteps(): void {
    const { steps } = this.state;
    this.state.steps = null;
    for (const step of steps ? Object.values(steps) : []) step.dispose();
  }

  private requireCompiled(what: string): Compiled {
    const { compiled } = this.state;
    if (compiled) return compiled;
    throw new WeftError('WEFT_E_STATE', `${what} needs a compiled model. Received: '${this.name}', not compiled. Call model.compile({ optimizer, loss }) first.`);
  }

  private requireGraph(what: string): FunctionalGraph {
    if (this.functional) return this.functional;
    throw new WeftError('WEFT_E_STATE', `\`${what}\` exists on functional models and built Sequential ones. Received: '${this.name}'. Give the first layer an input shape.`);
  }

  /** Options may stand in the place of y when the first argument is a data set. */
  private readArguments<O extends object>(method: string, x: unknown, y: unknown, options: O | undefined): [y: unknown, options: O] {
    if (options === undefined && y !== null && typeof y === 'object' && Object.getPrototypeOf(y) === Object.prototype && isDataSet(x)) return [undefined, y as O];
    requireNotOptions(method, y);
    return [y, options ?? ({} as O)];
  }

  private async exclusively<T>(what: string, run: () => Promise<T>): Promise<T> {
    const { state } = this;
    if (state.busy) {
      throw new WeftError('WEFT_E_BUSY', `A model does one thing at a time. Received: ${what} while ${state.busy} runs. Did you forget \`await\` before model.${state.busy}(…)?`);
    }
    state.busy = what;
    try {
      return await run();
    } finally {
      state.busy = null;
    }
  }

  private async readBatch(x: unknown, y: unknown, sampleWeight: unknown): Promise<Batch> {
    const batch = {
      x: await readData('x', x),
      y: y === undefined || y === null ? null : await readData('y', y),
      sampleWeight: sampleWeight === undefined || sampleWeight === null ? null : await readData('sampleWeight', sampleWeight),
    };
    return { ...batch, size: sampleCount([['x', batch.x], ['y', batch.y], ['sampleWeight', batch.sampleWeight]]) };
  }

  private async onBatch(what: string, x: unknown, y: unknown, options: { sampleWeight?: Data; classWeight?: ClassWeight }, kind: 'train' | 'test'): Promise<Logs> {
    requireNotOptions(what, y);
    this.requireCompiled(what);
    return this.exclusively(what, async () => {
      const given = await this.readBatch(x, y, options.sampleWeight);
      this.checkTargets(given.y);
      const { classWeight } = options;
      const batch = classWeight ? { ...given, sampleWeight: combineWeights(given.sampleWeight, weightsOfClasses(given.y, classWeight)) } : given;
      await this.prepare();
      this.resetMetrics();
      const logs = new DeviceLogs(this.engine);
      logs.replace(this.steps[kind].run(batch));
      const values = await logs.read();
      logs.free();
      return values;
    });
  }

  /** Names of the outputs, for losses and logs. */
  private outputNames(count: number): readonly string[] {
    if (this.functional) {
      const { outputs } = this.functional;
      const symbols = flatten(outputs);
      const keyed = typeof outputs === 'object' && !Array.isArray(outputs) && !isSymbolic(outputs);
      return keyed ? Object.keys(outputs) : symbols.map(({ node, name }) => (node && isLayer(node.operation) ? node.operation.name : name));
    }
    return this.state.outputNames ?? Array.from({ length: count }, (_, i) => `output_${i + 1}`);
  }

  /** Targets, predictions and weights, one each for every output. */
  private lineUp(y: Structure<Tensor> | null, yPred: Structure<Tensor>, sampleWeight: Structure<Tensor> | null): [(Tensor | null)[], Tensor[], (Tensor | null)[]] {
    const predictions = flatten(yPred);
    if (!Array.isArray(yPred) && predictions.length > 1 && !this.functional) this.state.outputNames = Object.keys(yPred as object);
    const names = this.outputNames(predictions.length);
    return [perOutput<Tensor>('targets', y, names, 'first'), predictions, perOutput<Tensor>('sampleWeight', sampleWeight, names, 'each')];
  }
}

/** Something that yields batches rather than being data. */
function isDataSet(x: unknown): boolean {
  return typeof x === 'function' || (typeof x === 'object' && x !== null && !Array.isArray(x) && !(x instanceof NDArray) && !ArrayBuffer.isView(x) && (Symbol.iterator in x || Symbol.asyncIterator in x));
}
