/**
 * Parts of one's own: a layer with weights, a loss and a metric. The layer gates each feature before a dense layer sees it;
 * the loss punishes far misses less than squares do; the metric counts predictions within two miles per gallon.
 *
 *   node --import ./scripts/ts.mjs examples/custom-layer/main.ts
 */
import { parseArgs } from 'node:util';
import { Layer, type LayerOptions, Sequential, type Tensor, type Variable, configure, datasets, layers, ops, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    epochs: { type: 'string', default: '60' },
    samples: { type: 'string' },
  },
});
if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
setRandomSeed(1);

interface GateOptions extends LayerOptions {
  /** How sharply the gates open and close. */
  sharpness?: number;
}

/** y = x · sigmoid(sharpness · gate), with one gate for each feature. */
class Gate extends Layer {
  static override readonly className = 'Gate';
  readonly sharpness: number;
  gate: Variable | null = null;

  constructor({ sharpness = 1, ...rest }: GateOptions = {}) {
    super(rest);
    this.sharpness = sharpness;
  }

  /** Makes the weights, once the shape of the inputs is known. */
  override build(inputShape: readonly (number | null)[]): void {
    this.gate = this.addWeight({ name: 'gate', shape: [inputShape.at(-1) as number], initializer: 'ones' });
  }

  /** Computes the outputs, with ordinary ops: the gradient comes by itself. */
  override call(inputs: Tensor): Tensor {
    return inputs.mul(ops.sigmoid(ops.multiply(this.gate as Variable, this.sharpness)));
  }

  /** What it takes to make the layer again. */
  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), sharpness: this.sharpness };
  }
}

/** √(1 + e²) − 1 for each error e: like half the square for small errors, like the distance for large ones. */
function charbonnier(yTrue: Tensor, yPred: Tensor): Tensor {
  const error = yPred.reshape([-1]).sub(yTrue);
  return ops.sqrt(error.mul(error).add(1)).sub(1);
}

/** 1 for each prediction that is right within two miles per gallon; `fit` shows the mean. */
function within_two(yTrue: Tensor, yPred: Tensor): Tensor {
  return yPred.reshape([-1]).sub(yTrue).abs().lessEqual(2).cast('float32');
}

const { train, test, columns } = await datasets.autoMpg.load();
const gate = new Gate({ sharpness: 2 });
const model = new Sequential([
  layers.input({ shape: [columns.length] }),
  gate,
  layers.dense({ units: 32, activation: 'relu' }),
  layers.dense({ units: 1 }),
]);
model.compile({ optimizer: 'adam', loss: charbonnier, metrics: [within_two] });
model.summary();

const samples = Math.min(train.y.size, Number(options.samples ?? Infinity));
const history = await model.fit(train.x.slice(0, samples), train.y.slice(0, samples), { epochs: Number(options.epochs), batchSize: 8, verbose: 0 });
console.log(history);

const [gates] = await gate.getWeights();
console.log('\nHow far each gate is open:');
columns.forEach((column, i) => console.log(`  ${column.padEnd(14)} ${(1 / (1 + Math.exp(-2 * (gates?.at(i) ?? 0)))).toFixed(3)}`));
console.log('\nThe layer again, from its configuration:', Gate.fromConfig(gate.getConfig()).getConfig());
const { within_two: share } = await model.evaluate(test.x, test.y, { verbose: 0 });
console.log(`Within two miles per gallon: ${((share ?? 0) * 100).toFixed(1)} %`);
