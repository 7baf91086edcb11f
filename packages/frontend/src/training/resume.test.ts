/** Fits whose device is lost: on a backend that loses its device at any chosen piece of work. */
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import {
  Layer, Sequential, callbacks, configure, layers, ndarray, ops, optimizers, setRandomSeed, tensor,
  type FitOptions, type Model, type Tensor,
} from '../index.ts';
import type { CallbackHooks } from '../callbacks/callback.ts';
import { LossyDevice } from '../testing/lossyBackend.ts';

const samples = 20;
const x = ndarray(Float32Array.from({ length: samples * 3 }, (_, i) => Math.sin(i)), { shape: [samples, 3] });
const y = ndarray(Int32Array.from({ length: samples }, (_, i) => i % 2));

let warn: MockInstance;
beforeEach(() => (warn = vi.spyOn(console, 'warn').mockImplementation(() => {})));
afterEach(() => warn.mockRestore());

function makeModel(useEma = true): Sequential {
  setRandomSeed(5);
  const model = new Sequential([
    layers.input({ shape: [3] }),
    layers.dense({ units: 4, activation: 'tanh' }),
    layers.dropout({ rate: 0.4 }),
    layers.batchNormalization(),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01, useEma }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** Fits and tells everything that a user sees. */
async function outcome(model: Model, options: FitOptions = {}, data: unknown = x, atEnd?: () => void): Promise<object> {
  const hooks: string[] = [];
  const note = (hook: string) => (at?: number) => void hooks.push(`${hook} ${at ?? ''}`);
  const notes: CallbackHooks = { onTrainBegin: note('train'), onEpochBegin: note('begin'), onTrainEnd: () => note('done')(), onEpochEnd: note('end') };
  const history = await model.fit(data as never, data === x ? y : undefined, {
    epochs: 3, verbose: 0, ...(data === x ? { batchSize: 4, validationSplit: 0.2 } : {}), ...options, callbacks: [notes, ...[options.callbacks ?? []].flat()],
  } as FitOptions);
  atEnd?.();
  return { hooks, logs: history.history, epochs: history.epoch, weights: (await model.getWeights()).map(({ data: values }) => [...values]) };
}

/** Loses the device at each piece of work of a fit in turn, and expects what an undisturbed one gives. */
async function expectEquals(make: () => Model, options: () => FitOptions = () => ({}), data?: () => unknown, stride = 1): Promise<void> {
  const device = new LossyDevice();
  await configure({ backend: device });
  let works = 0;
  device.onWork = () => works++;
  const undisturbed = await outcome(make(), options(), data?.());
  expect(works).toBeGreaterThan(20);
  for (let at = 0; at < works; at += stride) {
    const model = make();
    device.loseAt(at);
    const atEnd = (): void => void (device.onWork = null);
    expect(await outcome(model, options(), data?.(), atEnd), `lost at ${at} of ${works}`).toEqual(undisturbed);
  }
  expect(device.made).toBeGreaterThan(works / stride / 2);
}

/** Keeps a tensor, as layers of one's own may. */
class Scaled extends Layer {
  readonly scale = tensor([1, 2, 0.5, 1.5]);

  override call(inputs: Tensor): Tensor {
    return ops.mul(ops.add(inputs, [0.1, 0.2, 0.3, 0.4]), this.scale);
  }
}

function withCapturedTensors(): Sequential {
  setRandomSeed(6);
  const model = new Sequential([layers.input({ shape: [3] }), layers.dense({ units: 4 }), new Scaled(), layers.dense({ units: 2, activation: 'softmax' })]);
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
  return model;
}

/** Remembers the last batch of before, also from epoch to epoch and from training to validation. */
function withCarriedState(): Sequential {
  setRandomSeed(7);
  const model = new Sequential([
    layers.input({ batchShape: [4, 3] }),
    layers.reshape({ targetShape: [3, 1] }),
    layers.lstm({ units: 2, stateful: true, recurrentDropout: 0.2 }),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: optimizers.nadam({ gradientAccumulationSteps: 2 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

function* batchesOf(): Generator<readonly unknown[]> {
  for (let from = 0; from < samples; from += 4) yield [x.slice(from, from + 4), y.slice(from, from + 4)];
}

describe('a fit whose device is lost', () => {
  it('goes on with the same numbers and hooks, wherever it happens', () => expectEquals(() => makeModel(), undefined, undefined, 5));

  it('goes on from the middle of an epoch', async () => {
    await expectEquals(() => makeModel(), () => ({ snapshotEvery: 2 }), undefined, 7);
    expect(warn.mock.calls.map(String)).toContain('Weft: the device was lost while fit ran. It goes on at step 2 of epoch 2, on lossy (float64).');
  });

  it('brings back what is carried from batch to batch', () => expectEquals(withCarriedState, undefined, undefined, 9));

  it('brings back tensors that a step reads', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const undisturbed = await outcome(withCapturedTensors());
    const model = withCapturedTensors();
    expect(await outcome(model, { callbacks: { onEpochBegin: (epoch) => void (epoch > 0 && device.lose()) } })).toEqual(undisturbed);
    expect(device.made).toBe(3);
    await expect(tensor([1]).data()).resolves.toHaveLength(1);
  });

  it('calls each hook of an epoch once, also when callbacks read weights', () =>
    expectEquals(
      () => makeModel(),
      () => ({
        epochs: 6,
        callbacks: [
          callbacks.reduceLrOnPlateau({ patience: 1, minDelta: 10 }),
          callbacks.earlyStopping({ monitor: 'loss', patience: 3, minDelta: 0.01, restoreBestWeights: true }),
          callbacks.learningRateScheduler((_, rate) => rate * 0.9),
        ],
      }),
      undefined,
      13,
    ));

  it('reads data sets again, in one pass an epoch and in one for all', async () => {
    await expectEquals(() => makeModel(), () => ({ snapshotEvery: 3 }), () => batchesOf, 11);
    await expectEquals(() => makeModel(), () => ({ stepsPerEpoch: 3 }), () => batchesOf, 11);
  });

  it('cannot read a generator object again, and says so', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const model = makeModel();
    const before = (await model.getWeights()).map(({ data }) => [...data]);
    device.loseAt(25);
    await expect(outcome(model, { epochs: 1 }, batchesOf())).rejects.toThrow(
      'fit goes on after the device was lost when its data can be read again. Received: a generator object, which serves one pass only. Give a function that makes one.',
    );
    device.onWork = null;
    expect((await model.getWeights()).map(({ data }) => [...data])).toEqual(before);
  });

  it('ends with a typed error without snapshots; the model trains again with other weights and after compile', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const model = makeModel();
    const saved = await model.encodeWeights();
    device.loseAt(30);
    await expect(outcome(model, { snapshotEvery: false })).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(warn).not.toHaveBeenCalled();
    device.onWork = null;
    await expect(model.predict(x)).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    await model.loadWeights(saved);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    expect((await model.fit(x, y, { verbose: 0 })).history.loss).toHaveLength(1);
  });

  it('ends with a typed error where the device cannot be replaced; the model is as it was at the snapshot', async () => {
    const device = new LossyDevice({ isReplaceable: false });
    await configure({ backend: device });
    const other = makeModel(false);
    await outcome(other, { epochs: 1 });
    const expected = await other.getWeights();
    const model = makeModel(false);
    let steps = 0;
    const onTrainBatchEnd = (): void => void (++steps === 6 && device.lose());
    const ended = outcome(model, { snapshotEvery: 'epoch', callbacks: { onTrainBatchEnd } });
    await expect(ended).rejects.toThrow(
      'Received: it was lost. Start again. fit could not go on: this device belongs to the caller and cannot be replaced. The model is as it was at the start of epoch 2.',
    );
    await expect(other.predict(x)).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    await model.to(new LossyDevice());
    expect(await model.getWeights()).toEqual(expected);
    expect((await model.evaluate(x, y, { verbose: 0 })).loss).toBeGreaterThan(0);
  });

  it('gives up when the device is lost again and again at the same place', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const model = makeModel();
    const onTrainBatchBegin = (batch: number): void => void (batch === 3 && device.lose());
    await expect(outcome(model, { callbacks: { onTrainBatchBegin } })).rejects.toThrow('fit could not go on: the device was lost 4 times at the same place.');
    expect(warn).toHaveBeenCalledTimes(3);
    expect((await model.predict(x)).shape).toEqual([samples, 2]);
  });

  it('says when no other device can be had', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const model = makeModel();
    const create = device.create.bind(device);
    const onEpochBegin = (epoch: number): void => {
      if (epoch < 1) return;
      device.lose();
      device.create = () => Promise.reject(new Error('it is gone'));
    };
    await expect(outcome(model, { callbacks: { onEpochBegin } })).rejects.toThrow('fit could not go on: no new device could be had (Error: it is gone). The model is as it was');
    await expect(model.predict(x)).rejects.toThrow('it is gone');
    device.create = create;
    expect((await model.predict(x)).shape).toEqual([samples, 2]);
  });

  it('leaves a model that outlives its device, until it is changed without a snapshot', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    const model = makeModel();
    const held = tensor([1, 2]);
    await outcome(model);
    const expected = await model.predict(x);
    device.lose();
    expect(await model.predict(x)).toEqual(expected);
    await expect(held.data()).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    await expect(ops.add(held, 1).data()).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(await ops.add(tensor([1, 2]), 1).array()).toEqual([2, 3]);
    await model.trainOnBatch(x, y);
    device.lose();
    await expect(model.predict(x)).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
  });

  it('does not disturb another fit on the same engine, which goes on as well', async () => {
    const device = new LossyDevice();
    await configure({ backend: device });
    let steps = 0;
    const onTrainBatchEnd = (): void => void (++steps === 6 && device.lose());
    const both = (options: FitOptions): Promise<object[]> => {
      const [a, b] = [makeModel(), withCapturedTensors()];
      return Promise.all([outcome(a, options), outcome(b)]);
    };
    expect(await both({ callbacks: { onTrainBatchEnd } })).toEqual(await both({}));
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe('snapshotEvery', () => {
  it.each([0, -1, 1.5, 'step', true, NaN])('refuses %s', async (snapshotEvery) => {
    await expect(makeModel().fit(x, y, { snapshotEvery: snapshotEvery as never })).rejects.toThrow(
      /fit: `snapshotEvery` must be a whole number >= 1\. Received: .*\. Or write 'epoch', or false for none\./,
    );
  });
});
