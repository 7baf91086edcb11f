/**
 * How far does a car go on a gallon? Regression on 392 cars of 1970 to 1982, with early stopping.
 *
 *   node --import ./scripts/ts.mjs examples/auto-mpg/main.ts
 */
import { parseArgs } from 'node:util';
import { Sequential, callbacks, configure, datasets, layers, optimizers, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '100' },
    samples: { type: 'string' },
  },
});
if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
setRandomSeed(1);

const { train, test, columns } = await datasets.autoMpg.load();
const model = new Sequential([
  layers.input({ shape: [columns.length] }),
  layers.dense({ units: 64, activation: 'relu' }),
  layers.dense({ units: 64, activation: 'relu' }),
  layers.dense({ units: 1 }),
]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.005 }), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
model.summary();

// training stops when the validation loss has not improved for ten epochs, and goes back to the best weights
const stopping = callbacks.earlyStopping({ monitor: 'val_loss', patience: 10, restoreBestWeights: true });
const samples = Math.min(train.y.size, Number(options.samples ?? Infinity));
const history = await model.fit(train.x.slice(0, samples), train.y.slice(0, samples), {
  epochs: Number(options.epochs),
  validationSplit: 0.2,
  callbacks: stopping,
  verbose: 0,
});
console.log(history);

const predictions = await model.predict(test.x);
console.log('\n  truth  model  car');
for (let i = 0; i < 5; i++) {
  const [truth, guess] = [test.y.at(i), predictions.at(i, 0)].map((mpg) => mpg.toFixed(1).padStart(7));
  console.log(`${truth}${guess}  ${test.table.column('name').at(i)}`);
}
const { mean_absolute_error: error } = await model.evaluate(test.x, test.y, { verbose: 0 });
console.log(`\nMean absolute error: ${error?.toFixed(2)} miles per gallon`);
