/**
 * A GPU that goes away while a model trains: `fit` goes on from its last snapshot with the same numbers on a new device, or ends with a typed error,
 * soon, whenever it happens. On the simulated GPU of the package webgpu. WEFT_TEST_LOSSES sets how many moments are tried.
 */
import { describe, expect, it, vi } from 'vitest';
import { native } from '@weftjs/backend-native';
import { Sequential, configure, layers, ndarray, setRandomSeed, type FitOptions, type Model } from 'weftjs';

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

const size = 256;
const x = ndarray(Float32Array.from({ length: size * 20 }, (_, i) => Math.sin(i)), { shape: [size, 20] });
const y = ndarray(Int32Array.from({ length: size }, (_, i) => i % 3));

/** The engine on a GPU whose device can be destroyed at any time. */
class LossyGpu {
  /** What is told of each piece of work that a device is about to be given. */
  onWork: (() => void) | null = null;
  /** What is told before a pipeline is compiled. */
  onCompile: (() => void) | null = null;
  private device: GPUDevice | null = null;
  readonly factory = native({ target: 'webgpu', allowSoftware: true, gpu: this as unknown as GPU });

  async requestAdapter(options?: GPURequestAdapterOptions): Promise<unknown> {
    const { info, limits, features, ...found } = await this.find(options);
    return {
      info,
      limits,
      features,
      requestDevice: async (descriptor?: GPUDeviceDescriptor) => {
        const device = await found.requestDevice(descriptor);
        const { createCommandEncoder, createComputePipelineAsync } = device;
        device.createComputePipelineAsync = (given) => {
          this.onCompile?.();
          return createComputePipelineAsync.call(device, given);
        };
        device.createCommandEncoder = () => {
          this.onWork?.();
          return createCommandEncoder.call(device);
        };
        return (this.device = device);
      },
    };
  }

  destroy(): void {
    this.device?.destroy();
  }

  private async find(options?: GPURequestAdapterOptions): Promise<Pick<GPUAdapter, 'info' | 'limits' | 'features' | 'requestDevice'>> {
    const found = (await gpu?.requestAdapter(options)) as GPUAdapter;
    return { info: found.info, limits: found.limits, features: found.features, requestDevice: (descriptor) => found.requestDevice(descriptor) };
  }
}

function makeModel(): Sequential {
  setRandomSeed(1);
  const model = new Sequential([
    layers.input({ shape: [20] }),
    layers.dense({ units: 16, activation: 'relu' }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

interface Outcome {
  readonly weights: unknown[];
  readonly history: Record<string, number[]>;
  readonly epochs: number[];
}

async function train(model: Model, options: FitOptions = {}, atEnd?: () => void): Promise<Outcome> {
  const { history, epoch } = await model.fit(x, y, { epochs: 4, batchSize: 32, validationSplit: 0.2, verbose: 0, ...options });
  atEnd?.();
  return { weights: await weightsOf(model), history, epochs: epoch };
}

const weightsOf = async (model: Model): Promise<unknown[]> => (await model.getWeights()).map(({ data }) => [...data]);

/** Numbers below 1 that repeat. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** Runs `work` with the warnings that it gives. */
async function withWarnings<T>(work: () => Promise<T>): Promise<[T, string[]]> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  try {
    return [await work(), warn.mock.calls.map(String)];
  } finally {
    warn.mockRestore();
  }
}

const moments = Number(process.env.WEFT_TEST_LOSSES ?? 10);

describe.skipIf(!adapter)('a GPU that goes away during fit', () => {
  it(`is replaced, and training gives the same numbers (${moments} moments)`, async () => {
    const lossy = new LossyGpu();
    await configure({ backend: lossy.factory });
    let works = 0;
    lossy.onWork = () => works++;
    const undisturbed = await train(makeModel(), {}, () => (lossy.onWork = null));
    expect(works).toBeGreaterThan(100);
    const random = randomFrom(20);
    const places = new Set<string>();
    for (let moment = 0; moment < moments; moment++) {
      const snapshotEvery = moment % 2 === 0 ? undefined : 5;
      const at = Math.floor(random() * works);
      const later = random() * 3;
      let count = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;
      lossy.onWork = () => {
        if (count++ !== at) return;
        if (moment % 3 === 0) lossy.destroy();
        else timer = setTimeout(() => lossy.destroy(), later);
      };
      // what happens after fit is not what is tried
      const atEnd = (): void => {
        lossy.onWork = null;
        clearTimeout(timer);
      };
      const [outcome, warnings] = await withWarnings(() => train(makeModel(), { snapshotEvery }, atEnd));
      expect(outcome, `lost at ${at} of ${works}`).toEqual(undisturbed);
      for (const warning of warnings) places.add(warning);
    }
    expect(places.size).toBeGreaterThan(3);
  }, 300_000);

  it('is replaced also when it goes away while kernels are compiled', async () => {
    await configure({ backend: new LossyGpu().factory });
    const undisturbed = await train(makeModel());
    // one that has compiled nothing yet
    const lossy = new LossyGpu();
    await configure({ backend: lossy.factory });
    lossy.onCompile = () => {
      lossy.onCompile = null;
      lossy.destroy();
    };
    const [outcome, warnings] = await withWarnings(() => train(makeModel()));
    expect(outcome).toEqual(undisturbed);
    expect(warnings).toEqual(['Weft: the device was lost while fit ran. It goes on at the start of epoch 1, on native (webgpu).']);
  });

  it.each([5, 30])('ends fit with a typed error without snapshots (lost at work %i)', async (at) => {
    const lossy = new LossyGpu();
    await configure({ backend: lossy.factory });
    let count = 0;
    let lostAt = Infinity;
    lossy.onWork = () => {
      if (count++ !== at) return;
      lossy.destroy();
      lostAt = performance.now();
    };
    const model = makeModel();
    await expect(train(model, { snapshotEvery: false })).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(performance.now() - lostAt).toBeLessThan(1000);
    await expect(model.getWeights()).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
  });

  it('keeps a trained model through a loss between two calls', async () => {
    const lossy = new LossyGpu();
    await configure({ backend: lossy.factory });
    const model = makeModel();
    await train(model);
    const expected = await model.predict(x);
    lossy.destroy();
    await expect(model.evaluate(x, y, { verbose: 0 })).resolves.toHaveProperty('loss');
    expect(await model.predict(x)).toEqual(expected);
  });

  it.each([0, 3, 40, 90, 200, 350, 700, 1200])('ends fit with a typed error when it is lost after %i ms and belongs to the caller', async (wait) => {
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
    const ended = model.fit(x, y, { epochs: 100_000, batchSize: 32, verbose: 0, snapshotEvery: wait < 100 ? undefined : 'epoch' });
    await expect(ended).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(performance.now() - lostAt).toBeLessThan(1000);
    if (wait >= 100) expect(await model.getWeights()).toHaveLength(4);
  });
});
