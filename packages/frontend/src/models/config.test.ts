/** Models to plain data and back: the same structure, the same outputs once the weights are the same, and no way in for more than data. */
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor } from '../config/engines.ts';
import { flatten, type Structure } from '../core/functional/structure.ts';
import type { NDArray } from '../core/ndarray.ts';
import { tensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { CallOptions, LayerOptions } from '../layers/base/layer.ts';
import * as layers from '../layers/index.ts';
import * as ops from '../ops/index.ts';
import { parseStrictJson } from '../saving/strictJson.ts';
import { reference } from '../testing/referenceBackend.ts';
import { builtinClasses } from '../saving/builtins.ts';
import { classNamed, classTable } from './classTable.ts';
import { cloneModel } from './cloneModel.ts';
import type { FromConfigOptions } from './fromConfig.ts';
import { Model } from './model.ts';
import { Sequential } from './sequential.ts';

beforeAll(() => useEngine(engineFor(reference)));

type Config = Record<string, unknown>;

/** Options that know all built-in layers. */
const withBuiltins = ({ customObjects, ...rest }: FromConfigOptions = {}): FromConfigOptions => ({ ...rest, customObjects: { ...builtinClasses(), ...customObjects } });

/** Numbers around 0 of a shape. */
const data = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(1 + i * 1.7))).reshape(shape);
};

const outputsOf = async (model: Model, inputs: unknown): Promise<number[][]> =>
  Promise.all(flatten(model.apply(inputs as never) as Structure<Tensor>).map(async (output) => [...(await output.data())].map(Number)));

/** Through JSON and back; the same configuration, and the same outputs with the same weights. */
async function roundTrip(model: Model, inputs: unknown, options?: FromConfigOptions): Promise<Model> {
  const config = model.getConfig();
  const text = JSON.stringify(config);
  expect(JSON.parse(text)).toEqual(config);
  const Class = (model instanceof Sequential ? Sequential : Model) as typeof Model;
  const read: Model = await Class.fromConfig(parseStrictJson(text) as Config, withBuiltins(options));
  const cloned = await cloneModel(model);
  for (const copy of [read, cloned]) {
    expect(copy).not.toBe(model);
    expect(copy.constructor).toBe(model.constructor);
    expect(copy.getConfig()).toEqual(config);
    expect(copy.layers.map(({ name }) => name)).toEqual(model.layers.map(({ name }) => name));
    expect(copy.weights.some((weight) => model.weights.includes(weight))).toBe(false);
    copy.setWeights(await model.getWeights());
    expect(await outputsOf(copy, inputs)).toEqual(await outputsOf(model, inputs));
  }
  return read;
}

class Scale extends layers.Layer {
  readonly factor: number;

  constructor({ factor, ...options }: LayerOptions & { factor: number }) {
    super(options);
    this.factor = factor;
  }

