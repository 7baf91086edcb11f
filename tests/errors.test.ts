/** Bad input meets an error that teaches: what was required, what was received, the remedy. The texts are held here, so that a change of one is seen. */
import { describe, expect, it } from 'vitest';
import type { Tensor } from 'weftjs';
import {
  Layer, Model, Sequential, clearSession, configure, grad, isWeftError, jit, layers, losses, metrics, ndarray, ops, optimizers, callbacks, tensor, Variable,
} from 'weftjs';

/** The message of the error that `body` throws or rejects with. */
async function messageOf(body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (!isWeftError(error)) throw error;
    return `${error.code}: ${error.message}`;
  }
  throw new Error('nothing was thrown');
}

/** A compiled model of 4 features and 3 classes. */
function classifier(): Sequential {
  clearSession();
  const model = new Sequential([layers.input({ shape: [4] }), layers.dense({ units: 3, activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const x = [[1, 2, 3, 4], [5, 6, 7, 8]];
const y = [0, 1];
const any = (value: unknown): never => value as never;

const cases: Record<string, () => unknown> = {
  'an unknown layer option': () => layers.dense(any({ unit: 3 })),
  'a snake_case option': () => layers.dense(any({ units: 3, kernel_initializer: 'zeros' })),
  'a bare number for options': () => layers.dense(any(64)),
  'a missing option': () => layers.dense(any({})),
  'units of zero': () => layers.dense({ units: 0 }),
  'a rate above one': () => layers.dropout({ rate: 50 }),
  'an unknown activation': () => layers.dense({ units: 3, activation: any('rleu') }),
  'an unknown initializer': () => layers.dense({ units: 3, kernelInitializer: any('glorotUnifrom') }),
  'an unknown loss': () => classifier().compile({ loss: any('meanSquareError') }),
  'an unknown optimizer': () => classifier().compile({ optimizer: any('adm') }),
  'an unknown metric': () => {
    const model = classifier();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy', metrics: [any('acuracy')] });
    return model.fit(x, y, { verbose: 0 });
  },
  'an unknown compile option': () => classifier().compile(any({ optimiser: 'sgd' })),
  'an unknown fit option': () => classifier().fit(x, y, any({ epoch: 3 })),
  'a snake_case fit option': () => classifier().fit(x, y, any({ batch_size: 3 })),
  'a fractional batch size': () => classifier().fit(x, y, { batchSize: 1.5 }),
  'a validation split of one': () => classifier().fit(x, y, { validationSplit: 1 }),
  'options in the place of y': () => classifier().fit(x, any({ epochs: 2 })),
  'fit before compile': () => new Sequential([layers.dense({ units: 1 })]).fit(x, y),
  'x and y of different lengths': () => classifier().fit(x, [0], { verbose: 0 }),
  'empty data': () => classifier().fit([], [], { verbose: 0 }),
  'labels out of range': () => classifier().fit(x, [0, 7], { verbose: 0 }),
  'negative labels': () => classifier().fit(x, [-1, 0], { verbose: 0 }),
  'fractional labels': () => classifier().fit(x, [0.5, 1], { verbose: 0 }),
  'one-hot targets for a sparse loss': () => classifier().fit(x, [[1, 0, 0], [0, 1, 0]], { verbose: 0 }),
  'integer targets for a one-hot loss': () => {
    const model = classifier();
    model.compile({ loss: 'categoricalCrossentropy' });
    return model.fit(x, y, { verbose: 0 });
  },
  'features of the wrong number': () => classifier().fit([[1, 2, 3]], [0], { verbose: 0 }),
  'a sample without its batch axis': () => classifier().predict([1, 2, 3, 4]),
  'ragged rows': () => classifier().fit(any([[1, 2, 3, 4], [5, 6]]), y),
  'text as data': () => classifier().fit(any([['a', 'b', 'c', 'd']]), [0]),
  'a promise as data': () => classifier().fit(any(Promise.resolve(x)), y),
  'nothing as data': () => classifier().predict(any(undefined)),
  'a forgotten await of fit': () => (classifier().fit(x, y, { verbose: 0 }) as unknown as { history: unknown }).history,
  'a second fit while one runs': async () => {
    const model = classifier();
    const first = model.fit(x, y, { epochs: 3, verbose: 0 });
    try {
      await model.evaluate(x, y);
    } finally {
      await first;
    }
  },
  'weights of an unbuilt layer': () => layers.dense({ units: 3, name: 'unbuilt' }).countParams(),
  'loadWeights of an unbuilt model': () => new Sequential([layers.dense({ units: 3 })]).loadWeights(new Uint8Array(8)),
  'weights of the wrong shape': () => classifier().setWeights([ndarray([[1, 2]]), ndarray([1, 2, 3])]),
  'too few weights': () => classifier().setWeights([]),
  'a layer that does not exist': () => classifier().getLayer('dence'),
  'two layers of one name': () => new Sequential([layers.dense({ units: 1, name: 'a' }), layers.dense({ units: 1, name: 'a' })]),
  'something that is not a layer': () => new Sequential([any(layers.dense)]),
  'a hidden layer': () => {
    class Hidden extends Model {
      #inner = layers.dense({ units: 3, name: 'inner' });
      override call(inputs: never): never {
        return any(this.#inner(inputs));
      }
    }
    const model = new Hidden();
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    return model.fit(x, y, { verbose: 0 });
  },
  'a model without call': () => {
    const model = new (class Empty extends Model {})();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    return model.fit(x, y, { verbose: 0 });
  },
  'a functional model of numbers': () => new Model({ inputs: any([1]), outputs: any([2]) }),
  'outputs that need another input': () => {
    const [a, b] = [layers.input({ shape: [2], name: 'a' }), layers.input({ shape: [2], name: 'b' })];
    return new Model({ inputs: a, outputs: any(layers.add([a, b])) });
  },
  'a misnamed input': () => {
    const a = layers.input({ shape: [2], name: 'left' });
    const model = new Model({ inputs: { left: a }, outputs: any(layers.dense({ units: 1 })(any(a))) });
    return model.predict(any({ lefd: [[1, 2]] }));
  },
  'an operator on a tensor': () => any(tensor([1, 2])) + 1,
  'shapes that do not broadcast': () => ops.add(tensor([1, 2]), tensor([1, 2, 3])),
  'an axis out of range': () => ops.sum(tensor([1, 2]), { axis: 3 }),
  'a reshape of another size': () => ops.reshape(tensor([1, 2, 3]), [2, 2]),
  'item of several': () => tensor([1, 2]).item(),
  'a disposed tensor': () => {
    const t = tensor([1]);
    t.dispose();
    return ops.add(t, 1);
  },
  'a gradient of a vector': () => grad((t: Tensor) => ops.multiply(t, 2))([1, 2]),
  'a value inside a traced function': () =>
    jit((t: Tensor) => {
      void t.data().catch(() => undefined);
      return `${t as never}` as never;
    })(tensor([1])),
  'a wrong value for a variable': () => new Variable(ndarray([1, 2]) as never, { name: 'w' }).assign([1, 2, 3]),
  'a bad learning rate': () => optimizers.adam({ learningRate: -1 }),
  'two ways to clip': () => optimizers.sgd({ clipnorm: 1, clipvalue: 1 }),
  'a misspelt callback hook': () => classifier().fit(x, y, { callbacks: any({ onEpochEnds() {} }), verbose: 0 }),
  'a callback option': () => callbacks.earlyStopping(any({ patiense: 3 })),
  'a loss of nothing': () => losses.meanSquaredError().apply(any(undefined), [1]),
  'a metric of a promise': () => metrics.accuracy().updateState(any(Promise.resolve([1])), [1]),
  'an unknown backend': () => configure({ backend: 'tpu' }),
  'an unknown target': () => configure({ backend: 'native', target: 'cuda' }),
  'an unknown configuration key': () => configure(any({ engine: 'native' })),
  'a generator that yields nothing': () => classifier().fit(() => [], { verbose: 0 }),
  'a data set with a batch size': () => classifier().fit(function* () { yield [x, y]; }, { batchSize: 2 }),
  'a damaged weight file': () => classifier().loadWeights(new Uint8Array([1, 2, 3])),
};

describe('errors teach', () => {
  it.each(Object.entries(cases))('%s', async (_name, body) => {
    const message = await messageOf(body);
    expect(message).toMatch(/Received: |unknown option|does not know/);
    expect(message).toMatchSnapshot();
  });

  it('leaves the model as it was', async () => {
    const model = classifier();
    const before = (await model.getWeights()).map((weight) => [...(weight.data as Float32Array)]);
    for (const bad of [() => model.fit(x, [0]), () => model.fit([[1]], [0]), () => model.fit(x, [0, 9]), () => model.setWeights([])]) await messageOf(bad);
    expect((await model.getWeights()).map((weight) => [...(weight.data as Float32Array)])).toEqual(before);
    expect(model.optimizer.iterations).toBe(0);
  });

  it('a layer is a class with a name', () => {
    expect(layers.dense({ units: 1 })).toBeInstanceOf(Layer);
  });
});
