/** The entry of a model: a placeholder for data of a shape. */
import { WeftError, received, type DType } from '@weftjs/graph';
import { FunctionalNode, type Operation } from '../../core/functional/node.ts';
import { SymbolicTensor, type OpenShape } from '../../core/symbolic.ts';
import type { Tensor } from '../../core/tensor/tensor.ts';
import { checkOptions, oneOf, optionError, positiveInteger } from '../../options/strict.ts';
import { Layer } from '../base/layer.ts';

export type InputDType = DType | 'string';

export interface InputOptions {
  /** Shape of one sample, without the batch axis; null for open extents. */
  shape?: OpenShape;
  /** A fixed batch size; open by default. */
  batchSize?: number | null;
  /** The whole shape, in place of `shape` and `batchSize`. */
  batchShape?: OpenShape;
  dtype?: InputDType;
  name?: string;
}

/**
 * The step of a model that holds its input. {@link input} makes one and gives its symbolic tensor.
 * {@link https://keras.io/api/layers/core_layers/input/}
 */
export class InputLayer extends Layer {
  static override readonly className = 'InputLayer';
  /** Shape with the batch axis. */
  readonly batchShape: OpenShape;
  readonly inputDtype: InputDType;
  /** What stands for the input in the model. */
  readonly output: SymbolicTensor;

  constructor(options: InputOptions) {
    const {
      shape,
      batchSize = null,
      batchShape,
      dtype = 'float32',
      name,
    } = checkOptions('input', options, ['shape', 'batchSize', 'batchShape', 'dtype', 'name']) as InputOptions;
    super(name === undefined ? {} : { name });
    if ((shape === undefined) === (batchShape === undefined)) {
      throw new WeftError(
        'WEFT_E_OPTION',
        `input: give \`shape\`, the shape of one sample. ` +
          `Received: ${received(options)}. Write \`input({ shape: [28, 28, 1] })\`.`,
      );
    }
    if (batchSize !== null) positiveInteger('input', 'batchSize', batchSize);
    this.batchShape = Object.freeze([...checkShape(batchShape ?? [batchSize, ...checkShape(shape)])]);
    this.inputDtype = oneOf('input', 'dtype', dtype, ['float32', 'float16', 'int32', 'uint32', 'bool', 'string']);
    const node = new FunctionalNode(this as unknown as Operation, [], {});
    this.output = new SymbolicTensor(this.inputDtype, this.batchShape, this.name, node);
    node.outputs = [this.output];
    this.built = true;
  }

  override call(inputs: Tensor): Tensor {
    return inputs;
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, dtype: this.inputDtype, batchShape: [...this.batchShape] };
  }
}

function checkShape(shape: unknown): OpenShape {
  const valid =
    Array.isArray(shape) &&
    shape.every((extent) => extent === null || (Number.isSafeInteger(extent) && (extent as number) >= 0));
  if (valid) return shape as OpenShape;
  throw optionError(
    'input',
    'shape',
    'an array of whole numbers, with null for open extents',
    shape,
    typeof shape === 'number' ? `Write \`input({ shape: [${shape}] })\`` : '',
  );
}

/**
 * Starts a model: gives the symbolic tensor that its layers are called on. In a Sequential model it is the first in the
 * list.
 *
 * @example
 * const images = layers.input({ shape: [28, 28, 1] });
 */
export const input = (options: InputOptions): SymbolicTensor => new InputLayer(options).output;
