/**
 * A layer that can be trained: compile, `fit`, `evaluate`, `predict`, and the steps that a person may override. What the layers are is the
 * business of {@link Model}, which extends it.
 */
import { WeftError } from '@weftjs/graph';
import { defaultEngine } from '../config/configure.ts';
import { engineFor, type BackendChoice } from '../config/engines.ts';
import type { Engine } from '../core/engine/engine.ts';
import { flatten, mapStructure, type Structure } from '../core/functional/structure.ts';
import { GradientTape } from '../core/gradient/tape.ts';
import type { NDArray } from '../core/ndarray.ts';
import { SeedGenerator } from '../core/random.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { countMoves, type Variable } from '../core/variable.ts';
import type { History } from '../callbacks/history.ts';
import { Layer } from '../layers/base/layer.ts';
import type { Metric } from '../metrics/metric.ts';
import { checkOptions } from '../options/strict.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { readArguments, readArrays } from '../training/arguments.ts';
import { checkLabels } from '../training/checkLabels.ts';
import { sumOf } from '../training/compiledLoss.ts';
import { compileFrom, loadCompiled, type CompileOptions, type Compiled } from '../training/compileOptions.ts';
import type { Data } from '../training/data/read.ts';
import {
  checkEvaluateOptions, checkPredictOptions, requireNotOptions, type EvaluateOptions, type FitOptions, type PredictOptions,
} from '../training/fitOptions.ts';
import { guardedPromise } from '../training/guardedPromise.ts';
import type { Logs } from '../training/logs.ts';
import { notLoaded } from '../training/notLoaded.ts';
import type { BatchOptions } from '../training/onBatch.ts';
import { perOutput } from '../training/outputs.ts';
import { exclusively, stateOf, type Steps, type TrainingState } from '../training/state.ts';
import { CompiledStep, type StepData } from '../training/step.ts';
import { readAll, runEvaluate, runFit, runPredict } from '../training/trainer.ts';
import type { Model } from './model.ts';

/** What yields batches, or makes something that does. */
type DataSet = Iterable<unknown> | AsyncIterable<unknown>;

export abstract class Trainable<I, O> extends Layer<I, O> {
  /** Set it to true in a callback to stop after this batch. */
  stopTraining = false;

  /** Names of the outputs, for losses and logs. */
  protected abstract outputNames(count: number): readonly string[];

