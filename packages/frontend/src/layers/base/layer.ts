/**
 * The base of all layers: `build` makes variables once the input shape is known, `call` computes. Called with tensors a layer computes; called
 * with symbolic tensors it becomes a step of a functional model.
 */
import { WeftError, isFloat, received, sizeOf, type DType } from '@weftjs/graph';
import { inferOpenTypes } from '../../core/functional/inferShape.ts';
import { FunctionalNode, type Operation } from '../../core/functional/node.ts';
import { flatten, mapStructure, pack, type Structure } from '../../core/functional/structure.ts';
import { currentTape } from '../../core/gradient/recording.ts';
import type { NDArray, NumericData } from '../../core/ndarray.ts';
import { ndarray } from '../../core/ndarray.ts';
import { SymbolicTensor, isSymbolic, type OpenShape } from '../../core/symbolic.ts';
import { scope } from '../../core/tensor/lifetime.ts';
import { isNestedNumbers, isTensorLike, toTensor, type TensorLike } from '../../core/tensor/convert.ts';
import { isTensor, type Tensor } from '../../core/tensor/tensor.ts';
import { currentTrace } from '../../core/trace/trace.ts';
import { Variable } from '../../core/variable.ts';
import { initializerFrom, type InitializerLike } from '../../initializers/index.ts';
import { Callable } from './callable.ts';
import { childrenOf } from './children.ts';
import { callContext, withCallContext, type CallContext } from './context.ts';
import { checkInput, type InputSpec } from './inputSpec.ts';
import { snakeOfClass, uniqueName } from './uniqueName.ts';
import { announceWeight } from './weightWatch.ts';

const brand = /* @__PURE__ */ Symbol.for('weft.layer');

/** Options that every layer takes. */
export interface LayerOptions {
  /** Unique within a model; by default the class's name in snake_case, with a number. */
  name?: string;
  /** Whether `fit` updates its weights. */
  trainable?: boolean;
  /** The dtype of weights and computation. */
  dtype?: 'float32' | 'float16';
  /** Shape of one sample, for the first layer of a Sequential model without an input layer. */
  inputShape?: OpenShape;
}

/** The names of {@link LayerOptions}, for `checkOptions`. */
export const LAYER_OPTIONS: readonly string[] = ['name', 'trainable', 'dtype', 'inputShape'];

/** Options of a call. */
export interface CallOptions {
  /** Whether the layer behaves as in training (dropout, batch statistics). */
  training?: boolean;
  /** Which steps of a sequence count. By default the mask that travels with the inputs. */
  mask?: Structure<Tensor | null> | null;
  readonly [extra: string]: unknown;
}

/** What a layer's weight is made from. */
export interface WeightSpec {
  name: string;
  shape: readonly number[];
  initializer?: InitializerLike;
  dtype?: DType;
  trainable?: boolean;
  regularizer?: ((value: Tensor) => Tensor) | null;
  constraint?: ((value: Tensor) => Tensor) | null;
}

/** A layer can be called: with tensors or data it computes, with symbolic tensors it becomes a step of a model. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export interface Layer<I, O> {
  (inputs: SymbolicOf<I>, options?: CallOptions): SymbolicOf<O>;
  (inputs: DataOf<I>, options?: CallOptions): O;
}

/** The same grouping with symbolic tensors in place of tensors. */
export type SymbolicOf<T> = unknown extends T ? unknown : [Structure<Tensor>] extends [T] ? Structure<SymbolicTensor> : T extends Tensor ? SymbolicTensor : { [K in keyof T]: SymbolicOf<T[K]> };
/** The same grouping with anything in place of tensors that becomes one. */
export type DataOf<T> = unknown extends T ? unknown : [Structure<Tensor>] extends [T] ? Structure<TensorLike> : T extends Tensor ? TensorLike : { [K in keyof T]: DataOf<T[K]> };

// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export abstract class Layer<I = Tensor, O = Tensor> extends Callable implements Operation {
  /** Keras's class name, which saved files use. */
  static readonly className: string = 'Layer';
  static readonly kerasModule: string = 'keras.layers';

  declare name: string;
  built = false;
  readonly dtype: 'float32' | 'float16';
  /** Masks pass through unchanged. */
  supportsMasking = false;
  /** Required of the inputs, one for all or one each. */
  inputSpec: InputSpec | readonly InputSpec[] | null = null;
  /** A penalty on the outputs, added to the loss. */
  activityRegularizer: ((value: Tensor) => Tensor) | null = null;
  /** @internal shape of one sample, when the first layer was given it */
  inputShapeOption: OpenShape | null;
  private isTrainable: boolean;
  private readonly ownVariables: Variable[] = [];
  private readonly tracked: Layer<never, never>[] = [];
  private buildShape: Structure<OpenShape> | null = null;
  private callLosses: Tensor[] = [];

  constructor(options: LayerOptions = {}) {
    super();
    const className = classNameOf(this.constructor as typeof Layer);
    if (options.name !== undefined && (typeof options.name !== 'string' || options.name === '' || options.name.includes('/'))) {
      throw new WeftError('WEFT_E_OPTION', `${className}: \`name\` must be a non-empty string without slashes. Received: ${received(options.name)}.`);
    }
    this.name = options.name ?? uniqueName(snakeOfClass(className));
    this.isTrainable = options.trainable ?? true;
    this.dtype = options.dtype ?? 'float32';
    this.inputShapeOption = options.inputShape ?? null;
    // hidden: bookkeeping is not configuration, and must not be walked
    for (const key of ['ownVariables', 'tracked', 'buildShape', 'callLosses', 'isTrainable', 'inputShapeOption', 'built', 'inputSpec']) {
      Object.defineProperty(this, key, { enumerable: false });
    }
  }

  get [brand](): true {
    return true;
  }

  /** Makes the weights. Called once, before the first call; override it together with `call`. */
  build(_inputShape: never): void {}

  /** Computes the outputs. Override it. */
  abstract call(inputs: I, options: CallOptions): O;

  /** The mask of the outputs; by default the inputs' mask when `supportsMasking`, else none. */
  computeMask(_inputs: I, mask: Structure<Tensor | null> | null): Structure<Tensor | null> | null {
    return this.supportsMasking && !Array.isArray(mask) ? mask : null;
  }

  /** The shape of the outputs for inputs of a shape; null stands for open extents. */
  computeOutputShape(inputShape: Structure<OpenShape>): Structure<OpenShape> {
    const { shapes, packed } = openShapes(inputShape);
    this.ensureBuilt(inputShape);
    const types = inferOpenTypes(
      shapes.map((shape) => ({ dtype: this.dtype, shape })),
      (standIns) => flatten(this.runCall(packed(standIns) as I, {}, freshContext(false)) as Structure<Tensor>),
    );
    return types.length === 1 ? (types[0] as { shape: OpenShape }).shape : types.map(({ shape }) => shape);
  }

  /** What `layer(inputs)` does. */
  override apply(inputs: I, options: CallOptions = {}): O {
    const leaves = flatten(inputs as Structure<unknown>);
    if (leaves.some(isSymbolic)) return this.applySymbolic(inputs as Structure<unknown>, options) as O;
    const tensors = this.toTensors(inputs as Structure<unknown>);
    const run = (): O => {
      this.ensureBuilt(mapStructure(tensors, ({ shape }): OpenShape => shape));
      const outer = callContext();
      const context = outer && options.training === undefined ? outer : { training: options.training ?? outer?.training ?? false, losses: outer?.losses ?? [] };
      if (!outer) this.callLosses = context.losses;
      return this.runCall(tensors as I, options, context);
    };
    // layers called at once free their temporaries; a tape needs them
    return currentTrace() || currentTape() ? run() : scope(run);
  }

  /** @internal */
  runStep(inputs: Structure<unknown>, options: Readonly<Record<string, unknown>>): Structure<Tensor> {
    return this.apply(inputs as I, options as CallOptions) as Structure<Tensor>;
  }

  /** Makes a weight. Call it in `build` (or in the constructor, when its shape is known there). */
  addWeight(spec: WeightSpec): Variable {
    const dtype = spec.dtype ?? this.dtype;
    const initialize = initializerFrom(spec.initializer ?? (isFloat(dtype) ? 'glorotUniform' : 'zeros'));
    announceWeight(spec.shape, dtype);
    const variable = new Variable(initialize(spec.shape, dtype), {
      name: spec.name,
      trainable: spec.trainable ?? true,
      regularizer: spec.regularizer ?? null,
      constraint: spec.constraint ?? null,
    });
    this.ownVariables.push(variable);
    return variable;
  }

  /** Adds a scalar to the training loss. Call it in `call`. */
  addLoss(loss: Tensor): void {
    callContext()?.losses.push(loss);
  }

  /** Makes a layer known that no ordinary property holds. */
  track<L extends Layer<never, never>>(layer: L): L {
    this.tracked.push(layer);
    return layer;
  }

  /** The layers directly inside. */
  get sublayers(): Layer<never, never>[] {
    return [...new Set([...this.tracked, ...childrenOf(this).layers])];
  }

  get trainable(): boolean {
    return this.isTrainable;
  }

  /** Freezes or thaws this layer and all inside. Compile again afterwards. */
  set trainable(value: boolean) {
    this.isTrainable = value;
    for (const layer of this.sublayers) layer.trainable = value;
  }

  /** All weights: its own (trainable first), then those of the layers inside. */
  get weights(): Variable[] {
    const own = [...new Set([...this.ownVariables, ...childrenOf(this).variables])];
    const ordered = [...own.filter(({ trainable }) => trainable), ...own.filter(({ trainable }) => !trainable)];
    return [...new Set([...ordered, ...this.sublayers.flatMap((layer) => layer.weights)])];
  }

  get trainableWeights(): Variable[] {
    if (!this.isTrainable) return [];
    const own = [...new Set([...this.ownVariables, ...childrenOf(this).variables])].filter(({ trainable }) => trainable);
    return [...new Set([...own, ...this.sublayers.flatMap((layer) => layer.trainableWeights)])];
  }

  get nonTrainableWeights(): Variable[] {
    const trainable = new Set(this.trainableWeights);
    return this.weights.filter((weight) => !trainable.has(weight));
  }

  /**
   * Variables that calls carry on but that are not weights: neither saved nor trained, such as the states of stateful recurrent layers. Override
   * `ownState` to name them.
   */
  get carriedState(): Variable[] {
    return [...new Set([...this.ownState, ...this.sublayers.flatMap((layer) => layer.carriedState)])];
  }

  /** The variables of this layer alone that its calls carry on. */
  protected get ownState(): readonly Variable[] {
    return [];
  }

  /** The losses that the last call added, and the penalties on weights. */
  get losses(): Tensor[] {
    return [...this.callLosses, ...this.weightPenalties()];
  }

  /** @internal the regularizers' penalties on trainable weights, as tensors */
  weightPenalties(): Tensor[] {
    return this.trainableWeights.flatMap((weight) => (weight.regularizer ? [weight.regularizer(weight.value)] : []));
  }

  /** Number of weights, counted as numbers. */
  countParams(): number {
    if (!this.built) {
      throw new WeftError('WEFT_E_STATE', `countParams needs a layer whose weights exist. Received: '${this.name}', not built yet. Call it on data first, or give an input shape.`);
    }
    return this.weights.reduce((sum, weight) => sum + sizeOf(weight.shape), 0);
  }

  /** Reads all weights. */
  async getWeights(): Promise<NDArray[]> {
    return Promise.all(this.weights.map((weight) => weight.read()));
  }

  /** Sets all weights, in the order of `weights`. */
  setWeights(values: readonly (NDArray | NumericData)[]): void {
    const { weights } = this;
    if (!Array.isArray(values) || values.length !== weights.length) {
      throw new WeftError('WEFT_E_DATA', `setWeights of '${this.name}' needs ${weights.length} arrays, one for each weight. Received: ${received(values)}.`);
    }
    const arrays = values.map((value, i) => ndarray(value as NumericData, { dtype: (weights[i] as Variable).dtype }) as NDArray);
    arrays.forEach((array, i) => {
      const { name, shape } = weights[i] as Variable;
      if (array.shape.length !== shape.length || array.shape.some((extent, axis) => extent !== shape[axis])) {
        throw new WeftError('WEFT_E_SHAPE', `setWeights of '${this.name}': weight ${i} (${name}) needs shape [${shape.join(', ')}]. Received: [${array.shape.join(', ')}].`);
      }
    });
    arrays.forEach((array, i) => (weights[i] as Variable).assignHost(array));
  }

  /** What the layer was made with: `Class.fromConfig(layer.getConfig())` makes it anew, without weights. */
  getConfig(): Record<string, unknown> {
    return { name: this.name, trainable: this.isTrainable, dtype: this.dtype };
  }

  static fromConfig<L>(this: new (options: never) => L, config: Record<string, unknown>): L {
    return new this(config as never);
  }

  override toString(): string {
    return `${classNameOf(this.constructor as typeof Layer)}(${this.name})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** @internal */
  ensureBuilt(inputShape: Structure<OpenShape>): void {
    this.checkInputs(inputShape);
    if (this.built) return;
    this.buildShape = inputShape;
    this.build(inputShape as never);
    this.built = true;
  }

  /** @internal the shape it was built with */
  get builtWith(): Structure<OpenShape> | null {
    return this.buildShape;
  }

  private checkInputs(inputShape: Structure<OpenShape>): void {
    if (!this.inputSpec) return;
    const { shapes } = openShapes(inputShape);
    const specs = Array.isArray(this.inputSpec) ? (this.inputSpec as readonly InputSpec[]) : shapes.map(() => this.inputSpec as InputSpec);
    shapes.forEach((shape, i) => {
      const spec = specs[i];
      if (spec) checkInput(this.name, i, spec, shape);
    });
  }

  private runCall(inputs: I, options: CallOptions, context: CallContext): O {
    return withCallContext(context, () => {
      const mask = options.mask === undefined ? masksOf(inputs as Structure<unknown>) : options.mask;
      const outputs = this.call(inputs, { ...options, training: context.training, mask });
      const outputMask = this.computeMask(inputs, mask);
      if (outputMask) attachMasks(outputs as Structure<Tensor>, outputMask);
      if (this.activityRegularizer) for (const output of flatten(outputs as Structure<Tensor>)) this.addLoss(this.activityRegularizer(output));
      return outputs;
    });
  }

  private applySymbolic(inputs: Structure<unknown>, options: CallOptions): Structure<SymbolicTensor> {
    const leaves = flatten(inputs);
    const symbolic = leaves.filter(isSymbolic);
    this.ensureBuilt(mapStructure(inputs, (leaf): OpenShape => (isSymbolic(leaf) ? leaf.shape : toTensor(leaf as TensorLike).shape)));
    let pattern: Structure<unknown> = null;
    const types = inferOpenTypes(
      symbolic.map(({ dtype, shape }) => ({ dtype: dtype as DType, shape })),
      (standIns) => {
        let next = 0;
        const filled = pack(inputs, leaves.map((leaf) => (isSymbolic(leaf) ? standIns[next++] : leaf)));
        const outputs = this.runCall(filled as I, options, freshContext(options.training ?? false)) as Structure<Tensor>;
        pattern = outputs;
        return flatten(outputs);
      },
    );
    const node = new FunctionalNode(this as unknown as Operation, inputs, options);
    const outputs = types.map(({ dtype, shape }, i) => new SymbolicTensor(dtype, shape, types.length > 1 ? `${this.name}_${i}` : this.name, node, i));
    node.outputs = outputs;
    return pack(pattern, outputs);
  }

  /** Everything a layer accepts, as tensors. */
  private toTensors(inputs: Structure<unknown>): Structure<Tensor> {
    if (isNestedNumbers(inputs)) return toTensor(inputs);
    return mapStructure(inputs, (leaf): Tensor => {
      if (isTensor(leaf)) return leaf;
      if (isTensorLike(leaf)) return toTensor(leaf);
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Layer '${this.name}' must be called with tensors (or arrays, objects or NDArrays). Received: ${received(leaf)}.` +
          (leaf instanceof Promise ? ' Did you forget `await`?' : ' Nested arrays of numbers become a tensor with tensor([…]).'),
      );
    });
  }
}

