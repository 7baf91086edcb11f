// A multi-layer perceptron through the shakeable subpath; what a page downloads apart from the engine.
import { Sequential } from 'weftjs';
import { dense, input } from 'weftjs/layers';

export async function train(x, y) {
  const model = new Sequential([input({ shape: [4] }), dense({ units: 16, activation: 'relu' }), dense({ units: 3, activation: 'softmax' })]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(x, y, { epochs: 5, verbose: 0 });
  return history.loss;
}
