/** TensorFlow.js as its users write it: tf.sequential and fit, on its WebAssembly engine. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { batchData, pseudoData, type Workload } from '../workloads.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { versionOf } from './versions.ts';

export async function tfjsLayers(): Promise<Contestant> {
  const tf = await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  wasm.setWasmPaths(`${join(folder)}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  return {
    versions: { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') },
    async prepare(workload: Workload): Promise<Prepared | string> {
      if (workload.kind === 'dot') {
        const { size } = workload;
        const [a, b] = [1, 2].map((seed) => tf.tensor2d(pseudoData(size * size, seed), [size, size])) as [ReturnType<typeof tf.tensor2d>, ReturnType<typeof tf.tensor2d>];
        return {
          async run(times) {
            for (let i = 0; i < times; i++) tf.matMul(a, b).dispose();
          },
        };
      }
      if (workload.model === 'convnet') return 'its WebAssembly engine has no kernel Conv2DBackpropFilter';
      const { images, labels } = batchData(workload.batch);
      const net = tf.sequential({
        layers: [tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }), tf.layers.dense({ units: 10, activation: 'softmax' })],
      });
      net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      const xs = tf.tensor2d(images, [workload.batch, 784]);
      const ys = tf.tensor1d(Float32Array.from(labels), 'float32');
      return {
        async run(times) {
          // as many batches as steps: fit repeats its epoch on the one batch
          await net.fit(xs, ys, { batchSize: workload.batch, epochs: times, verbose: 0, shuffle: false });
        },
      };
    },
  };
}
