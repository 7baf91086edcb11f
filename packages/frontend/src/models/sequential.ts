/** `Sequential`: one layer after another. Without an input shape it is built at its first data. */
import { WeftError, received, type DType } from '@weftjs/graph';
import type { Structure } from '../core/functional/structure.ts';
import type { SymbolicTensor } from '../core/symbolic.ts';
import { isSymbolic, type OpenShape } from '../core/symbolic.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { isLayer } from '../layers/base/children.ts';
import type { CallOptions, Layer, LayerOptions } from '../layers/base/layer.ts';
import { input } from '../layers/core/input.ts';
import { sequentialConfig } from './config.ts';
import { FunctionalGraph } from './functionalGraph.ts';
import { Model } from './model.ts';

type AnyLayer = Layer<never, never>;

/**
 * A stack of layers.
 *
 * @example
 * const model = new Sequential([layers.input({ shape: [784] }), layers.dense({ units: 10, activation: 'softmax' })]);
 */
export class Sequential extends Model {
  static override readonly className = 'Sequential';
  private readonly stack: AnyLayer[] = [];
  private start: SymbolicTensor | null = null;

  constructor(layers: readonly (Layer<never, never> | Layer | SymbolicTensor)[] = [], options: LayerOptions = {}) {
    super(options);
    for (const key of ['stack', 'start']) Object.defineProperty(this, key, { enumerable: false });
    if (!Array.isArray(layers)) {
      throw new WeftError('WEFT_E_ARGUMENT', `Sequential needs a list of layers. Received: ${received(layers)}. Write new Sequential([…]).`);
    }
    for (const layer of layers) this.add(layer);
  }

  override get layers(): AnyLayer[] {
    return [...this.stack];
  }

  override get sublayers(): AnyLayer[] {
    return [...this.stack];
  }

  /** Adds a layer at the end. */
  add(layer: Layer<never, never> | Layer | SymbolicTensor): void {
    if (isSymbolic(layer)) {
      if (this.start || this.stack.length > 0) {
        throw new WeftError('WEFT_E_ARGUMENT', `An input must be the first of a Sequential model's layers. Received: '${layer.name}' after ${this.stack.length} layers.`);
      }
      this.start = layer;
      return;
    }
    if (!isLayer(layer)) {
      const hint = typeof layer === 'function' ? ' Call the factory: layers.dense({ … }).' : '';
      throw new WeftError('WEFT_E_ARGUMENT', `Sequential needs layers. Received: ${received(layer)}.${hint}`);
    }
    if (this.stack.some(({ name }) => name === layer.name)) {
      throw new WeftError('WEFT_E_NAME', `Layers of one model need different names. Received: a second '${layer.name}'. Give it another name.`);
    }
    const first = layer as AnyLayer;
    if (!this.start && this.stack.length === 0 && first.inputShapeOption) this.start = input({ shape: first.inputShapeOption });
    this.stack.push(first);
    this.rebuild();
  }

  /** Removes the last layer and returns it. */
  pop(): AnyLayer {
    const layer = this.stack.pop();
    if (!layer) throw new WeftError('WEFT_E_STATE', 'pop needs a Sequential model with layers. Received: an empty one.');
    this.rebuild();
    return layer;
  }

  override build(inputShape: Structure<OpenShape>): void {
    if (this.functional) return;
    const isShape = Array.isArray(inputShape) && inputShape.every((extent) => extent === null || typeof extent === 'number');
    if (!isShape) throw new WeftError('WEFT_E_SHAPE', `Sequential takes one input. Received: the shape ${received(inputShape)}. Use new Model({ inputs, outputs }) for several.`);
    const [, ...sample] = inputShape as OpenShape;
    this.start = input({ shape: sample });
    this.rebuild();
  }

  override call(inputs: Structure<Tensor>, options: CallOptions): Tensor {
    if (!this.functional) {
      const { shape, dtype } = inputs as Tensor;
      this.start = input({ shape: shape.slice(1), dtype: dtype as DType });
      this.rebuild();
    }
    return super.call(inputs, options);
  }

  override getConfig(): Record<string, unknown> {
    const base = super.getConfig();
    return this.constructor === Sequential ? sequentialConfig(base, this.start, this.stack) : base;
  }

  private rebuild(): void {
    if (!this.start || this.stack.length === 0) {
      this.functional = null;
      this.built = false;
      return;
    }
    let output: SymbolicTensor = this.start;
    for (const layer of this.stack) {
      const next = (layer as unknown as Layer<SymbolicTensor, unknown>)(output);
      if (!isSymbolic(next)) {
        throw new WeftError('WEFT_E_ARGUMENT', `Layers of a Sequential model give one output each. Received: several from '${layer.name}'. Use new Model({ inputs, outputs }).`);
      }
      output = next;
    }
    this.setGraph(new FunctionalGraph(this.start, output));
  }
}
