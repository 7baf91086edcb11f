/**
 * float16 where the adapter has it: memory, rounding, sums, products, and buffers that float16 shares with words. The
 * conformance suite has the rest.
 */
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { openAdapter, requestAdapter } from './adapter.ts';
import { WebGpuBackend } from './backend.ts';
import { candidateSchedules, type Schedule } from './products/schedule.ts';
import { nodeGpu } from './testing.ts';

const gpu = await nodeGpu().catch(() => null);
const adapter = await requestAdapter(gpu);
const hasHalves = adapter?.features.has('shader-f16') === true;

const input = (shape: readonly number[], dtype: w.DType = 'float16'): w.Value =>
  w.inputValue(w.tensorType(dtype, shape));
const numbers = (size: number, step: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => w.roundToHalf(((i * step + 0.11) % 1) - 0.5));
const hostOf = ({ dtype }: w.TensorType, data: ArrayLike<number>): w.TypedArray => {
  const host = w.hostArray(dtype, data.length);
  for (let i = 0; i < data.length; i++)
    host[i] = dtype === 'float16' ? w.numberToHalf(data[i] as number) : (data[i] as number);
  return host;
};
const numbersOf = (host: w.TypedArray): number[] =>
  Array.from(host, (x) => (host instanceof Uint16Array ? w.halfToNumber(x) : x));

async function withBackend<T>(
  body: (backend: WebGpuBackend) => Promise<T>,
  device?: GPUDevice,
  isSoftware = true,
): Promise<T> {
  const found = await openAdapter((await requestAdapter(gpu)) as GPUAdapter, gpu);
  const backend = new WebGpuBackend({ ...found, ...(device && { device }), isSoftware, maxMemoryBytes: Infinity });
  try {
    return await body(backend);
  } finally {
    await backend.dispose();
  }
}

async function run(
  backend: w.Backend,
  graph: w.Graph,
  data: readonly ArrayLike<number>[],
  options: w.CompileOptions = {},
): Promise<number[][]> {
  const executable = await backend.compile(graph, options);
  const inputs = graph.inputs.map(({ type }, i) =>
    options.host?.includes(i)
      ? (data[i]?.[0] as number)
      : backend.upload(hostOf(type, data[i] as ArrayLike<number>), type),
  );
  const outputs = executable.run(inputs);
  const read = await Promise.all(outputs.map(async (buffer) => numbersOf(await backend.read(buffer))));
  executable.dispose();
  return read;
}

function closeTo(got: readonly number[], want: ArrayLike<number>): void {
  const worst = Math.max(0, ...Array.from(want, (x, i) => Math.abs((got[i] as number) - x) / (1 + Math.abs(x))));
  expect(worst).toBeLessThan(2e-3);
}

describe.skipIf(!adapter)('float16 on WebGPU', () => {
  it('is a dtype of devices with the feature, and of no others', async () => {
    await withBackend(async (backend) => expect(backend.device.dtypes.includes('float16')).toBe(hasHalves));
    const plain = await ((await requestAdapter(gpu)) as GPUAdapter).requestDevice();
    const backend = await native({ device: plain }).create();
    expect(backend.device.dtypes).not.toContain('float16');
    const x = input([2]);
    await expect((async () => backend.compile(w.graphOf([x], [w.neg(x)])))()).rejects.toThrow(
      /float32, int32, uint32, bool\. Received: a graph with float16\. Cast it to float32/,
    );
    expect(() => backend.upload(new Uint16Array(2), x.type)).toThrow(/WEFT_E_UNSUPPORTED|Received: float16/);
    await backend.dispose();
    plain.destroy();
  });
});

