/** One layer for every step of a sequence. */
import { WeftError } from '@weftjs/graph';
import type { OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { cast } from '../../ops/compare.ts';
import { reshape } from '../../ops/shape.ts';
import { Layer, type CallOptions, type LayerOptions } from '../base/layer.ts';
import { layerFrom, savedLayer, type AnyLayer, type SavedLayer } from '../shared/nestedLayer.ts';
import { layerOptions } from '../shared/weights.ts';

export interface TimeDistributedOptions extends LayerOptions {
  /** The layer that every step goes through, with the same weights. */
  layer: AnyLayer | SavedLayer;
}

/**
 * [batch, steps, …] goes through `layer` step by step. The steps are computed side by side, as one larger batch.
 * {@link https://keras.io/api/layers/recurrent_layers/time_distributed/}
 *
 * @example
 * layers.timeDistributed({ layer: layers.conv2d({ filters: 8, kernelSize: 3 }) })(videos);
 */
export class TimeDistributed extends Layer {
  static override readonly className = 'TimeDistributed';
  readonly layer: Layer;

  constructor(options: TimeDistributedOptions) {
    super(layerOptions('timeDistributed', options, ['layer']));
    this.layer = layerFrom('timeDistributed', 'layer', options?.layer) as unknown as Layer;
    this.supportsMasking = true;
    this.inputSpec = { minRank: 3 };
  }

  override build(inputShape: OpenShape): void {
    this.layer.ensureBuilt([inputShape[0] ?? null, ...inputShape.slice(2)]);
  }

  override call(inputs: Tensor, { training, mask }: CallOptions): Tensor {
    const [batch = 0, steps = 0, ...sample] = inputs.shape;
    const own = (mask ?? null) as Tensor | null;
    if (own && (own.shape[0] !== batch || own.shape[1] !== steps)) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `Layer '${this.name}' needs a mask [batch, steps, …] that begins like its inputs, [${batch}, ${steps}]. ` +
          `Received: [${own.shape.join(', ')}].`,
      );
    }
    // a mask of whole steps passes by; one of parts of a step is the inner layer's
    const inner =
      own && own.shape.length > 2 ? reshape(cast(own, 'bool'), [batch * steps, ...own.shape.slice(2)]) : null;
    const y = this.layer.apply(reshape(inputs, [batch * steps, ...sample]), { training, mask: inner });
    return reshape(y, [batch, steps, ...y.shape.slice(1)]);
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layer: savedLayer(this.layer as unknown as AnyLayer) };
  }
}

/** One layer for every step of a sequence: `new TimeDistributed(options)`. */
export const timeDistributed = (options: TimeDistributedOptions): TimeDistributed => new TimeDistributed(options);