/** The class name that Keras knows, or for a person's own class the name it was written with. */
export function classNameOf(LayerClass: { readonly className: string; readonly name: string }): string {
  return Object.hasOwn(LayerClass, 'className') ? LayerClass.className : LayerClass.name;
}

const freshContext = (training: boolean): CallContext => ({ training, losses: [] });

/** One shape, or a structure of shapes (whose leaves are arrays themselves). */
function openShapes(shape: Structure<OpenShape>): { shapes: OpenShape[]; packed: (leaves: readonly unknown[]) => unknown } {
  const isShape = (value: unknown): value is OpenShape => Array.isArray(value) && value.every((extent) => extent === null || typeof extent === 'number');
  if (isShape(shape)) return { shapes: [shape], packed: ([leaf]) => leaf };
  const shapes: OpenShape[] = [];
  const visit = (value: unknown): unknown => {
    if (isShape(value)) return shapes.push(value) - 1;
    if (Array.isArray(value)) return value.map(visit);
    return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, visit(item)]));
  };
  const pattern = visit(shape);
  const fill = (value: unknown, leaves: readonly unknown[]): unknown => {
    if (typeof value === 'number') return leaves[value];
    if (Array.isArray(value)) return value.map((item) => fill(item, leaves));
    return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, fill(item, leaves)]));
  };
  return { shapes, packed: (leaves) => fill(pattern, leaves) };
}

/** The masks that travel with the inputs; null when none does. */
function masksOf(inputs: Structure<unknown>): Structure<Tensor | null> | null {
  const masks = mapStructure(inputs, (leaf) => (isTensor(leaf) ? leaf.mask : null));
  return flatten(masks).some((mask) => mask !== null) ? masks : null;
}

function attachMasks(outputs: Structure<Tensor>, masks: Structure<Tensor | null>): void {
  const leaves = flatten(masks);
  flatten(outputs).forEach((output, i) => {
    const mask = leaves.length === 1 ? leaves[0] : leaves[i];
    if (mask) output.mask ??= mask;
  });
}
