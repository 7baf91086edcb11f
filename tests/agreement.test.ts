/** The same seed on every engine: weights, shuffles and masks are the same numbers, outputs and losses agree. */
import { describe, expect, it } from 'vitest';
import { Sequential, configure, layers, ndarray, ops, optimizers, random, setRandomSeed, type NDArray } from 'weftjs';

const engines = [
  ['native', 'wasm'],
  ['tfjs', 'cpu'],
  ['tfjs', 'wasm'],
  ['onnx', 'web'],
  ['onnx', 'node'],
] as const;

const x = ndarray(Float32Array.from({ length: 48 * 8 * 8 }, (_, i) => Math.sin(i * 0.7) * Math.cos(i * 0.013)), { shape: [48, 8, 8, 1] });
const y = ndarray(Int32Array.from({ length: 48 }, (_, i) => (i * 7) % 3));

function makeModel(): Sequential {
  const model = new Sequential([
    layers.input({ shape: [8, 8, 1] }),
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 8, activation: 'tanh', kernelInitializer: 'orthogonal' }),
    layers.dense({ units: 3, activation: 'softmax', kernelInitializer: 'heNormal' }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** All that a seed decides, on one engine. */
async function observe(backend: string, target: string) {
  await configure({ backend, target });
  setRandomSeed(42);
  const model = makeModel();
  const initial = await model.getWeights();
  const outputs = await model.predict(x);
  const masks = await Promise.all([0, 1].map(() => random.dropout(ops.ones([16, 16]), 0.4, { seed: 9 }).host()));
  // a model that sums what it has seen shows the order of the samples: batch by batch, the mean of the inputs
  const order: number[][] = [];
  const probe = new Sequential([layers.input({ shape: [1] }), layers.dense({ units: 1 })]);
  probe.compile({ optimizer: 'sgd', loss: (_t, p) => p.mul(0), metrics: [function sample(t) { return t; }] });
  await probe.fit(ops.arange(12).reshape([12, 1]), ops.arange(12), {
    epochs: 2,
    batchSize: 1,
    verbose: 0,
    callbacks: { onEpochBegin: () => void order.push([]), onTrainBatchEnd: (_batch, { sample }) => void order.at(-1)?.push(sample as number) },
  });
  const { history } = await model.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 });
  const final = await model.getWeights();
  const trained = await model.predict(x);
  model.setWeights(initial);
  return { initial, outputs, masks, order, losses: history.loss, final, trained, restored: await model.predict(x) };
}

const largest = (a: NDArray, b: NDArray): number => Array.from(a.data).reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] ?? Number.NaN))), 0);
const numbers = (arrays: readonly NDArray[]): number[][] => arrays.map(({ data }) => Array.from(data));

const reference = observe('native', 'wasm');

describe.each(engines)('%s (%s)', (backend, target) => {
  it('agrees with native (wasm) and with itself', { timeout: 120_000 }, async () => {
    const expected = await reference;
    const found = await observe(backend, target);
    expect(numbers(found.initial)).toEqual(numbers(expected.initial));
    expect(found.order).toEqual(expected.order);
    expect(numbers(found.masks.map((mask) => mask.cast('bool')))).toEqual(numbers(expected.masks.map((mask) => mask.cast('bool'))));
    expect(largest(found.outputs, expected.outputs)).toBeLessThan(1e-4);
    // weights are frozen inputs of predict: new ones must reach it all the same
    expect(largest(found.trained, expected.trained)).toBeLessThan(1e-3);
    expect(largest(found.trained, found.outputs)).toBeGreaterThan(1e-2);
    expect(largest(found.restored, found.outputs)).toBeLessThan(1e-6);
    found.losses.forEach((loss, epoch) => expect(Math.abs(loss - (expected.losses[epoch] ?? Number.NaN))).toBeLessThan(1e-3));
    expect(found.losses[2]).toBeLessThan(found.losses[0] ?? 0);

    const again = await observe(backend, target);
    expect(again.losses).toEqual(found.losses);
    expect(numbers(again.final)).toEqual(numbers(found.final));
    expect(numbers([again.outputs])).toEqual(numbers([found.outputs]));
  });
});

describe('a shuffle', () => {
  it('shows each sample once in an epoch, in another order each time', async () => {
    const { order } = await reference;
    const all = Array.from({ length: 12 }, (_, i) => i);
    for (const epoch of order) expect([...averagesToSamples(epoch)].sort((a, b) => a - b)).toEqual(all);
    expect(order[0]).not.toEqual(order[1]);
    expect(order[0]).not.toEqual(all);
  });
});

describe('another seed', () => {
  it('gives other weights', async () => {
    const { initial } = await reference;
    setRandomSeed(43);
    expect(numbers(await makeModel().getWeights())).not.toEqual(numbers(initial));
  });
});

/** The samples behind running means of an epoch. */
function averagesToSamples(means: readonly number[]): number[] {
  return means.map((mean, i) => Math.round(mean * (i + 1) - (i === 0 ? 0 : (means[i - 1] as number) * i)) + 0);
}