// not skipped where it is missing: a GPU may do without
if (hasHalves) describe('float16 on a GPU that has it', () => {
  it('takes two bytes an element, in whole words, whatever the length', () =>
    withBackend(async (backend) => {
      for (const size of [1, 2, 3, 7, 64]) {
        const before = backend.memory().bytes;
        const type = w.tensorType('float16', [size]);
        const bits = Uint16Array.from({ length: size }, (_, i) => 0x3c01 + 257 * i);
        const buffer = backend.upload(bits, type);
        expect(backend.memory().bytes - before).toBe(Math.ceil(size / 2) * 4);
        expect(await backend.read(buffer)).toEqual(bits);
        backend.free(buffer);
      }
    }));

  it('rounds after every op, fused or not: what overflows stays infinite', () =>
    withBackend(async (backend) => {
      const x = input([5]);
      const squared = w.mul(x, x);
      const back = w.sqrt(squared);
      const sum = w.sub(w.add(x, 2048), 2048);
      const [root, rest] = (await run(backend, w.graphOf([x], [back, sum]), [[300, -300, 2, 0.3, 1]])) as [
        number[],
        number[],
      ];
      const square = w.roundToHalf(w.roundToHalf(0.3) ** 2);
      expect(root).toEqual([Infinity, Infinity, 2, w.roundToHalf(Math.sqrt(square)), 1]);
      // 2048 + 1 is no float16, and rounds to even
      expect(rest).toEqual([300, -300, 2, 0, 0]);
    }));

  it('casts all dtypes both ways, rounding to even', () =>
    withBackend(async (backend) => {
      const [f, i, h] = [input([6], 'float32'), input([6], 'int32'), input([6])];
      const graph = w.graphOf(
        [f, i, h],
        [w.cast(f, 'float16'), w.cast(i, 'float16'), w.cast(h, 'float32'), w.cast(h, 'int32'), w.cast(h, 'bool')],
      );
      const floats = [2049, 2051, 65519, 65520, -1e-7, 6e-8];
      const halves = [0, -1.5, 65504, Infinity, 0.25, -Infinity];
      const [a, b, c, d, e] = await run(backend, graph, [floats, [-3, 2049, 70000, 0, 1, 4097], halves]);
      expect(a).toEqual(floats.map((x) => w.roundToHalf(Math.fround(x))));
      expect(b).toEqual([-3, 2048, Infinity, 0, 1, 4096]);
      expect(c).toEqual(halves);
      expect(d).toEqual([0, -1, 65504, 0x7fffffff, 0, -0x80000000]);
      expect(e).toEqual([0, 1, 1, 1, 1, 1]);
    }));

  it('adds up in float32: 4,096 ones are 4,096', () =>
    withBackend(async (backend) => {
      const x = input([3, 4096]);
      const graph = w.graphOf([x], [w.reduceSum(x, { axes: 1 }), w.dot(x, x, { contractA: [1], contractB: [1] })]);
      const [sums, products] = await run(backend, graph, [new Float64Array(3 * 4096).fill(1)]);
      expect(sums).toEqual([4096, 4096, 4096]);
      expect(products).toEqual(new Array(9).fill(4096));
    }));

  it.each([
    [68, 64, 64],
    [33, 10, 131],
    [5, 40, 300],
  ])('computes products of %i×%i, depth %i, with every schedule', (m, n, k) =>
    withBackend(
      async (backend) => {
        const [a, b, bias] = [input([m, k]), input([n, k]), input([n])];
        const graph = w.graphOf([a, b, bias], [w.relu(w.add(w.dot(a, b, { contractA: [1], contractB: [1] }), bias))]);
        const data = graph.inputs.map(({ type }, i) => numbers(w.sizeOf(type.shape), 0.37 + i * 0.24));
        const [want] = w.evaluate(graph, data) as [Float64Array];
        for (const schedule of candidateSchedules(
          { batch: 1, m, n, k },
          { ...backend.productDevice, isSoftware: false },
        )) {
          backend.scheduleFor = (): Schedule => schedule;
          closeTo((await run(backend, graph, data))[0] as number[], want);
        }
      },
      undefined,
      false,
    ),
  );

  it('trains with float16 and float32 state in buffers that both share, of eight at most', async () => {
    const device = await ((await requestAdapter(gpu)) as GPUAdapter).requestDevice({
      requiredFeatures: ['shader-f16'],
    });
    await withBackend(async (backend) => {
      const dtypes: w.DType[] = [
        'float16',
        'float32',
        'float16',
        'int32',
        'float32',
        'float16',
        'float16',
        'float32',
        'float16',
        'float32',
        'float16',
      ];
      const sizes = [3, 5, 1, 7, 64, 33, 9, 2, 11, 13, 17];
      const state = sizes.map((size, i) => input([size], dtypes[i] as w.DType));
      const rate = input([], 'float16');
      const next = state.map((value) => w.add(w.mul(value, 2), w.cast(rate, value.type.dtype)));
      const graph = w.graphOf([rate, ...state], next);
      const data = [
        [0.3],
        ...state.map((value, i) =>
          Array.from({ length: sizes[i] as number }, (_, j) =>
            value.type.dtype === 'int32' ? j - 3 : w.roundToHalf(j * 0.37 - 1),
          ),
        ),
      ];
      const donate = state.map((_, i) => ({ input: i + 1, output: i }));
      const read = await run(backend, graph, data, { donate, host: [0] });
      const third = w.roundToHalf(0.3);
      read.forEach((got, i) => {
        const dtype = dtypes[i] as w.DType;
        const add = dtype === 'int32' ? 0 : third;
        const own = data[i + 1] as number[];
        expect(got).toEqual(
          own.map((x) => (dtype === 'float16' ? w.roundToHalf(2 * x + add) : Math.fround(2 * x + add))),
        );
      });
    }, device);
  });

  it('reads float16 among words of one buffer', async () => {
    const device = await ((await requestAdapter(gpu)) as GPUAdapter).requestDevice({
      requiredFeatures: ['shader-f16'],
    });
    await withBackend(async (backend) => {
      const parts = Array.from({ length: 9 }, () => input([16, 32]));
      const right = input([32, 16]);
      const products = parts.map((part) => w.dot(part, right, { contractA: [1], contractB: [0] }));
      const graph = w.graphOf(
        [...parts, right],
        [products.map((product) => w.cast(w.transpose(product), 'float32')).reduce((a, b) => w.add(a, b))],
      );
      const data = graph.inputs.map(({ type }, i) => numbers(w.sizeOf(type.shape), 0.37 + i * 0.24));
      closeTo((await run(backend, graph, data))[0] as number[], w.evaluate(graph, data)[0] as Float64Array);
    }, device);
  });

  it('learns with float16 activations and gradients, and float32 weights', () =>
    withBackend(async (backend) => {
      const [x, labels] = [input([16, 20]), input([16], 'int32')];
      const weights = [input([20, 33], 'float32'), input([33], 'float32'), input([33, 5], 'float32')] as [
        w.Value,
        w.Value,
        w.Value,
      ];
      const [kernel, bias, last] = weights.map((weight) => w.cast(weight, 'float16')) as [w.Value, w.Value, w.Value];
      const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });
      const logits = w.cast(matmul(w.relu(w.add(matmul(x, kernel), bias)), last), 'float32');
      const loss = w.div(w.reduceSum(w.sparseSoftmaxCrossEntropy(logits, labels)), 16);
      const gradients = w.gradients(w.mul(loss, 64), weights);
      const next = weights.map((weight, i) => w.sub(weight, w.div(gradients[i] as w.Value, 64 * 4)));
      const executable = await backend.compile(w.graphOf([x, labels, ...weights], [loss, ...next]), {
        donate: weights.map((_, i) => ({ input: 2 + i, output: 1 + i })),
      });
      const upload = (value: w.Value, step: number): w.Buffer =>
        backend.upload(hostOf(value.type, numbers(w.sizeOf(value.type.shape), step)), value.type);
      const data = [
        upload(x, 0.37),
        backend.upload(
          Int32Array.from({ length: 16 }, (_, i) => (i * 3) % 5),
          labels.type,
        ),
      ];
      let state = weights.map((weight, i) => upload(weight, 0.29 + i * 0.13));
      const losses: number[] = [];
      for (let step = 0; step < 150; step++) {
        const [found, ...made] = executable.run([...data, ...state]);
        losses.push((await backend.read(found as w.Buffer))[0] as number);
        backend.free(found as w.Buffer);
        state = made;
      }
      expect(losses[0]).toBeGreaterThan(1);
      expect(losses[149]).toBeLessThan(0.1);
      expect(backend.memory().buffers).toBe(5);
    }));
});
