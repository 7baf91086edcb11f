/** TensorFlow.js as its users write it: tf.sequential, compile, trainOnBatch and predict. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type * as tfjs from '@tensorflow/tfjs';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { Inference, NetName, Product, Task, Training } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { provideGpu, tooLarge, type ProvidedGpu } from '../gpu.ts';
import { versionOf } from '../versions.ts';
import { modelOf } from './models.ts';

type Tf = typeof tfjs;

/** Loads tfjs with one of its engines. */
async function load(target: 'cpu' | 'wasm' | 'webgpu'): Promise<{ tf: Tf; gpu: ProvidedGpu | null }> {
  const gpu = target === 'webgpu' ? await provideGpu() : null;
  if (gpu) {
    // it looks for a page around it
    (globalThis as { window?: unknown }).window ??= globalThis;
  }
  const tf = await import('@tensorflow/tfjs');
  if (target === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  if (target === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  }
  if (!(await tf.setBackend(target))) throw new Error(`tfjs does not start its engine ${target}`);
  await tf.ready();
  return { tf, gpu };
}

export async function tfjsLayers(target: 'cpu' | 'wasm' | 'webgpu'): Promise<Contestant> {
  const { tf, gpu } = await load(target);
  return {
    versions: { '@tensorflow/tfjs': versionOf('@tensorflow/tfjs') },
    ...(gpu && { gpu: gpu.name }),
    prepare: async (task: Task) => {
      const reason = gpu && tooLarge(gpu, task);
      if (reason) return reason;
      if (task.kind === 'dot') return product(tf, task);
      const model = modelOf(tf, task.net, 0.5);
      if (!model) return 'not written for it';
      if (task.kind === 'infer') return inference(tf, task, model);
      if (target === 'wasm' && task.net === 'convnet')
        return 'its WebAssembly engine has no kernel Conv2DBackpropFilter';
      return training(tf, task, model);
    },
  };
}

function product(tf: Tf, { m, k, n, transposeA, transposeB }: Product): Prepared {
  const a = tf.tensor2d(pseudoData(m * k, 1), transposeA ? [k, m] : [m, k]);
  const b = tf.tensor2d(pseudoData(k * n, 2), transposeB ? [n, k] : [k, n]);
  const multiply = (): tfjs.Tensor2D => tf.matMul(a, b, transposeA, transposeB);
  return {
    async run(times) {
      for (let i = 1; i < times; i++) multiply().dispose();
      const last = multiply();
      // on a GPU work goes on behind JavaScript's back; it is done in order
      const element = last.slice([0, 0], [1, 1]);
      await element.data();
      tf.dispose([last, element]);
    },
    check: () => multiply().data(),
  };
}

function training(tf: Tf, { net: name, batch }: Training, model: tfjs.LayersModel): Prepared {
  const net = NETS[name];
  const x = samples(tf, name, batch);
  // a loss of one's own takes labels of the outputs' shape only; the one for whole numbers takes no scores
  const scores = name === 'gpt';
  const labels = tf.tensor(labelsOf(net, batch), [batch, ...net.labels], 'int32');
  const y = scores ? tf.oneHot(labels, net.classes).cast('float32') : labels.cast('float32');
  const ready = (fresh: tfjs.LayersModel): tfjs.LayersModel => {
    setWeights(tf, fresh, name);
    fresh.compile({
      optimizer: 'adam',
      loss: scores ? tf.losses.softmaxCrossEntropy : 'sparseCategoricalCrossentropy',
    });
    return fresh;
  };
  ready(model);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await model.trainOnBatch(x, y);
    },
    async check() {
      const fresh = ready(modelOf(tf, name, 0) as tfjs.LayersModel);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await fresh.trainOnBatch(x, y)) as number);
      return losses;
    },
  };
}

function inference(tf: Tf, { net: name, batch }: Inference, model: tfjs.LayersModel): Prepared {
  setWeights(tf, model, name);
  const outputs = async (): Promise<Float32Array> => {
    const x = samples(tf, name, batch);
    const y = model.predict(x) as tfjs.Tensor;
    const values = await y.data();
    tf.dispose([x, y]);
    return values as Float32Array;
  };
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await outputs();
    },
    check: outputs,
  };
}

const samples = (tf: Tf, name: NetName, batch: number): tfjs.Tensor => {
  const net = NETS[name];
  return tf.tensor(samplesOf(net, batch), [batch, ...net.input], net.vocabulary ? 'int32' : 'float32');
};

function setWeights(tf: Tf, model: tfjs.LayersModel, name: NetName): void {
  const net = NETS[name];
  const values = weightValues(net);
  let next = 0;
  for (const layer of model.layers) {
    layer.setWeights(
      layer.weights.map(() => {
        const at = next++;
        return tf.tensor(values[at] as Float32Array, [...(net.weights[at]?.shape ?? [])]);
      }),
    );
  }
}