  override call(inputs: Tensor): Tensor {
    return ops.multiply(inputs, this.factor);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Two inputs by name, a shared layer, a nested model called twice, two outputs. */
function branches(): Model {
  const left = layers.input({ shape: [4], name: 'left' });
  const right = layers.input({ shape: [4], name: 'right' });
  const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
  const inside = layers.input({ shape: [3] });
  const nested = new Model({ inputs: inside, outputs: layers.dense({ units: 2 })(inside), name: 'nested' });
  const a = nested(shared(left));
  const b = nested(shared(right)) as typeof a;
  const joined = layers.concatenate([a, b] as never) as never as typeof left;
  return new Model({ inputs: { left, right }, outputs: { sum: layers.add([a, b] as never) as never, score: layers.dense({ units: 1 })(joined) } });
}

describe('getConfig and fromConfig', () => {
  it('keep a Sequential model, its input first', async () => {
    const model = new Sequential([
      layers.input({ shape: [6, 6, 1], name: 'images' }),
      layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu', kernelRegularizer: 'l2', name: 'conv' }),
      layers.flatten(),
      layers.dense({ units: 3, kernelInitializer: 'heNormal', trainable: false }),
    ]);
    const config = model.getConfig() as { name: string; layers: { className: string; config: Config }[] };
    expect(config.name).toBe(model.name);
    expect(config.layers.map(({ className }) => className)).toEqual(['InputLayer', 'Conv2D', 'Flatten', 'Dense']);
    expect(config.layers[0]?.config).toEqual({ name: 'images', dtype: 'float32', batchShape: [null, 6, 6, 1] });
    const copy = await roundTrip(model, data(2, 6, 6, 1));
    expect(copy.trainableWeights.length).toBe(model.trainableWeights.length);
  });

  it('keep a Sequential model that is not built', async () => {
    const model = new Sequential([layers.dense({ units: 2 })]);
    const copy = await Sequential.fromConfig(model.getConfig(), withBuiltins());
    expect(copy.built).toBe(false);
    expect(copy.getConfig()).toEqual(model.getConfig());
    model(data(1, 3));
    expect((model.getConfig().layers as unknown[]).length).toBe(2);
    await roundTrip(model, data(2, 3));
  });

  it('keep branches, shared layers, named inputs and outputs, and nested models', async () => {
    const model = branches();
    const config = model.getConfig() as {
      layers: { name: string; className: string; inboundNodes: { inputs: unknown; options: unknown }[] }[];
      inputLayers: unknown;
      outputLayers: Record<string, unknown>;
    };
    const entry = (name: string): unknown => config.layers.find((layer) => layer.name === name)?.inboundNodes;
    expect(config.inputLayers).toEqual({ left: { layer: 'left', node: 0, tensor: 0 }, right: { layer: 'right', node: 0, tensor: 0 } });
    expect(Object.keys(config.outputLayers)).toEqual(['sum', 'score']);
    expect(entry('left')).toEqual([]);
    expect(entry('shared')).toEqual([
      { inputs: { layer: 'left', node: 0, tensor: 0 }, options: {} },
      { inputs: { layer: 'right', node: 0, tensor: 0 }, options: {} },
    ]);
    expect(entry('nested')).toEqual([
      { inputs: { layer: 'shared', node: 0, tensor: 0 }, options: {} },
      { inputs: { layer: 'shared', node: 1, tensor: 0 }, options: {} },
    ]);
    const copy = await roundTrip(model, { left: data(2, 4), right: data(2, 4) });
    expect(copy.weights.length).toBe(6);
    expect(copy.getLayer('nested')).toBeInstanceOf(Model);
  });

  it('keep states between recurrent layers, layers inside layers, and options of calls', async () => {
    const source = layers.input({ shape: [3, 4] });
    const [sequence, h, c] = layers.lstm({ units: 5, returnState: true, returnSequences: true })(source) as never as [typeof source, typeof source, typeof source];
    const decoded = layers.lstm({ units: 5, returnSequences: true })(sequence, { initialState: [h, c] });
    const dropped = layers.dropout({ rate: 0.5, seed: 1 })(decoded, { training: false });
    const inner = new Sequential([layers.input({ shape: [5] }), layers.dense({ units: 2 })]);
    const steps = layers.timeDistributed({ layer: inner as never })(dropped);
    const both = layers.bidirectional({ layer: layers.gru({ units: 2 }) as never })(steps as never);
    const cells = layers.rnn({ cell: layers.simpleRnnCell({ units: 2 }) })(decoded);
    const model = new Model({ inputs: source, outputs: [both as never, cells] });
    const copy = await roundTrip(model, data(2, 3, 4));
    expect((copy.getConfig().layers as { inboundNodes: { options: unknown }[] }[]).some(({ inboundNodes }) => inboundNodes[0]?.options && JSON.stringify(inboundNodes[0].options) === '{"training":false}')).toBe(true);
  });

  it('keep a class of one’s own, given for one call', async () => {
    const model = new Sequential([layers.input({ shape: [2] }), new Scale({ factor: 3, name: 'thrice' }), layers.dense({ units: 1 })]);
    const copy = await roundTrip(model, data(3, 2), { customObjects: { Scale } });
    expect(copy.getLayer('thrice')).toBeInstanceOf(Scale);
    await expect(Sequential.fromConfig(model.getConfig(), withBuiltins())).rejects.toThrow('customObjects: { Scale }');
  });

  it('keep a model of one’s own with layers in properties', async () => {
    class Pair extends Model<Tensor, Tensor> {
      readonly first: layers.Dense;
      constructor({ units, ...options }: LayerOptions & { units: number }) {
        super(options);
        this.first = layers.dense({ units });
      }
      override call(inputs: Tensor, _options: CallOptions): Tensor {
        return this.first.apply(inputs);
      }
      override getConfig(): Config {
        return { ...super.getConfig(), units: this.first.units };
      }
    }
    const model = new Pair({ units: 2, name: 'pair' });
    model.apply(data(1, 3));
    for (const copy of [await Pair.fromConfig(model.getConfig(), withBuiltins()), await cloneModel(model)]) {
      expect(copy).toBeInstanceOf(Pair);
      copy.apply(data(1, 3));
      copy.setWeights(await model.getWeights());
      expect(await copy.apply(data(2, 3)).data()).toEqual(await model.apply(data(2, 3)).data());
    }
  });

  it('give the new model weights of its own', async () => {
    const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 1 })]);
    const copy = await cloneModel(model);
    const [before] = (await model.getWeights()) as [NDArray];
    copy.setWeights([[[7], [7]], [7]]);
    expect(((await model.getWeights())[0] as NDArray).data).toEqual(before.data);
  });
});

