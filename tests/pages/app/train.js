// Trains a small model on the engine that is asked for; the data and the seed are fixed, so every engine must agree.
import { Sequential, configure, layers, optimizers, setRandomSeed, tensor } from 'weftjs';

/** Two interleaved spirals' little sister: points of three overlapping clouds, from a fixed generator. */
function clouds(count) {
  let state = 12345;
  const random = () => (state = (state * 16807) % 2147483647) / 2147483647 - 0.5;
  const y = Array.from({ length: count }, (_, i) => i % 3);
  const x = y.map((label) => [label + random(), (label === 1 ? 1 : -1) + random(), random(), random()]);
  return { x, y };
}

/** Trains on `engine` (options of `configure`; none for the default) and returns what happened, as plain values; `engine` is where a tensor says it is. */
export async function train(engine) {
  if (engine) await configure(engine);
  setRandomSeed(7);
  const { x, y } = clouds(96);
  const model = new Sequential([
    layers.input({ shape: [4] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 8, batchSize: 32, verbose: 0 });
  const predictions = await model.predict(x.slice(0, 6), { verbose: 0 });
  return { loss: history.loss, predictions: predictions.toArray(), engine: tensor([1]).toString() };
}
