/**
 * A convolutional network learns handwritten digits: the main job.
 *
 *   npm start
 *   npm start -- --backend=tfjs --epochs=3
 */
import { parseArgs } from 'node:util';
import { Sequential, configure, currentConfig, datasets, layers, optimizers, setRandomSeed } from 'weftjs';

const { values: options } = parseArgs({
  options: {
    backend: { type: 'string' },
    target: { type: 'string' },
    model: { type: 'string', default: 'small' },
    epochs: { type: 'string' },
    batchSize: { type: 'string' },
    seed: { type: 'string', default: '1' },
    samples: { type: 'string' },
  },
});

/** Two convolutions: small enough to learn 8,000 digits in seconds. */
const small = (): Sequential =>
  new Sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 16, kernelSize: 5, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

/** The network of Keras's example mnist_convnet. */
const convnet = (): Sequential =>
  new Sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);

const models = { small, convnet };
if (!Object.hasOwn(models, options.model)) throw new Error(`--model must be one of ${Object.keys(models).join(', ')}. Received: ${options.model}.`);

if (options.backend ?? options.target) {
  await configure({ backend: options.backend ?? 'native', ...(options.target ? { target: options.target } : {}) });
}
setRandomSeed(Number(options.seed));

const { train, test } = await datasets.mnist.load();
const samples = Math.min(train.x.shape[0] as number, Number(options.samples ?? Infinity));
const isSmall = options.model === 'small';
const epochs = Number(options.epochs ?? (isSmall ? 7 : 3));
const batchSize = Number(options.batchSize ?? (isSmall ? 32 : 128));
const model = models[options.model as keyof typeof models]();

// the rate falls along a cosine to zero, which ends training near the best weights
const decaySteps = Math.ceil(samples / batchSize) * epochs;
const learningRate = isSmall ? optimizers.cosineDecay({ initialLearningRate: 0.003, decaySteps }) : 0.001;
model.compile({ optimizer: optimizers.adam({ learningRate }), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
model.summary();

const started = performance.now();
await model.fit(train.x.slice(0, samples), train.y.slice(0, samples), { epochs, batchSize });
const seconds = (performance.now() - started) / 1000;
const { accuracy } = await model.evaluate(test.x, test.y, { verbose: 0 });

const { backend } = currentConfig();
console.log(`\nTrained in ${seconds.toFixed(1)} s on ${String(backend.value)}.`);
console.log(`Test accuracy: ${accuracy?.toFixed(4)}`);
console.log('Swap the engine: npm start -- --backend=tfjs | --backend=onnx | --backend=native (default)');
