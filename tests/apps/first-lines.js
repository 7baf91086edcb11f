// The same model as people first meet it: everything from one import.
import { Sequential, layers } from 'weftjs';

export async function train(x, y) {
  const model = new Sequential([
    layers.input({ shape: [4] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 5, verbose: 0 });
  return history.loss;
}
