// Trains a small model on the engine that is asked for; the data and the seed are fixed, so every engine must agree.
import { native } from '@weftjs/backend-native';
import { Sequential, configure, layers, ndarray, optimizers, setRandomSeed, tensor } from 'weftjs';

/** Two interleaved spirals' little sister: points of three overlapping clouds, from a fixed generator. */
function clouds(count) {
  let state = 12345;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
  const y = Array.from({ length: count }, (_, i) => i % 3);
  const x = y.map((label) => [label + random(), (label === 1 ? 1 : -1) + random(), random(), random()]);
  return { x, y };
}

/** Trains a model that is worth several threads, as `native` with these options, and says on what. */
export async function trainMuch(options) {
  const backend = await native(options).create();
  await configure({ backend: { name: 'native', create: async () => backend } });
  setRandomSeed(7);
  const model = new Sequential([
    layers.input({ shape: [256] }),
    layers.dense({ units: 256, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
  const x = ndarray(Float32Array.from({ length: 256 * 256 }, (_, i) => Math.sin(i * i)), { shape: [256, 256] });
  const y = ndarray(Int32Array.from({ length: 256 }, (_, i) => i % 10));
  const { history } = await model.fit(x, y, { epochs: 20, batchSize: 128, verbose: 0 });
  return { loss: history.loss, device: backend.device.description };
}

/** Trains on `engine` (options of `configure`; none for the default) and returns what happened, as plain values; `engine` is where a tensor says it is. */
export async function train(engine, callbacks = []) {
  if (engine) await configure(engine);
  setRandomSeed(7);
  const { x, y } = clouds(96);
  const model = new Sequential([
    layers.input({ shape: [4] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 8, batchSize: 32, verbose: 0, callbacks });
  const predictions = await model.predict(x.slice(0, 6), { verbose: 0 });
  return { loss: history.loss, predictions: predictions.toArray(), engine: tensor([1]).toString() };
}
