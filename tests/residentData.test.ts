/** Training on data that stays on the device: the same numbers as batches from the host, and nothing left behind. */
import { native } from '@weftjs/backend-native';
import { WeftError, type Backend, type BackendFactory, type DeviceInfo } from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { Model, Sequential, layers, ndarray, setRandomSeed, type FitOptions, type NDArray } from 'weftjs';

/** The native engine on WebAssembly, changed; counts the bytes it is given. */
function engine(device: Partial<DeviceInfo> = {}, fail: (bytes: number) => boolean = () => false): { backend: BackendFactory; uploads: number[] } {
  const uploads: number[] = [];
  const create = async (): Promise<Backend> => {
    const backend = await native({ target: 'wasm' }).create();
    const upload = backend.upload.bind(backend);
    return Object.defineProperties(backend, {
      device: { value: { ...backend.device, ...device } },
      upload: {
        value: (...[data, type]: Parameters<typeof upload>) => {
          uploads.push(data.byteLength);
          if (fail(data.byteLength)) throw new WeftError('WEFT_E_MEMORY', 'There must be room. Received: too much.');
          return upload(data, type);
        },
      },
    });
  };
  return { backend: { name: 'native', create }, uploads };
}

const COUNT = 37;
const random = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed) * Math.cos(i * 0.37));
const images = (row: number): NDArray => ndarray(Uint8Array.from({ length: COUNT * row }, (_, i) => (i * 197 + (i >> 3)) % 256), { shape: [COUNT, row] }) as NDArray;
/** The same a byte further on in their buffer. */
const shifted = (row: number): NDArray => {
  const bytes = new Uint8Array(COUNT * row + 1);
  bytes.set(images(row).data, 1);
  return ndarray(bytes.subarray(1), { shape: [COUNT, row] }) as NDArray;
};
const labels = ndarray(Int32Array.from({ length: COUNT }, (_, i) => (i * 5) % 3)) as NDArray;