describe('what a configuration cannot hold', () => {
  const x = layers.input({ shape: [3] });

  it('is named, with the remedy', () => {
    const op = new Model({ inputs: x, outputs: ops.add(layers.dense({ units: 3 })(x) as never, x as never) as never, name: 'with_op' });
    expect(() => op.getConfig()).toThrow("Received: the op 'add' in 'with_op'. Use layers.add([a, b]) instead.");
    const own = new Sequential([layers.dense({ units: 1, activation: function swishy(y) { return y; }, name: 'odd' })]);
    expect(() => own.getConfig()).toThrow(/layer 'odd' \(Dense\), at `activation`, must be plain data.*Received: function swishy\. .*extends Layer/);
    const inner = new Model({ inputs: layers.dense({ units: 2, name: 'upstream' })(x), outputs: x, name: 'odd_inputs' } as never);
    expect(() => inner.getConfig()).toThrow("Received: 'upstream', computed by a layer, as an input of 'odd_inputs'");
  });

  it('includes layers with two homes, whose weights would no longer be shared', () => {
    const dense = layers.dense({ units: 3, name: 'tied' });
    const inner = new Sequential([layers.input({ shape: [3] }), dense], { name: 'inner' });
    const outer = new Sequential([layers.input({ shape: [3] }), inner as never, dense]);
    expect(() => outer.getConfig()).toThrow("Received: 'tied' of");
  });
});

