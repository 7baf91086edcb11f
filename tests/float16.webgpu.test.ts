/** Training with weights, activations and slots of float16: on onnxruntime, and on a GPU where it has them. */
import { describe, expect, it } from 'vitest';
import { native } from '@weftjs/backend-native';
import { onnx } from '@weftjs/backend-onnx';
import { Sequential, configure, layers, ndarray, optimizers, setRandomSeed, type BackendFactory } from 'weftjs';

async function findGpu(): Promise<GPU | null> {
  try {
    const webgpu = (await import('webgpu')) as unknown as { create(options: string[]): GPU; globals: object };
    Object.assign(globalThis, webgpu.globals);
    return webgpu.create([]);
  } catch {
    return null;
  }
}

// it must stay referenced: Dawn ends with what create returned
const gpu = await findGpu();
const hasHalves = (await gpu?.requestAdapter())?.features.has('shader-f16') === true;

/** Losses of a classifier of points around five centres. */
async function losses(backend: BackendFactory, optimizer: 'adam' | 'sgd'): Promise<number[]> {
  await configure({ backend });
  setRandomSeed(1);
  const [size, classes, width] = [160, 5, 20];
  const near = (i: number): number => ((i * 7919) % 101) / 101 - 0.5;
  const points = Float32Array.from({ length: size * width }, (_, i) => {
    const label = Math.floor(i / width) % classes;
    return 2 * near(label * width + (i % width) + 13) + 0.5 * near(i * 31);
  });
  const x = ndarray(points, { shape: [size, width] });
  const y = ndarray(Int32Array.from({ length: size }, (_, i) => i % classes));
  const dtype = 'float16';
  const model = new Sequential([
    layers.dense({ units: 16, activation: 'relu', dtype, inputShape: [width] }),
    layers.dense({ units: classes, activation: 'softmax', dtype }),
  ]);
  // what a float16 can hold: 1e-7 is hardly more than nothing
  const rule = {
    adam: optimizers.adam({ learningRate: 0.01, epsilon: 1e-3 }),
    sgd: optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }),
  };
  model.compile({ optimizer: rule[optimizer], loss: 'sparseCategoricalCrossentropy' });
  const { history } = await model.fit(x, y, { batchSize: 32, epochs: 6, verbose: 0 });
  expect(model.weights.map((weight) => weight.dtype)).toEqual(['float16', 'float16', 'float16', 'float16']);
  return history.loss as number[];
}

describe.each(['adam', 'sgd'] as const)('float16 with %s', (optimizer) => {
  it('learns on onnxruntime', async () => {
    const found = await losses(onnx(), optimizer);
    expect(found[5]).toBeLessThan(0.2 * (found[0] as number));
  });

  // not skipped where it is missing: a GPU may do without
  if (hasHalves) {
    it('learns on a GPU', async () => {
      const found = await losses(native({ target: 'webgpu', allowSoftware: true, gpu: gpu as GPU }), optimizer);
      expect(found[5]).toBeLessThan(0.2 * (found[0] as number));
    });
  }
});
