/**
 * A recurrent network reads Shakespeare character by character and learns to guess the next one; then it writes by itself.
 *
 *   WEFT_DATA=folder node --import ./scripts/ts.mjs examples/char-rnn/main.ts --samples=2000 --epochs=10
 */
import { parseArgs } from 'node:util';
import { Sequential, configure, datasets, isWeftError, layers, ndarray, optimizers, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '10' },
    samples: { type: 'string', default: '2000' },
    length: { type: 'string', default: '200' },
  },
});
if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
setRandomSeed(1);

const { text, characters } = await datasets.tinyShakespeare.load().catch((error: unknown) => {
  if (!isWeftError(error)) throw error;
  console.error(`This example needs the text of Tiny Shakespeare.\n${error.message}`);
  return process.exit(1);
});
const vocabulary = characters.length;
const codeOf = new Map(characters.map((character, code) => [character, code]));
const codes = Int32Array.from(text, (character) => codeOf.get(character) ?? 0);

// each sample: 32 characters, and the same 32 shifted by one, which are to be guessed
const steps = 32;
const samples = Math.min(Math.floor(codes.length / steps) - 1, Number(options.samples));
const x = ndarray(codes.slice(0, samples * steps), { shape: [samples, steps] });
const y = ndarray(codes.slice(1, samples * steps + 1), { shape: [samples, steps] });

const model = new Sequential([
  layers.input({ shape: [steps], dtype: 'int32' }),
  layers.embedding({ inputDim: vocabulary, outputDim: 16 }),
  layers.lstm({ units: 64, returnSequences: true }),
  layers.dense({ units: vocabulary, activation: 'softmax' }),
]);
model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
model.summary();
const { history } = await model.fit(x, y, { epochs: Number(options.epochs) });

/** A character by its probability; a temperature below 1 prefers the likely ones. */
function sample(probabilities: ArrayLike<number>, temperature: number, chance: number): number {
  const weights = Array.from(probabilities, (p) => p ** (1 / temperature));
  let rest = chance * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => (rest -= weight) <= 0);
  return found < 0 ? weights.length - 1 : found;
}

let written = text.slice(0, steps);
for (let i = 0; i < Number(options.length); i++) {
  const last = Int32Array.from(written.slice(-steps), (character) => codeOf.get(character) ?? 0);
  const probabilities = await model.predict(ndarray(last, { shape: [1, steps] }));
  // the guess after the last character
  written += characters[sample(probabilities.take(0).take(steps - 1).data, 0.6, Math.random())];
}
console.log(`\n${written}\n`);
console.log(`Loss: ${history.loss[0]?.toFixed(4)} → ${history.loss.at(-1)?.toFixed(4)} (guessing blindly: ${Math.log(vocabulary).toFixed(4)})`);
