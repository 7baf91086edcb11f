/** A GPU that goes away while a model trains: `fit` ends with a typed error, soon, whenever it happens. On the simulated GPU of the package webgpu. */
import { describe, expect, it } from 'vitest';
import { native } from '@weftjs/backend-native';
import { Sequential, configure, layers, ndarray, setRandomSeed } from 'weftjs';

async function findGpu(): Promise<GPU | null> {
  try {
    const { create, globals } = (await import('webgpu')) as unknown as { create(options: string[]): GPU; globals: object };
    Object.assign(globalThis, globals);
    return create([]);
  } catch {
    return null;
  }
}

// it must stay referenced: Dawn ends with what create returned
const gpu = await findGpu();
const adapter = (await gpu?.requestAdapter()) ?? null;
if (!adapter) console.warn('No GPU through the package webgpu: install libvulkan1 and chromium. The test of device loss is skipped.');

const size = 512;
const x = ndarray(Float32Array.from({ length: size * 20 }, (_, i) => Math.sin(i)), { shape: [size, 20] });
const y = ndarray(Int32Array.from({ length: size }, (_, i) => i % 3));

describe.skipIf(!adapter)('a GPU that goes away during fit', () => {
  it.each([0, 3, 40, 90, 200, 350, 700, 1200])('ends fit with a typed error when it is lost after %i ms', async (wait) => {
    const device = await ((await gpu?.requestAdapter()) as GPUAdapter).requestDevice();
    await configure({ backend: native({ target: 'webgpu', device }) });
    setRandomSeed(1);
    const model = new Sequential([layers.input({ shape: [20] }), layers.dense({ units: 16, activation: 'relu' }), layers.dense({ units: 3, activation: 'softmax' })]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    let lostAt = Infinity;
    setTimeout(() => {
      device.destroy();
      lostAt = performance.now();
    }, wait);
    const ended = model.fit(x, y, { epochs: 100_000, batchSize: 32, verbose: 0 });
    await expect(ended).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(performance.now() - lostAt).toBeLessThan(1000);
  });
});
