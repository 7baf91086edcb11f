/** Weft on one of its engines: `fit` for training, one compiled product for `dot`. */
import { Sequential, configure, jit, layers, ndarray, ops, setRandomSeed, type Tensor } from 'weftjs';
import { batchData, pseudoData, type Workload } from '../workloads.ts';
import type { Contestant, Prepared } from './contestant.ts';
import { versionOf } from './versions.ts';

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  native: ['weftjs'],
  tfjs: ['weftjs', '@tensorflow/tfjs-core'],
  onnx: ['weftjs', 'onnxruntime-web', 'onnxruntime-node'],
};

function model(kind: 'mlp' | 'convnet'): Sequential {
  if (kind === 'mlp') {
    return new Sequential([layers.input({ shape: [784] }), layers.dense({ units: 128, activation: 'relu' }), layers.dense({ units: 10, activation: 'softmax' })]);
  }
  return new Sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d(),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
}

export async function weft(backend: string, target: string): Promise<Contestant> {
  await configure({ backend, target });
  return {
    versions: Object.fromEntries((PACKAGES[backend] ?? []).map((name) => [name, versionOf(name)])),
    async prepare(workload: Workload): Promise<Prepared | string> {
      setRandomSeed(1);
      if (workload.kind === 'dot') {
        const { size } = workload;
        const [a, b] = [1, 2].map((seed) => ops.add(ndarray(pseudoData(size * size, seed), { shape: [size, size] }), 0)) as [Tensor, Tensor];
        const product = jit((x: Tensor, y: Tensor) => ops.matmul(x, y));
        return {
          async run(times) {
            let last: Tensor | null = null;
            for (let i = 0; i < times; i++) {
              last?.dispose();
              last = product(a, b);
            }
            // work is done in order: one element of the last result is read when all is done
            await ops.slice(last as Tensor, [0, 0], [1, 1]).data();
            last?.dispose();
          },
        };
      }
      const { images, labels } = batchData(workload.batch);
      const net = model(workload.model);
      net.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
      const shape = workload.model === 'mlp' ? [workload.batch, 784] : [workload.batch, 28, 28, 1];
      const batch = [ndarray(images, { shape }), ndarray(labels)];
      return {
        async run(times) {
          const repeat = function* (): Iterable<unknown> {
            for (let i = 0; i < times; i++) yield batch;
          };
          await net.fit(repeat, undefined, { verbose: 0, epochs: 1 });
        },
      };
    },
  };
}
