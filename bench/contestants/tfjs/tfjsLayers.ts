/** TensorFlow.js as its users write it: tf.sequential, compile and trainOnBatch. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { NetName, Product, Training, Workload } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { modelOf } from './models.ts';

type Tf = typeof tfjs;

export async function tfjsLayers(target: 'cpu' | 'wasm'): Promise<Contestant> {
  const tf = await import('@tensorflow/tfjs');
  if (target === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  }
  await tf.setBackend(target);
  await tf.ready();
  return {
    versions: { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') },
    prepare: async (workload: Workload) => {
      if (workload.kind === 'dot') return product(tf, workload);
      if (target === 'wasm' && workload.net === 'convnet') return 'its WebAssembly engine has no kernel Conv2DBackpropFilter';
      return training(tf, workload);
    },
  };
}

function product(tf: Tf, { m, k, n, transposeA, transposeB }: Product): Prepared {
  const a = tf.tensor2d(pseudoData(m * k, 1), transposeA ? [k, m] : [m, k]);
  const b = tf.tensor2d(pseudoData(k * n, 2), transposeB ? [n, k] : [k, n]);
  const multiply = (): tfjs.Tensor2D => tf.matMul(a, b, transposeA, transposeB);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) multiply().dispose();
    },
    check: () => multiply().data(),
  };
}

function training(tf: Tf, { net: name, batch }: Training): Prepared {
  const net = NETS[name];
  const samples = samplesOf(net, batch);
  const x = tf.tensor(samples, [batch, ...net.input], net.vocabulary ? 'int32' : 'float32');
  // a loss of one's own takes labels of the outputs' shape only; the one for whole numbers takes no scores
  const scores = name === 'gpt';
  const labels = tf.tensor(labelsOf(net, batch), [batch, ...net.labels], 'int32');
  const y = scores ? tf.oneHot(labels, net.classes).cast('float32') : labels.cast('float32');
  const make = (dropout: number): tfjs.LayersModel => {
    const model = modelOf(tf, name, dropout);
    setWeights(tf, model, name);
    model.compile({ optimizer: 'adam', loss: scores ? tf.losses.softmaxCrossEntropy : 'sparseCategoricalCrossentropy' });
    return model;
  };
  const model = make(0.5);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await model.trainOnBatch(x, y);
    },
    async check() {
      const fresh = make(0);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await fresh.trainOnBatch(x, y)) as number);
      return losses;
    },
  };
}

function setWeights(tf: Tf, model: tfjs.LayersModel, name: NetName): void {
  const net = NETS[name];
  const values = weightValues(net);
  let next = 0;
  for (const layer of model.layers) {
    layer.setWeights(layer.weights.map(() => tf.tensor(values[next] as Float32Array, [...(net.weights[next++]?.shape ?? [])])));
  }
}
