/**
 * A recurrent layer: a cell applied to each step of a sequence. What needs no state is computed for all steps at once;
 * the rest runs in a `scan`, whose gradient is a scan in the other direction.
 */
import { WeftError, received } from '@weftjs/graph';
import { isStandInBatch } from '../../core/functional/inferShape.ts';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { Variable } from '../../core/variable.ts';
import { zeros as zerosInitializer } from '../../initializers/index.ts';
import { multiply } from '../../ops/arithmetic.ts';
import { cast, where } from '../../ops/compare.ts';
import { scan } from '../../ops/control.ts';
import { zeros, zerosLike } from '../../ops/create.ts';
import { stack, unstack } from '../../ops/join.ts';
import { expandDims, flip, swapaxes } from '../../ops/shape.ts';
import { savedForm } from '../../options/named.ts';
import { boolean } from '../../options/strict.ts';
import { regularizerFrom, type RegularizerLike } from '../../regularizers/index.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { announceWeight } from '../base/weightWatch.ts';
import { knownExtent } from '../shared/shapes.ts';
import { GatedCell, type RecurrentCell } from './cell.ts';

export interface RecurrentOptions extends LayerOptions {
  /** Whether the outputs of all steps are given, or only the last. */
  returnSequences?: boolean;
  /** Whether the last states are given as well: the result is then [output, ...states]. */
  returnState?: boolean;
  /** Whether the steps are taken from the last to the first. */
  goBackwards?: boolean;
  /** Whether the states of one batch are the start of the next. */
  stateful?: boolean;
  /** Whether the loop is written out step by step: faster for a few steps, and larger. */
  unroll?: boolean;
  /** Whether masked steps give zeros instead of the previous output. */
  zeroOutputForMask?: boolean;
  /** A penalty on the outputs. */
  activityRegularizer?: RegularizerLike;
}

/** The names of {@link RecurrentOptions}. */
export const RECURRENT_NAMES: readonly string[] = [
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'unroll',
  'zeroOutputForMask',
  'activityRegularizer',
];

/** What a turn of the loop carries. */
interface Carry {
  readonly states: readonly Tensor[];
  /** The output of the last step, where only that is wanted and no state is it. */
  readonly last: readonly Tensor[];
}

/** The base of recurrent layers. `O` is a tensor, or with `returnState` an array of tensors. */
export abstract class BaseRNN<O extends Tensor | Tensor[] = Tensor> extends Layer<Tensor, O> {
  readonly cell: RecurrentCell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly unroll: boolean;
  /** @internal set by a wrapper that turns sequences round */
  zeroOutputForMask: boolean;
  private stateVariables: Variable[] = [];

  constructor(owner: string, layer: LayerOptions, cell: RecurrentCell, options: RecurrentOptions) {
    super(layer);
    this.cell = cell;
    this.returnSequences = boolean(owner, 'returnSequences', options.returnSequences ?? false);
    this.returnState = boolean(owner, 'returnState', options.returnState ?? false);
    this.goBackwards = boolean(owner, 'goBackwards', options.goBackwards ?? false);
    this.stateful = boolean(owner, 'stateful', options.stateful ?? false);
    this.unroll = boolean(owner, 'unroll', options.unroll ?? false);
    this.zeroOutputForMask = boolean(owner, 'zeroOutputForMask', options.zeroOutputForMask ?? false);
    this.activityRegularizer = regularizerFrom(options.activityRegularizer);
    this.supportsMasking = true;
    this.inputSpec = [{ minRank: 3 }];
    Object.defineProperty(this, 'stateVariables', { enumerable: false });
  }

  /** `initialState` may hold symbolic tensors: they become inputs of the step beside the sequence. */
  override apply(inputs: Tensor, options: CallOptions = {}): O {
    const { initialState, ...rest } = options;
    if (initialState === undefined || initialState === null) return super.apply(inputs, options);
    return super.apply([inputs, ...[initialState].flat()] as unknown as Tensor, rest);
  }