  /** How many classes each output tells apart, where that is known. */
  protected abstract outputClasses(): readonly (number | null)[];

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
    const { optimizer } = this.requireCompiled('optimizer');
    if (typeof optimizer === 'string') throw notLoaded('optimizer', optimizer);
    return optimizer;
  }

  /** @internal what the optimizer keeps for the weights; nothing before it is loaded */
  get optimizerVariables(): Variable[] {
    const optimizer = this.state.compiled?.optimizer;
    return typeof optimizer === 'object' ? optimizer.variables : [];
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
    this.state.snapshots?.revive();
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
    for (const variable of this.allVariables) variable.dispose();
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
  fit(x: Data | DataSet | (() => DataSet), y?: Data | FitOptions | null, options?: FitOptions): Promise<History> {
    const run = async (): Promise<History> => {
      const [targets, given] = readArguments('fit', x, y, options);
      this.requireCompiled('fit');
      return exclusively(this.state, 'fit', () => runFit(this as unknown as Model, x, targets, given));
    };
    return guardedPromise(run(), 'model.fit(…)', ['history', 'epoch']);
  }

  /**
   * The loss and metrics on data.
   *
   * @example
   * const { loss, accuracy } = await model.evaluate(test.x, test.y);
   */
  evaluate(x: Data | DataSet, y?: Data | EvaluateOptions | null, options?: EvaluateOptions): Promise<Logs> {
    const run = async (): Promise<Logs> => {
      const [targets, given] = readArguments('evaluate', x, y, options);
      checkEvaluateOptions(given);
      this.requireCompiled('evaluate');
      return exclusively(this.state, 'evaluate', () => runEvaluate(this as unknown as Model, x, targets, given));
    };
    return guardedPromise(run(), 'model.evaluate(…)', ['loss', 'accuracy']);
  }

  /**
   * The outputs for all samples.
   *
   * @example
   * const probabilities = await model.predict([[5.1, 3.5, 1.4, 0.2]]);
   */
  predict(x: Data | DataSet, options: PredictOptions = {}): Promise<NDArray> {
    const run = async (): Promise<NDArray> => {
      checkPredictOptions(options);
      return exclusively(this.state, 'predict', () => runPredict(this as unknown as Model, x, options)) as Promise<NDArray>;
    };
    return guardedPromise(run(), 'model.predict(…)', ['shape', 'data', 'argmax', 'at', 'toArray']);
  }

  /** One step of training. */
  async trainOnBatch(x: Data, y?: Data | null, options: BatchOptions = {}): Promise<Logs> {
    checkOptions('trainOnBatch', options, ['sampleWeight', 'classWeight']);
    return this.onBatch('trainOnBatch', x, y, options, 'train');
  }

  /** The loss and metrics on one batch. */
  async testOnBatch(x: Data, y?: Data | null, options: Pick<BatchOptions, 'sampleWeight'> = {}): Promise<Logs> {
    checkOptions('testOnBatch', options, ['sampleWeight']);
    return this.onBatch('testOnBatch', x, y, options, 'test');
  }

  /** The outputs for one batch. */
  async predictOnBatch(x: Data): Promise<NDArray> {
    const batch = await readArrays(x, null, null);
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
    let loss!: Tensor;
    const scaled = tape.run(() => {
      yPred = this.apply(x as never, { training: true }) as Structure<Tensor>;
      loss = this.computeLoss({ x, y, yPred, sampleWeight });
      return this.optimizer.scaleLoss(loss);
    });
    const trained = weights.length > 0 ? weights : this.trainableWeights;
    this.optimizer.apply(tape.gradient(scaled, trained), trained);
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

  // ── For the loops ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** @internal the engine that it runs on */
  get engine(): Engine {
    return this.state.engine ?? defaultEngine();
  }

  /** @internal loads what is needed, starts the engine, and moves the weights there */
  async prepare(): Promise<void> {
    const { engine, state } = this;
    await Promise.all([engine.start(), state.compiled && loadCompiled(state.compiled)]);
    state.snapshots?.revive();
    if (state.settled?.engine === engine && state.settled.moves === countMoves()) return;
    await this.moveTo(engine);
    state.settled = { engine, moves: countMoves() };
  }

  /** @internal checks labels against the outputs */
  checkTargets(y: Structure<NDArray> | null): void {
    const { compiled } = this.state;
    if (!compiled) return;
    const classes = this.outputClasses();
    const names = this.outputNames(Math.max(1, classes.length));
    const losses = compiled.loss.perOutput(names);
    checkLabels(y, names.map((name, i) => ({ name, loss: losses[i] ?? null, classes: classes[i] ?? null })));
  }

  /** @internal */
  get steps(): Steps {
    return (this.state.steps ??= this.makeSteps());
  }

  /** @internal a seed for the shuffles of one fit */
  nextShuffleSeed(): number {
    this.state.seeds ??= new SeedGenerator();
    return this.state.seeds.nextKey()[0];
  }

  private makeSteps(): Steps {
    const { engine } = this;
    const eager = this.state.compiled?.runEagerly ?? false;
    const known = (): ReadonlySet<Variable> => this.allVariables;
    return {
      train: new CompiledStep('fit', engine, (data) => this.trainStep(data), known, eager),
      test: new CompiledStep('evaluate', engine, (data) => this.testStep(data), known, eager),
      predict: new CompiledStep('predict', engine, (data) => this.predictStep(data), known, eager),
    };
  }

  /** @internal the weights, what layers carry on, optimizer slots and metric state, also of metrics that the model holds as properties */
  get allVariables(): Set<Variable> {
    const held = Object.values(this).flatMap((value) => (typeof value === 'object' && value !== null && 'updateState' in value ? (value as Metric).variables : []));
    return new Set([...this.weights, ...this.carriedState, ...this.optimizerVariables, ...this.metrics.flatMap(({ variables }) => variables), ...held]);
  }

  private async moveTo(engine: Engine): Promise<void> {
    for (const variable of this.allVariables) await variable.moveTo(engine);
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

  private async onBatch(what: string, x: unknown, y: unknown, options: BatchOptions, kind: 'train' | 'test'): Promise<Logs> {
    requireNotOptions(what, y);
    this.requireCompiled(what);
    const { runOnBatch } = await import('../training/onBatch.ts');
    return exclusively(this.state, what, () => runOnBatch(this as unknown as Model, x, y, options, kind));
  }

  /** Targets, predictions and weights, one each for every output. */
  private lineUp(y: Structure<Tensor> | null, yPred: Structure<Tensor>, sampleWeight: Structure<Tensor> | null): [(Tensor | null)[], Tensor[], (Tensor | null)[]] {
    const predictions = flatten(yPred);
    if (!Array.isArray(yPred) && predictions.length > 1) this.state.outputNames = Object.keys(yPred as object);
    const names = this.outputNames(predictions.length);
    return [perOutput<Tensor>('targets', y, names, 'first'), predictions, perOutput<Tensor>('sampleWeight', sampleWeight, names, 'each')];
  }

  private get state(): TrainingState {
    return stateOf(this);
  }
}
