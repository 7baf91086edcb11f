/** Losses and optimizers whose names load their code when training begins. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Sequential, configure, layers, losses, optimizers, setRandomSeed, type CompileOptions } from '../index.ts';

beforeAll(() => configure({ backend: 'native', target: 'wasm' }));

const x = [[0, 1], [1, 0], [1, 1], [0, 0]];
const y = [[1, 0], [0, 1], [0, 1], [1, 0]];

function compiled(options: CompileOptions): Sequential {
  setRandomSeed(3);
  const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 2, activation: 'softmax' })]);
  model.compile(options);
  return model;
}

async function curve(options: CompileOptions): Promise<number[]> {
  const { history } = await compiled(options).fit(x, y, { epochs: 3, verbose: 0 });
  return history.loss;
}

describe('names whose code is loaded later', () => {
  it('train as the objects do', async () => {
    const named = await curve({ loss: 'dice', optimizer: 'lamb' });
    expect(named).toEqual(await curve({ loss: losses.dice(), optimizer: optimizers.lamb() }));
    expect(named[2]).toBeLessThan(named[0] as number);
    expect(await curve({ loss: 'kl_divergence', optimizer: 'ftrl' })).toEqual(await curve({ loss: losses.klDivergence(), optimizer: optimizers.ftrl() }));
  });

  it('work for several outputs, evaluation and single batches', async () => {
    const model = compiled({ loss: ['squared_hinge'], optimizer: 'adafactor' });
    const { loss } = await model.evaluate(x, y, { verbose: 0 });
    expect((await model.testOnBatch(x, y)).loss).toBeCloseTo(loss as number, 6);
    expect(model.optimizer).toBeInstanceOf(optimizers.Adafactor);
  });

  it('say so when they are used before', () => {
    const model = compiled({ loss: 'dice', optimizer: 'ftrl' });
    expect(() => model.optimizer).toThrow(
      "The optimizer 'ftrl' is loaded when training or evaluation begins. Received: a use of it before. Give it as an object: compile({ optimizer: optimizers.ftrl() }).",
    );
    let text = '';
    model.summary({ printFn: (line) => (text += line) });
    expect(text).toContain('Total params: 6');
    expect(() => compiled({ loss: 'dise' as 'dice' })).toThrow("Did you mean `'dice'`?");
    expect(() => compiled({ optimizer: 'lam' as 'lamb' })).toThrow("Did you mean `'lamb'`?");
  });
});

describe('lossScaleFactor', () => {
  it('changes neither the loss that is shown nor the weights', async () => {
    const plain = await curve({ loss: 'mse', optimizer: optimizers.sgd() });
    const scaled = await curve({ loss: 'mse', optimizer: optimizers.sgd({ lossScaleFactor: 1024 }) });
    scaled.forEach((loss, epoch) => expect(loss).toBeCloseTo(plain[epoch] as number, 6));
    expect(() => optimizers.sgd({ lossScaleFactor: 0 })).toThrow('`lossScaleFactor` must be a finite number >= 1e-30. Received: 0.');
  });
});

describe('options of the new classes', () => {
  it('are checked when they are made', () => {
    expect(() => losses.categoricalGeneralizedCrossEntropy({ q: 1 })).toThrow('`q` must be a number between 0 and 1, both excluded. Received: 1.');
    expect(() => optimizers.ftrl({ learningRatePower: 1 })).toThrow('`learningRatePower` must be a finite number <= 0. Received: 1.');
  });
});
