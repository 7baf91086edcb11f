/**
 * Which species is this penguin? A functional model with three inputs: four measures, the island and the sex. The two
 * categories go through embeddings, small vectors that are learned along with the rest.
 *
 *   node --import ./scripts/ts.mjs examples/penguins/main.ts --epochs=40
 */
import { parseArgs } from 'node:util';
import { Model, configure, datasets, layers, ndarray, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '40' },
    samples: { type: 'string' },
  },
});
if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
setRandomSeed(1);

const { train, test, classes } = await datasets.penguins.load();
const islands = train.table.encode('island').classes;
const sexes = train.table.encode('sex').classes; // the empty text, for "not known", is one of them

/** The three inputs of the model, by name. */
function inputsOf({ x, table }: typeof train) {
  const numbers = (column: string, known: readonly string[]) =>
    ndarray(Int32Array.from(table.column(column).data as readonly string[], (text) => known.indexOf(text)));
  return { measures: x, island: numbers('island', islands), sex: numbers('sex', sexes) };
}

const measures = layers.input({ shape: [4], name: 'measures' });
const island = layers.input({ shape: [], dtype: 'int32', name: 'island' });
const sex = layers.input({ shape: [], dtype: 'int32', name: 'sex' });
let x = layers.concatenate()([
  layers.dense({ units: 16, activation: 'relu' })(measures),
  layers.embedding({ inputDim: islands.length, outputDim: 2 })(island),
  layers.embedding({ inputDim: sexes.length, outputDim: 2 })(sex),
]);
x = layers.dense({ units: 16, activation: 'relu' })(x);
const species = layers.dense({ units: classes.length, activation: 'softmax', name: 'species' })(x);

const model = new Model({ inputs: { measures, island, sex }, outputs: species });
model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
model.summary();

const samples = Math.min(train.y.size, Number(options.samples ?? Infinity));
const given = inputsOf(train);
const history = await model.fit(
  { measures: given.measures.slice(0, samples), island: given.island.slice(0, samples), sex: given.sex.slice(0, samples) },
  train.y.slice(0, samples),
  { epochs: Number(options.epochs), batchSize: 16, verbose: 0 },
);
console.log(history);

const unseen = inputsOf(test);
const { accuracy } = await model.evaluate(unseen, test.y, { verbose: 0 });
const guesses = (await model.predict(unseen)).argmax();
for (let i = 0; i < 3; i++) {
  console.log(`A bird of ${test.table.column('island').at(i)}: ${classes[guesses.at(i)]}, in truth ${classes[test.y.at(i)]}`);
}
console.log(`Test accuracy: ${accuracy?.toFixed(4)}`);