function classifier(inputs: number): Sequential {
  return new Sequential([
    layers.input({ shape: [inputs] }),
    layers.rescaling({ scale: 1 / 255 }),
    layers.dense({ units: 6, activation: 'tanh' }),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
}

function twoInputs(): Model {
  const [a, b] = [layers.input({ shape: [3], name: 'a' }), layers.input({ shape: [20], name: 'b' })];
  const joined = layers.concatenate()([a, b]);
  return new Model({ inputs: { a, b }, outputs: { p: layers.dense({ units: 3, activation: 'softmax', name: 'p' })(joined), q: layers.dense({ units: 1, name: 'q' })(joined) } }) as unknown as Model;
}

const both = { p: 'sparseCategoricalCrossentropy', q: 'meanSquaredError' } as const;
const cases: Record<string, { make: () => Model | Sequential; loss: unknown; x: unknown; y: unknown; options?: FitOptions }> = {
  'rows of bytes': { make: () => classifier(24), loss: 'sparseCategoricalCrossentropy', x: images(24), y: labels },
  'rows of bytes that fill no words': { make: () => classifier(19), loss: 'sparseCategoricalCrossentropy', x: images(19), y: labels, options: { validationSplit: 0.3 } },
  'rows of bytes from the middle of others': { make: () => classifier(24), loss: 'sparseCategoricalCrossentropy', x: shifted(24), y: labels },
  'few bytes a row': { make: () => classifier(5), loss: 'sparseCategoricalCrossentropy', x: images(5), y: labels, options: { shuffle: false } },
  'floats, weights and validation data': {
    make: () => classifier(24), loss: 'sparseCategoricalCrossentropy', x: ndarray(random(COUNT * 24, 1), { shape: [COUNT, 24] }), y: labels,
    options: { sampleWeight: ndarray(random(COUNT, 2).map(Math.abs)) as NDArray, classWeight: { 0: 2, 1: 0.5 }, validationData: [images(24), labels], validationBatchSize: 9 },
  },
  'several inputs and outputs': {
    make: twoInputs, loss: both, x: { a: ndarray(random(COUNT * 3, 3), { shape: [COUNT, 3] }), b: images(20) },
    y: { p: labels, q: ndarray(random(COUNT, 4), { shape: [COUNT, 1] }) },
  },
  'an epoch of few batches': { make: () => classifier(24), loss: 'sparseCategoricalCrossentropy', x: images(24), y: labels, options: { stepsPerEpoch: 2 } },
};

async function train(name: string, backend: BackendFactory, more: FitOptions & { runEagerly?: boolean } = {}) {
  const { make, loss, x, y, options } = cases[name] as (typeof cases)[string];
  const { runEagerly = false, ...rest } = more;
  setRandomSeed(5);
  const model = make();
  model.compile({ optimizer: 'adam', loss: loss as 'meanSquaredError', backend, runEagerly });
  const { history } = await model.fit(x as NDArray, y as NDArray, { epochs: 11, batchSize: 8, verbose: 0, ...options, ...rest });
  return { model, history, weights: (await model.getWeights()).map(({ data }) => data) };
}

describe('data on the device', () => {
  it.each(Object.keys(cases))('trains as data on the host, bit for bit: %s', async (name) => {
    const [device, host] = [engine(), engine({ inputsResident: false })];
    const [found, expected] = [await train(name, device.backend), await train(name, host.backend)];
    expect(found.history).toEqual(expected.history);
    expect(found.weights).toEqual(expected.weights);
    expect(device.uploads.length).toBeLessThan(host.uploads.length);
  });

  it('trains op by op, too', async () => {
    const [found, expected] = [await train('rows of bytes', engine().backend, { runEagerly: true }), await train('rows of bytes', engine({ inputsResident: false }).backend, { runEagerly: true })];
    expect(found.weights).toEqual(expected.weights);
  });

  it.each([{ epochs: 6 }, { epochs: 1, batchSize: 1 }])('stays on the host for few batches or one epoch: %o', async (options) => {
    const { backend, uploads } = engine();
    await train('rows of bytes', backend, options);
    expect(uploads).not.toContain(COUNT * 24);
  });

  it('is uploaded once, bytes as bytes', async () => {
    const { backend, uploads } = engine();
    await train('rows of bytes', backend);
    // the images, once; then nothing as large
    expect(uploads.filter((bytes) => bytes === COUNT * 24)).toHaveLength(1);
    expect(uploads.filter((bytes) => bytes > COUNT * 24)).toHaveLength(0);
  });

  it.each([
    ['a buffer', { limits: { maxBufferBytes: COUNT * 24 - 1 } }],
    ['a share of the memory', { limits: { maxMemoryBytes: COUNT * 24 * 4 } }],
  ])('stays on the host where it does not fit %s', async (_, device) => {
    const { backend, uploads } = engine(device);
    const { weights } = await train('rows of bytes', backend);
    expect(uploads.filter((bytes) => bytes === 8 * 24 * 4)).toHaveLength(44);
    expect(weights).toEqual((await train('rows of bytes', engine().backend)).weights);
  });

  it('goes back to the host when memory runs out after all', async () => {
    const { backend } = engine({}, (bytes) => bytes === COUNT * 24);
    const { weights, model } = await train('rows of bytes', backend);
    expect(weights).toEqual((await train('rows of bytes', engine().backend)).weights);
    expect(model.engine.memory()?.buffers).toBe((await train('rows of bytes', engine({ inputsResident: false }).backend)).model.engine.memory()?.buffers);
  });

  it('leaves nothing behind, however training ends', async () => {
    const { backend } = engine();
    const { model } = await train('rows of bytes', backend);
    const { x, y } = cases['rows of bytes'] as { x: NDArray; y: NDArray };
    const fit = (options: FitOptions): Promise<unknown> => model.fit(x, y, { epochs: 11, batchSize: 8, verbose: 0, ...options });
    const before = model.engine.memory();
    await fit({ epochs: 20, validationSplit: 0.5 });
    const controller = new AbortController();
    await fit({ signal: controller.signal, callbacks: { onTrainBatchEnd: (batch) => void (batch === 1 && controller.abort()) } });
    await fit({ stepsPerEpoch: 1 });
    for (const hook of ['onTrainBatchBegin', 'onTrainBatchEnd', 'onEpochEnd'] as const) {
      const thrown = new Error(hook);
      const fail = (): never => {
        throw thrown;
      };
      await expect(fit({ callbacks: { [hook]: fail } })).rejects.toBe(thrown);
    }
    expect(model.engine.memory()).toMatchObject({ buffers: before?.buffers, bytes: before?.bytes });
  });
});
