/**
 * A recurrent cell: one step of a sequence. Its work is in two parts, so that a layer does the first for all steps in
 * one product: `project`, which needs no state, and `step`, which goes from state to state.
 */
import { WeftError } from '@weftjs/graph';
import { activationFrom, activationName, type Activation, type ActivationLike } from '../../activations/from.ts';
import { SeedGenerator } from '../../core/random.ts';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { multiply } from '../../ops/arithmetic.ts';
import { ones, zeros } from '../../ops/create.ts';
import { boolean, positiveInteger, probability } from '../../options/strict.ts';
import { dropout } from '../../random/index.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerOptions, weightConfig, weightRules, type WeightOptions, type WeightRules } from '../shared/weights.ts';

export interface CellOptions extends LayerOptions, WeightOptions<'kernel' | 'recurrent' | 'bias'> {
  /** Length of the state and of each output. */
  units: number;
  activation?: ActivationLike;
  useBias?: boolean;
  /** The share of inputs set to 0 in training: the same ones at each step. */
  dropout?: number;
  /** The share of the previous output set to 0 in training: the same ones at each step. */
  recurrentDropout?: number;
  /** A seed of its own for dropout, instead of `setRandomSeed`'s. */
  seed?: number | null;
}

/** The names of {@link CellOptions}. */
export const CELL_NAMES: readonly string[] = [
  'units',
  'activation',
  'useBias',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'recurrentRegularizer',
  'biasRegularizer',
  'kernelConstraint',
  'recurrentConstraint',
  'biasConstraint',
  'dropout',
  'recurrentDropout',
  'seed',
];

/** What dropout multiplies with during one call: masks for the inputs and for the previous output. */
export interface DropoutMasks {
  readonly input: Tensor | null;
  readonly recurrent: Tensor | null;
}

/**
 * The base of recurrent cells, also of your own: give `stateSize`, `outputSize`, `step`, and `project` where part of
 * the work needs no state. Called by itself a cell makes one step: `cell(x, { states })` gives [output, ...states].
 */
export abstract class RecurrentCell extends Layer<Tensor, Tensor[]> {
  /** Lengths of the states. The first state is the output. */
  abstract get stateSize(): readonly number[];
  abstract get outputSize(): number;

  /** The part that needs no state, along the last axis of [batch, features] or [steps, batch, features]. */
  project(inputs: Tensor): Tensor {
    return inputs;
  }

  /** From projected inputs and states to the output and the next states. */
  abstract step(
    projected: Tensor,
    states: readonly Tensor[],
    masks: DropoutMasks,
  ): { output: Tensor; states: Tensor[] };

  /** The masks of one call. */
  dropoutMasks(_inputs: Tensor, _training: boolean): DropoutMasks {
    return { input: null, recurrent: null };
  }

  /** The states before the first step. */
  initialState(batch: number): Tensor[] {
    return this.stateSize.map((size) => zeros([batch, size], { dtype: this.dtype }));
  }

  override call(inputs: Tensor, { states, training }: CallOptions): Tensor[] {
    const given = (states as readonly Tensor[] | undefined) ?? this.initialState(inputs.shape[0] as number);
    if (given.length !== this.stateSize.length) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Cell '${this.name}' has ${this.stateSize.length} states. Received: ${given.length}.`,
      );
    }
    const masks = this.dropoutMasks(inputs, training ?? false);
    const next = this.step(this.project(masks.input ? multiply(inputs, masks.input) : inputs), given, masks);
    return [next.output, ...next.states];
  }
}

/** What the cells of Keras share: weights, dropout and options. */
export abstract class GatedCell extends RecurrentCell {
  readonly units: number;
  readonly activation: Activation;
  readonly useBias: boolean;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly seed: number | null;
  kernel: Variable | null = null;
  recurrentKernel: Variable | null = null;
  bias: Variable | null = null;
  private readonly rules: { readonly kernel: WeightRules; readonly recurrent: WeightRules; readonly bias: WeightRules };
  private readonly generator: SeedGenerator;

  constructor(owner: string, options: CellOptions, extra: readonly string[] = []) {
    super(layerOptions(owner, options, [...CELL_NAMES, ...extra]));
    this.units = positiveInteger(owner, 'units', options?.units);
    this.activation = activationFrom(options.activation === undefined ? 'tanh' : options.activation);
    this.useBias = boolean(owner, 'useBias', options.useBias ?? true);
    this.rules = {
      kernel: weightRules<'kernel'>(options, 'kernel', 'glorotUniform'),
      recurrent: weightRules<'recurrent'>(options, 'recurrent', 'orthogonal'),
      bias: weightRules<'bias'>(options, 'bias', 'zeros'),
    };
    this.dropout = probability(owner, 'dropout', options.dropout ?? 0, { below1: true });
    this.recurrentDropout = probability(owner, 'recurrentDropout', options.recurrentDropout ?? 0, { below1: true });
    this.seed = options.seed ?? null;
    this.generator = new SeedGenerator(this.seed);
    this.supportsMasking = true;
    for (const key of ['rules', 'generator']) Object.defineProperty(this, key, { enumerable: false });
  }

  get stateSize(): readonly number[] {
    return [this.units];
  }

  get outputSize(): number {
    return this.units;
  }

  /** How many vectors of length `units` a projected input holds. */
  protected abstract readonly gates: number;

  protected get biasShape(): readonly number[] {
    return [this.gates * this.units];
  }

  protected biasRules(rules: WeightRules): WeightRules {
    return rules;
  }

  override build(inputShape: OpenShape): void {
    const features = inputShape[inputShape.length - 1] as number;
    const { kernel, recurrent, bias } = this.rules;
    this.kernel = this.addWeight({ name: 'kernel', shape: [features, this.gates * this.units], ...kernel });
    this.recurrentKernel = this.addWeight({
      name: 'recurrent_kernel',
      shape: [this.units, this.gates * this.units],
      ...recurrent,
    });
    if (this.useBias) this.bias = this.addWeight({ name: 'bias', shape: this.biasShape, ...this.biasRules(bias) });
  }

  override dropoutMasks(inputs: Tensor, training: boolean): DropoutMasks {
    const mask = (features: number, rate: number): Tensor | null =>
      training && rate > 0
        ? dropout(ones([inputs.shape[0] as number, features], { dtype: this.dtype }), rate, { seed: this.generator })
        : null;
    return {
      input: mask(inputs.shape[inputs.shape.length - 1] as number, this.dropout),
      recurrent: mask(this.units, this.recurrentDropout),
    };
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: activationName(this.activation),
      useBias: this.useBias,
      ...weightConfig('kernel', this.rules.kernel),
      ...weightConfig('recurrent', this.rules.recurrent),
      ...weightConfig('bias', this.rules.bias),
      dropout: this.dropout,
      recurrentDropout: this.recurrentDropout,
      seed: this.seed,
    };
  }
}

/** The previous output as the step sees it. */
export const dropped = (state: Tensor, mask: Tensor | null): Tensor => (mask ? multiply(state, mask) : state);
