// A page without a bundler or an import map: one file, one relative import.
import { Sequential, layers } from './weft.js';

globalThis.train = async () => {
  const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 1 })]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const { history } = await model.fit(x, [[0], [1], [1], [2]], { epochs: 5, verbose: 0 });
  return history.loss;
};
