/**
 * One model, one seed, every engine: what is the same, what differs, and by how much. An engine that is not installed, or needs a
 * GPU that is not there, is listed with the reason.
 *
 *   node --import ./scripts/ts.mjs examples/swap-backends/main.ts --epochs=3
 *   node --import ./scripts/ts.mjs examples/swap-backends/main.ts --backend=tfjs --target=cpu   # only this one
 */
import { parseArgs } from 'node:util';
import { Sequential, configure, currentConfig, datasets, layers, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '3' },
    samples: { type: 'string', default: '1000' },
  },
});
const engines = [
  { backend: 'native', target: 'wasm' },
  { backend: 'native', target: 'webgpu' },
  { backend: 'tfjs', target: 'wasm' },
  { backend: 'tfjs', target: 'cpu' },
  { backend: 'onnx', target: 'web' },
  { backend: 'onnx', target: 'node' },
].filter(({ backend, target }) => (options.backend ?? backend) === backend && (options.target ?? target) === target);

const { train, test } = await datasets.mnist.load();
const samples = Math.min(train.y.size, Number(options.samples));
const x = train.x.slice(0, samples);
const y = train.y.slice(0, samples);
const unseen = { x: test.x.slice(0, 500), y: test.y.slice(0, 500) };

/** Trains on one engine and tells what is to be compared. */
async function run(engine: { backend: string; target: string }) {
  await configure(engine);
  setRandomSeed(1);
  const model = new Sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 8, kernelSize: 5, strides: 2, activation: 'relu' }),
    layers.flatten(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
  const initial = await model.getWeights();
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const untrained = await model.predict(unseen.x);
  const started = performance.now();
  const { history } = await model.fit(x, y, { epochs: Number(options.epochs), verbose: 0 });
  const seconds = (performance.now() - started) / 1000;
  const { accuracy } = await model.evaluate(unseen.x, unseen.y, { verbose: 0 });
  return { initial, untrained, losses: history.loss, accuracy: accuracy ?? NaN, seconds };
}

type Result = Awaited<ReturnType<typeof run>>;
type Numbers = { readonly data: ArrayLike<number> };

const differenceOf = (a: Numbers, b: Numbers): number =>
  Array.from(a.data).reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] ?? NaN))), 0);
const isSame = (a: Result, b: Result): boolean => a.initial.every((weights, i) => differenceOf(weights, b.initial[i] as Numbers) === 0);

const rows: string[][] = [['engine', 'first weights', 'outputs differ by', 'loss of each epoch', 'losses differ by', 'accuracy', 'time']];
let reference: Result | undefined;
for (const engine of engines) {
  const name = `${engine.backend} (${engine.target})`;
  try {
    const result = await run(engine);
    reference ??= result;
    rows.push([
      name,
      isSame(result, reference) ? 'identical' : 'DIFFERENT',
      differenceOf(result.untrained, reference.untrained).toExponential(1),
      result.losses.map((loss) => loss.toFixed(4)).join(' '),
      differenceOf({ data: result.losses }, { data: reference.losses }).toExponential(1),
      result.accuracy.toFixed(4),
      `${result.seconds.toFixed(1)} s`,
    ]);
  } catch (error) {
    rows.push([name, `left out: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

console.log(`\n${samples} digits, seed 1; differences are the largest, from the first engine\n`);
const full = rows.filter(({ length }) => length > 2);
const widths = full[0]?.map((_, column) => Math.max(...full.map((row) => row[column]?.length ?? 0))) ?? [];
for (const row of rows) console.log(row.map((cell, i) => (row.length > 2 || i === 0 ? cell.padEnd(widths[i] ?? 0) : cell)).join('  ').trimEnd());
console.log(`\nNow set: ${String(currentConfig().backend.value)}`);
