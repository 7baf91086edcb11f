/** Vectors for whole numbers: words, categories, users. */
import { WeftError, formatType } from '@weftjs/graph';
import type { Tensor } from '../../core/tensor/tensor.ts';
import type { Variable } from '../../core/variable.ts';
import { cast, notEqual } from '../../ops/compare.ts';
import { take } from '../../ops/indexing.ts';
import { boolean, positiveInteger } from '../../options/strict.ts';
import { Layer, type LayerOptions } from '../base/layer.ts';
import {
  layerOptions,
  weightConfig,
  weightNames,
  weightRules,
  type WeightOptions,
  type WeightRules,
} from '../shared/weights.ts';

export interface EmbeddingOptions extends LayerOptions, WeightOptions<'embeddings'> {
  /** How many numbers there are: inputs are 0 … inputDim − 1. */
  inputDim: number;
  /** Length of the vectors. */
  outputDim: number;
  /** Whether 0 means "no step": later layers then leave these steps out. */
  maskZero?: boolean;
}

/**
 * y[…, :] = embeddings[x[…], :]
 *
 * Input [batch, …] of whole numbers, output [batch, …, outputDim]; weight `embeddings` [inputDim, outputDim].
 * {@link https://keras.io/api/layers/core_layers/embedding/}
 *
 * @example
 * layers.embedding({ inputDim: 10000, outputDim: 64, maskZero: true })(words);
 */
export class Embedding extends Layer {
  static override readonly className = 'Embedding';
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
  embeddings: Variable | null = null;
  private readonly rules: WeightRules;

  constructor(options: EmbeddingOptions) {
    super(layerOptions('embedding', options, ['inputDim', 'outputDim', 'maskZero', ...weightNames('embeddings')]));
    this.inputDim = positiveInteger('embedding', 'inputDim', options?.inputDim);
    this.outputDim = positiveInteger('embedding', 'outputDim', options.outputDim);
    this.maskZero = boolean('embedding', 'maskZero', options.maskZero ?? false);
    this.rules = weightRules(options, 'embeddings', 'randomUniform');
    this.supportsMasking = this.maskZero;
  }

  override build(): void {
    this.embeddings = this.addWeight({ name: 'embeddings', shape: [this.inputDim, this.outputDim], ...this.rules });
  }

  override call(inputs: Tensor): Tensor {
    if (inputs.dtype === 'bool') {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `Layer '${this.name}' needs whole numbers. Received: ${formatType(inputs)}. Convert with ops.cast(x, 'int32').`,
      );
    }
    return take(this.embeddings as Variable, cast(inputs, 'int32'), { axis: 0 });
  }

  override computeMask(inputs: Tensor): Tensor | null {
    return this.maskZero ? notEqual(inputs, 0) : null;
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      ...weightConfig('embeddings', this.rules),
      maskZero: this.maskZero,
    };
  }
}

/** Vectors for whole numbers: `new Embedding(options)`. */
export const embedding = (options: EmbeddingOptions): Embedding => new Embedding(options);