  override build(inputShape: OpenShape | readonly OpenShape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as OpenShape;
    knownExtent(this.name, shape, -1);
    const batch = shape[0] ?? null;
    const isOpen = batch === null || isStandInBatch(batch);
    if (this.stateful && isOpen) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `Layer '${this.name}' is stateful and needs a fixed batch size. ` +
          `Received: an open one. Give it in layers.input({ shape, batchSize }).`,
      );
    }
    this.cell.ensureBuilt([batch, ...shape.slice(2)]);
    if (!this.stateful || isOpen) return;
    const start = zerosInitializer();
    this.stateVariables = this.cell.stateSize.map((size) => {
      announceWeight([batch, size], this.dtype);
      return new Variable(start([batch, size], this.dtype), { name: 'rnn_state', trainable: false });
    });
  }

  protected override get ownState(): readonly Variable[] {
    return this.stateVariables;
  }

  /** The states of a stateful layer; null for others. */
  get states(): readonly Variable[] | null {
    return this.stateful ? this.stateVariables : null;
  }

  /** Starts a stateful layer anew: the next batch begins with zeros. */
  resetState(): void {
    if (!this.stateful)
      throw new WeftError(
        'WEFT_E_STATE',
        `resetState needs a layer with \`stateful: true\`. ` +
          `Received: '${this.name}', which begins each batch with zeros anyway.`,
      );
    const start = zerosInitializer();
    for (const variable of this.stateVariables) variable.assignHost(start(variable.shape, variable.dtype));
  }

  override call(inputs: Tensor, { training, mask }: CallOptions): O {
    const [given, ...start] = (Array.isArray(inputs) ? inputs : [inputs]) as [Tensor, ...Tensor[]];
    const sequence = cast(given, this.dtype);
    const { cell } = this;
    const states =
      start.length > 0
        ? start
        : this.stateful
          ? this.stateVariables.map(({ value }) => value)
          : cell.initialState(sequence.shape[0] as number);
    this.checkStates(sequence, states);

    const masks = cell.dropoutMasks(sequence, training ?? false);
    // steps first before the product: its result is larger than what it is made of
    const xs = cell.project(swapaxes(masks.input ? multiply(sequence, expandDims(masks.input, 1)) : sequence, 0, 1));
    const own = ((Array.isArray(mask) ? mask[0] : mask) ?? null) as Tensor | null;
    const counts = own ? expandDims(swapaxes(cast(own, 'bool'), 0, 1), -1) : null;

    // the first state of Keras's cells is the output: no need to carry that twice
    const keepsLast = !this.returnSequences && !(cell instanceof GatedCell && !this.zeroOutputForMask);
    const turn = (carry: Carry, x: Tensor, count: Tensor | null): { carry: Carry; output: Tensor } => {
      const next = cell.step(x, carry.states, masks);
      if (!count)
        return { carry: { states: next.states, last: keepsLast ? [next.output] : [] }, output: next.output };
      const before = this.zeroOutputForMask ? zerosLike(next.output) : (carry.states[0] as Tensor);
      const output = where(count, next.output, before);
      const kept = next.states.map((state, i) => where(count, state, carry.states[i] as Tensor));
      return { carry: { states: kept, last: keepsLast ? [output] : [] }, output };
    };
    const first: Carry = {
      states,
      last: keepsLast ? [zeros([sequence.shape[0] as number, cell.outputSize], { dtype: this.dtype })] : [],
    };
    const { carry, outputs } = this.unroll
      ? this.written(turn, first, xs, counts)
      : this.scanned(turn, first, xs, counts);

    if (this.stateful) carry.states.forEach((state, i) => this.stateVariables[i]?.assign(state));
    const output = this.returnSequences
      ? swapaxes(this.goBackwards ? flip(outputs as Tensor, 0) : (outputs as Tensor), 0, 1)
      : ((keepsLast ? carry.last[0] : carry.states[0]) as Tensor);
    return (this.returnState ? [output, ...carry.states] : output) as O;
  }

  /** The loop as a `scan`. */
  private scanned(
    turn: Turn,
    first: Carry,
    xs: Tensor,
    counts: Tensor | null,
  ): { carry: Carry; outputs: Tensor | null } {
    const split = first.states.length;
    const [end, outputs] = scan(
      (carried: readonly Tensor[], slices: readonly Tensor[]) => {
        const { carry, output } = turn(
          { states: carried.slice(0, split), last: carried.slice(split) },
          slices[0] as Tensor,
          slices[1] ?? null,
        );
        return [[...carry.states, ...carry.last], this.returnSequences ? [output] : []] as const;
      },
      [...first.states, ...first.last] as readonly Tensor[],
      (counts ? [xs, counts] : [xs]) as readonly Tensor[],
      { reverse: this.goBackwards },
    );
    return {
      carry: { states: end.slice(0, split), last: end.slice(split) },
      outputs: (outputs as readonly Tensor[])[0] ?? null,
    };
  }

  /** The loop written out. */
  private written(
    turn: Turn,
    first: Carry,
    xs: Tensor,
    counts: Tensor | null,
  ): { carry: Carry; outputs: Tensor | null } {
    const steps = unstack(xs);
    const kept = counts ? unstack(counts) : null;
    const outputs: Tensor[] = [];
    let carry = first;
    for (let i = 0; i < steps.length; i++) {
      const at = this.goBackwards ? steps.length - 1 - i : i;
      const next = turn(carry, steps[at] as Tensor, kept?.[at] ?? null);
      carry = next.carry;
      outputs[at] = next.output;
    }
    return { carry, outputs: this.returnSequences ? stack(outputs) : null };
  }

  private checkStates(sequence: Tensor, states: readonly Tensor[]): void {
    const wanted = this.cell.stateSize.map((size) => [sequence.shape[0] as number, size]);
    if (JSON.stringify(states.map(({ shape }) => shape)) === JSON.stringify(wanted)) return;
    throw new WeftError(
      'WEFT_E_SHAPE',
      `Layer '${this.name}' needs ${wanted.length} state${wanted.length > 1 ? 's' : ''} of shape ${received(wanted)}. ` +
        `Received: ${received(states.map(({ shape }) => [...shape]))}.` +
        (this.stateful
          ? ' A stateful layer keeps the batch size that it was built with.'
          : ' Give `initialState` as an array of tensors, one for each state.'),
    );
  }

  override computeMask(_inputs: Tensor, mask: unknown): (Tensor | null)[] | Tensor | null {
    const own = ((Array.isArray(mask) ? mask[0] : mask) ?? null) as Tensor | null;
    const output = this.returnSequences ? own : null;
    return this.returnState ? [output, ...this.cell.stateSize.map(() => null)] : output;
  }

  /** The options of the layer beside those of its cell. */
  protected loopConfig(): Record<string, unknown> {
    const { returnSequences, returnState, goBackwards, stateful, unroll, zeroOutputForMask } = this;
    return {
      returnSequences,
      returnState,
      goBackwards,
      stateful,
      unroll,
      zeroOutputForMask,
      activityRegularizer: savedForm(this.activityRegularizer),
    };
  }

  override getConfig(): Record<string, unknown> {
    // the cell's own name, trainability and dtype are the layer's
    return { ...this.cell.getConfig(), ...super.getConfig(), ...this.loopConfig() };
  }
}

type Turn = (carry: Carry, x: Tensor, count: Tensor | null) => { carry: Carry; output: Tensor };
