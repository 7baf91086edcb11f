/** A recurrent layer in both directions. */
import { WeftError, received } from '@weftjs/graph';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { add, divide, multiply } from '../../ops/arithmetic.ts';
import { concatenate } from '../../ops/join.ts';
import { flip } from '../../ops/shape.ts';
import { oneOf } from '../../options/strict.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerFrom, layerLike, savedLayer, type AnyLayer, type SavedLayer } from '../shared/nestedLayer.ts';
import { layerOptions } from '../shared/weights.ts';
import { BaseRNN } from './baseRnn.ts';

const MODES = ['concat', 'sum', 'mul', 'ave'] as const;

export interface BidirectionalOptions extends LayerOptions {
  /** The recurrent layer for the first direction; it is copied. */
  layer: AnyLayer | SavedLayer;
  /** How the outputs of both directions are joined; null gives both. */
  mergeMode?: (typeof MODES)[number] | null;
  /** The layer for the other direction; by default like the first. */
  backwardLayer?: AnyLayer | SavedLayer | null;
}

type Recurrent = BaseRNN<Tensor | Tensor[]>;

/**
 * Runs a recurrent layer from the first step to the last and another from the last to the first, and joins their
 * outputs (Schuster and Paliwal 1997).
 * {@link https://keras.io/api/layers/recurrent_layers/bidirectional/}
 *
 * @example
 * layers.bidirectional({ layer: layers.lstm({ units: 32 }) })(sequences); // [batch, 64]
 */
export class Bidirectional extends Layer<Tensor, Tensor | Tensor[]> {
  static override readonly className = 'Bidirectional';
  readonly forwardLayer: Recurrent;
  readonly backwardLayer: Recurrent;
  readonly mergeMode: (typeof MODES)[number] | null;
  private readonly ownBackward: boolean;

  constructor(options: BidirectionalOptions) {
    super(layerOptions('bidirectional', options, ['layer', 'mergeMode', 'backwardLayer']));
    const { mergeMode = 'concat', backwardLayer = null } = options ?? {};
    const layer = recurrent('layer', layerFrom('bidirectional', 'layer', options?.layer));
    const base = layer.name.replace(/^(forward|backward)_/, '');
    this.forwardLayer = layerLike(layer as unknown as AnyLayer, { name: `forward_${base}` }) as unknown as Recurrent;
    this.ownBackward = backwardLayer !== null;
    this.backwardLayer =
      backwardLayer !== null
        ? recurrent('backwardLayer', layerFrom('bidirectional', 'backwardLayer', backwardLayer))
        : (layerLike(layer as unknown as AnyLayer, {
            name: `backward_${base}`,
            goBackwards: !layer.goBackwards,
          }) as unknown as Recurrent);
    this.mergeMode = mergeMode === null ? null : oneOf('bidirectional', 'mergeMode', mergeMode, MODES);
    requirePair(this.forwardLayer, this.backwardLayer);
    for (const each of [this.forwardLayer, this.backwardLayer]) each.zeroOutputForMask = each.returnSequences;
    this.supportsMasking = true;
    this.inputSpec = [{ minRank: 3 }];
  }

  override build(inputShape: OpenShape | readonly OpenShape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as OpenShape;
    this.forwardLayer.ensureBuilt(shape);
    this.backwardLayer.ensureBuilt(shape);
  }

  override apply(inputs: Tensor, options: CallOptions = {}): Tensor | Tensor[] {
    const { initialState, ...rest } = options;
    if (initialState === undefined || initialState === null) return super.apply(inputs, options);
    return super.apply([inputs, ...[initialState].flat()] as unknown as Tensor, rest);
  }

  override call(inputs: Tensor, { training, mask }: CallOptions): Tensor | Tensor[] {
    const [sequence, ...states] = (Array.isArray(inputs) ? inputs : [inputs]) as [Tensor, ...Tensor[]];
    const own = ((Array.isArray(mask) ? mask[0] : mask) ?? null) as Tensor | null;
    const half = states.length / 2;
    const run = (layer: Recurrent, start: readonly Tensor[]): [Tensor, ...Tensor[]] => {
      const result = layer.apply(sequence, { training, mask: own, ...(start.length > 0 && { initialState: start }) });
      return (Array.isArray(result) ? result : [result]) as [Tensor, ...Tensor[]];
    };
    const [forward, ...forwardStates] = run(this.forwardLayer, states.slice(0, half));
    const [behind, ...backwardStates] = run(this.backwardLayer, states.slice(half));
    const backward = this.forwardLayer.returnSequences ? flip(behind, 1) : behind;
    const joined = this.join(forward, backward);
    if (!this.forwardLayer.returnState && this.mergeMode !== null) return joined[0] as Tensor;
    return [...joined, ...forwardStates, ...backwardStates];
  }

  private join(forward: Tensor, backward: Tensor): Tensor[] {
    switch (this.mergeMode) {
      case 'concat':
        return [concatenate([forward, backward], -1)];
      case 'sum':
        return [add(forward, backward)];
      case 'mul':
        return [multiply(forward, backward)];
      case 'ave':
        return [divide(add(forward, backward), 2)];
      case null:
        return [forward, backward];
    }
  }

  override computeMask(_inputs: Tensor, mask: unknown): (Tensor | null)[] | Tensor | null {
    const own = this.forwardLayer.returnSequences
      ? (((Array.isArray(mask) ? mask[0] : mask) ?? null) as Tensor | null)
      : null;
    const outputs = this.mergeMode === null ? [own, own] : [own];
    if (this.forwardLayer.returnState)
      return [
        ...outputs,
        ...[...this.forwardLayer.cell.stateSize, ...this.backwardLayer.cell.stateSize].map(() => null),
      ];
    return this.mergeMode === null ? outputs : own;
  }

  /** Starts stateful layers anew. */
  resetState(): void {
    this.forwardLayer.resetState();
    this.backwardLayer.resetState();
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      layer: savedLayer(this.forwardLayer as unknown as AnyLayer),
      mergeMode: this.mergeMode,
      backwardLayer: this.ownBackward ? savedLayer(this.backwardLayer as unknown as AnyLayer) : null,
    };
  }
}

function recurrent(name: string, layer: AnyLayer): Recurrent {
  if (layer instanceof BaseRNN) return layer as Recurrent;
  throw new WeftError(
    'WEFT_E_OPTION',
    `bidirectional: \`${name}\` must be a recurrent layer. ` +
      `Received: ${received(layer)}. Write \`bidirectional({ layer: layers.lstm({ units: 8 }) })\`.`,
  );
}

function requirePair(forward: Recurrent, backward: Recurrent): void {
  const requirement =
    forward.goBackwards === backward.goBackwards
      ? 'run in opposite directions: one of them needs `goBackwards: true`'
      : (['stateful', 'returnSequences', 'returnState'] as const).find((name) => forward[name] !== backward[name]);
  if (requirement === undefined) return;
  throw new WeftError(
    'WEFT_E_OPTION',
    `bidirectional: its two layers must ${requirement.includes(' ') ? requirement : `agree in \`${requirement}\``}. ` +
      `Received: layers that do not. Change the options of \`backwardLayer\`.`,
  );
}

/** A recurrent layer in both directions: `new Bidirectional(options)`. */
export const bidirectional = (options: BidirectionalOptions): Bidirectional => new Bidirectional(options);
