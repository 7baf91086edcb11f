/**
 * Training by hand, in three ways that give the same weights: `fit` with a `trainStep` of one's own, a loop with
 * `GradientTape`, and the same loop inside `jit`, compiled.
 *
 *   node --import ./scripts/ts.mjs examples/custom-training-loop/main.ts
 */
import { parseArgs } from 'node:util';
import { GradientTape, Sequential, type Tensor, configure, datasets, jit, layers, losses, ops, optimizers, scope, setRandomSeed, tensor } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '10' },
    samples: { type: 'string' },
  },
});
if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
const epochs = Number(options.epochs);
const batchSize = 32;

const { train, test } = await datasets.penguins.load();
const samples = Math.min(train.y.size, Number(options.samples ?? Infinity));
const x = train.x.slice(0, samples);
const y = train.y.slice(0, samples);
const lossOf = losses.sparseCategoricalCrossentropy();

/** The same model with the same first weights each time. */
function makeModel(kind: typeof Sequential = Sequential): Sequential {
  setRandomSeed(7);
  return new kind([
    layers.input({ shape: [4] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
}

async function accuracyOf(model: Sequential): Promise<number> {
  const guesses = (await model.predict(test.x)).argmax();
  let right = 0;
  for (let i = 0; i < test.y.size; i++) if (guesses.at(i) === test.y.at(i)) right++;
  return right / test.y.size;
}

// 1. fit does the batches, the callbacks and the bar; trainStep says what one step computes
class MyModel extends Sequential {
  override trainStep({ x: inputs, y: targets }: Parameters<Sequential['trainStep']>[0]): Record<string, Tensor> {
    const tape = new GradientTape();
    const loss = tape.run(() => lossOf.apply(targets as Tensor, this(inputs, { training: true })));
    const weights = this.trainableWeights;
    this.optimizer.apply(tape.gradient(loss, weights), weights);
    return { loss, weight_norm: ops.sqrt(sumOfSquares(weights.map(({ value }) => value))) };
  }
}
const sumOfSquares = (tensors: readonly Tensor[]): Tensor => tensors.map((t) => ops.sum(ops.square(t))).reduce((a, b) => a.add(b));

const first = makeModel(MyModel);
first.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }) });
const { history } = await first.fit(x, y, { epochs, batchSize, shuffle: false, verbose: 0 });
console.log(`trainStep      loss ${history.loss?.at(-1)?.toFixed(6)}, accuracy ${(await accuracyOf(first)).toFixed(4)}`);

// 2. everything by hand
const second = makeModel();
const optimizer = optimizers.sgd({ learningRate: 0.1 });
let last = 0;
for (let epoch = 0; epoch < epochs; epoch++) {
  for (let start = 0; start < samples; start += batchSize) {
    const loss = scope(() => {
      const tape = new GradientTape();
      const value = tape.run(() => lossOf.apply(y.slice(start, start + batchSize), second(x.slice(start, start + batchSize))));
      optimizer.apply(tape.gradient(value, second.trainableWeights), second.trainableWeights);
      return value;
    });
    last = await loss.item();
    loss.dispose();
  }
}
console.log(`GradientTape   loss ${last.toFixed(6)}, accuracy ${(await accuracyOf(second)).toFixed(4)}`);

// 3. the step as one compiled program
const third = makeModel();
const compiledOptimizer = optimizers.sgd({ learningRate: 0.1 });
const step = jit((inputs: Tensor, targets: Tensor) => {
  const tape = new GradientTape();
  const loss = tape.run(() => lossOf.apply(targets, third(inputs)));
  compiledOptimizer.apply(tape.gradient(loss, third.trainableWeights), third.trainableWeights);
  return loss;
});
for (let epoch = 0; epoch < epochs; epoch++) {
  for (let start = 0; start < samples; start += batchSize) {
    using inputs = tensor(x.slice(start, start + batchSize));
    using targets = tensor(y.slice(start, start + batchSize));
    using loss = step(inputs, targets);
    last = await loss.item();
  }
}
console.log(`jit            loss ${last.toFixed(6)}, accuracy ${(await accuracyOf(third)).toFixed(4)}`);

let difference = 0;
const [a, b, c] = await Promise.all([first.getWeights(), second.getWeights(), third.getWeights()]);
a.forEach((weights, i) => {
  weights.data.forEach((value, k) => {
    difference = Math.max(difference, Math.abs(value - (b[i]?.data[k] ?? NaN)), Math.abs(value - (c[i]?.data[k] ?? NaN)));
  });
});
console.log(`Largest difference between their weights: ${difference.toExponential(1)}`);