describe('configurations from strangers', () => {
  const dense = (name: string): Config => ({ className: 'Dense', config: { name, units: 1 } });
  const entry = (name: string, from: string, extra: Config = {}): Config => ({
    ...dense(name), name, inboundNodes: [{ inputs: { layer: from, node: 0, tensor: 0 }, options: {} }], ...extra,
  });
  const start = { className: 'InputLayer', name: 'x', config: { name: 'x', dtype: 'float32', batchShape: [null, 2] }, inboundNodes: [] };
  const ref = (layer: string, node = 0, tensor = 0): Config => ({ layer, node, tensor });
  const functional = (list: unknown[], output: unknown): Config => ({ name: 'm', layers: list, inputLayers: ref('x'), outputLayers: output });

  const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)]);
  const cycle: Config = { name: 'm' };
  cycle.layers = [cycle];

  it.each<[string, Config, string]>([
    ['an unknown class', { layers: [{ className: 'Densee', config: {} }] }, 'Did you mean `Dense`?'],
    ['a name of Object.prototype', { layers: [{ className: 'constructor', config: {} }] }, '"constructor"'],
    ['a path for a class', { layers: [{ className: '../../evil.js', config: {} }] }, '"../../evil.js"'],
    ['a function', { layers: [{ className: 'Dense', config: { units: 1, activation: () => 0 } }] }, 'plain data'],
    ['a cycle', cycle, 'deeper than 64'],
    ['deep nesting', { layers: [{ className: 'Dense', config: { units: nest(80) } }] }, 'deeper than 64'],
    ['too many layers', { layers: Array.from({ length: 10_001 }, (_, i) => ({ className: 'Identity', config: { name: `i${i}` } })).reverse() }, 'at most 10000 layers'],
    ['a name that climbs', { layers: [dense('..')] }, 'The name of a layer'],
    ['a name with a slash', { layers: [dense('a/b')] }, 'The name of a layer'],
    ['a name of __proto__ for an option', { layers: [{ className: 'Dense', config: JSON.parse('{"units":1,"__proto__":{"x":1}}') as Config }] }, '`__proto__`'],
    ['an unknown option', { layers: [{ className: 'Dense', config: { units: 1, run: 'x' } }] }, 'unknown option `run`'],
    ['no layers', { name: 'm' }, 'must be a list'],
    ['layers that are none', { layers: [7] }, 'must be an object'],
    ['options of other kinds', { layers: [{ className: 'Dense', config: { units: 1, kernelInitializer: { className: 'Zeros', config: 5 } } }] }, 'zeros takes one object'],
    ['an activation as a record', { layers: [{ className: 'Dense', config: { units: 1, activation: {} } }] }, 'activation'],
  ])('refuse %s', async (_what, config, message) => {
    const failure = await Sequential.fromConfig(config, withBuiltins()).then(() => null, (error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: 'WeftError', message: expect.stringContaining(message) as string });
  });

  it.each<[string, Config, string]>([
    ['a circle of layers', functional([start, entry('a', 'b'), entry('b', 'a')], ref('a')), 'do not depend on it'],
    ['a layer that does not exist', functional([start, entry('a', 'nobody')], ref('a')), 'nobody'],
    ['a call that does not exist', functional([start, entry('a', 'x')], ref('a', 5)), 'must name a layer'],
    ['a result that does not exist', functional([start, entry('a', 'x')], ref('a', 0, -1)), 'must name a layer'],
    ['two layers of one name', functional([start, entry('a', 'x'), entry('a', 'x')], ref('a')), 'a name of its own'],
    ['two names for one layer', functional([start, entry('a', 'x', { name: 'b' })], ref('b')), 'a name of its own'],
    ['calls on nothing', functional([start, entry('a', 'x', { inboundNodes: [{ inputs: 1, options: {} }] })], ref('a')), 'refer to other layers'],
    ['inputs of text', functional([start, entry('a', 'x', { inboundNodes: [{ inputs: [ref('x'), 'https://a.b'], options: {} }] })], ref('a')), 'a reference or a number'],
    ['no outputs', { layers: [start] }, 'Sequential.fromConfig'],
  ])('refuse %s', async (_what, config, message) => {
    const failure = await Model.fromConfig(config, withBuiltins()).then(() => null, (error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: 'WeftError', message: expect.stringContaining(message) as string });
  });

  it('refuse nested models that would call layers without end, before the calls', async () => {
    const levels = (count: number): Config => {
      const [className, config] = count === 0 ? ['Identity', { name: 'inner' }] : ['Functional', { ...levels(count - 1), name: 'inner' }];
      const inboundNodes = Array.from({ length: 100 }, (_, i) => ({ inputs: i === 0 ? ref('x') : ref('inner', i - 1), options: {} }));
      return functional([start, { className, name: 'inner', config, inboundNodes }], ref('inner', 99));
    };
    await expect(Model.fromConfig(levels(0), withBuiltins())).resolves.toBeInstanceOf(Model);
    await expect(Model.fromConfig(levels(2), withBuiltins())).rejects.toThrow('at most 100000 calls');
  });

  it('refuse weights that take too much memory, before it is taken', async () => {
    const start = layers.input({ shape: [2 ** 16], name: 'x' });
    const wide = (units: number, name: string): Config => ({ className: 'Dense', config: { name, units, kernelInitializer: 'zeros' } });
    const refused = (config: Config, options = {}): Promise<unknown> => Sequential.fromConfig(config, withBuiltins(options)).then(() => null, (error: unknown) => error);
    const { layers: [x] } = new Sequential([start]).getConfig() as { layers: [Config] };
    const began = performance.now();
    for (const bomb of [wide(2 ** 30, 'one'), { className: 'Embedding', config: { inputDim: 2 ** 40, outputDim: 2 ** 40 } }, { className: 'LSTM', config: { units: 2 ** 28 } }]) {
      const shape = bomb.className === 'LSTM' ? { ...x, config: { ...(x.config as Config), batchShape: [null, 3, 2] } } : x;
      expect(await refused({ layers: [shape, bomb] })).toMatchObject({ code: 'WEFT_E_CONFIG', message: expect.stringMatching(/at most 2147483648 bytes together. Received: \d/) as string });
    }
    expect(performance.now() - began).toBeLessThan(1000);

    // many small ones count together: each of these has a kernel of one number and a bias
    const chain = { layers: [{ ...x, config: { ...(x.config as Config), batchShape: [null, 1] } }, ...Array.from({ length: 10 }, (_, i) => wide(1, `d${i}`))] };
    expect(await refused(chain, { maxWeightBytes: 79 })).toMatchObject({ code: 'WEFT_E_CONFIG' });
    expect(await refused(chain, { maxWeightBytes: 80 })).toBeNull();
    expect(await refused(chain, { maxWeightBytes: -1 })).toMatchObject({ code: 'WEFT_E_ARGUMENT' });
  });

  it('do not take classes that are none', async () => {
    await expect(Sequential.fromConfig({ layers: [] }, { customObjects: { Date: Date as never } })).rejects.toThrow('classes that extend Layer');
    await expect(Sequential.fromConfig({ layers: [] }, { customObject: {} } as never)).rejects.toThrow('Did you mean `customObjects`?');
  });

  it('read layers in any order', async () => {
    const model = await Model.fromConfig(functional([entry('b', 'a'), entry('a', 'x'), start], ref('b')), withBuiltins());
    expect(model.layers.map(({ name }) => name)).toEqual(['x', 'a', 'b']);
  });
});

describe('the table of classes', () => {
  it('names every layer class', () => {
    const abstract: readonly unknown[] = [layers.Layer, layers.BaseRNN, layers.RecurrentCell];
    const classes = Object.values(layers).filter(
      (value): value is typeof layers.Dense => typeof value === 'function' && (value.prototype as unknown) instanceof layers.Layer && !abstract.includes(value),
    );
    expect(classes.length).toBeGreaterThan(50);
    const table = classTable([], builtinClasses());
    for (const Class of [...classes, Model, Sequential]) {
      expect(Object.hasOwn(Class, 'className'), `${Class.name} needs a className of its own`).toBe(true);
      expect(classNamed(table, Class.className), Class.className).toBe(Class);
    }
    expect(Object.getPrototypeOf(table)).toBe(null);
  });
});
