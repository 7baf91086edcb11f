/** The WebGPU target on a simulated GPU: a fixed slice of the conformance suite, and what is particular to this target. */
import { describe, expect, it } from 'vitest';
import { describeConformance } from '@weftjs/conformance';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { requestAdapter } from './adapter.ts';
import { nodeGpu } from './testing.ts';

const gpu = await nodeGpu().catch(() => null);
const adapter = await requestAdapter(gpu);
if (!gpu || !adapter) console.warn('No GPU through the package webgpu: install libvulkan1 and chromium. The WebGPU tests are skipped.');

const software = () => native({ target: 'webgpu', allowSoftware: true, gpu: gpu as GPU });

async function withBackend<T>(body: (backend: w.Backend) => Promise<T>, factory: w.BackendFactory = software()): Promise<T> {
  const backend = await factory.create();
  try {
    return await body(backend);
  } finally {
    await backend.dispose();
  }
}

const input = (shape: readonly number[], dtype: w.DType = 'float32'): w.Value => w.inputValue(w.tensorType(dtype, shape));
const numbers = (size: number, step = 0.37): Float32Array => Float32Array.from({ length: size }, (_, i) => ((i * step + 0.11) % 1) - 0.5);

function closeTo(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5): void {
  expect(got.length).toBe(want.length);
  const worst = Math.max(0, ...Array.from(want, (x, i) => Math.abs((got[i] as number) - x) / (1 + Math.abs(x))));
  expect(worst).toBeLessThan(tolerance);
}

async function runOnce(backend: w.Backend, graph: w.Graph, data: readonly w.TypedArray[]): Promise<w.TypedArray[]> {
  const executable = await backend.compile(graph);
  const inputs = graph.inputs.map(({ type }, i) => backend.upload(data[i] as w.TypedArray, type));
  const outputs = executable.run(inputs);
  const read = await Promise.all(outputs.map((buffer) => backend.read(buffer)));
  [...inputs, ...outputs].forEach((buffer) => backend.free(buffer));
  executable.dispose();
  return read;
}

/** Counts what is submitted. */
function countSubmits(device: GPUDevice): { count: number } {
  const counter = { count: 0 };
  const { queue } = device;
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    counter.count++;
    submit(buffers);
  };
  return counter;
}

async function openDevice(limits: Record<string, number> = {}): Promise<GPUDevice> {
  const fresh = (await requestAdapter(gpu)) as GPUAdapter;
  return fresh.requestDevice({ requiredLimits: limits });
}

describe.skipIf(!adapter)('native on WebGPU', () => {
  it('wants a real GPU unless it is told otherwise', async () => {
    await expect(native({ target: 'webgpu', gpu: gpu as GPU }).create()).rejects.toThrow(/needs a real GPU.*simulated on the processor.*allowSoftware/s);
    await expect(native({ target: 'webgpu', gpu: { requestAdapter: async () => null } as unknown as GPU }).create()).rejects.toThrow(/needs a GPU.*no adapter/s);
    await withBackend(async (backend) => expect(backend.device).toMatchObject({ target: 'wasm' }), native({ gpu: gpu as GPU }));
    await withBackend(async (backend) => expect(backend.device).toMatchObject({ target: 'webgpu', software: true }));
  });

  it('trains as the reference does, with one submit a step', async () => {
    const device = await openDevice();
    const submits = countSubmits(device);
    await withBackend(async (backend) => {
      const [x, labels, rate] = [input([7, 20]), input([7], 'int32'), input([])];
      const weights = [input([20, 33]), input([33]), input([33, 5]), input([5])] as const;
      const dense = (h: w.Value, kernel: w.Value, bias: w.Value): w.Value => w.add(w.dot(h, kernel, { contractA: [1], contractB: [0] }), bias);
      const logits = dense(w.tanh(dense(x, weights[0], weights[1])), weights[2], weights[3]);
      const loss = w.div(w.reduceSum(w.sparseSoftmaxCrossEntropy(logits, labels)), 7);
      const grads = w.gradients(loss, weights);
      const graph = w.graphOf([x, labels, rate, ...weights], [loss, ...weights.map((weight, i) => w.sub(weight, w.mul(rate, grads[i] as w.Value)))]);
      const executable = await backend.compile(graph, { donate: weights.map((_, i) => ({ input: 3 + i, output: 1 + i })), host: [2] });

      const data = [numbers(140), Int32Array.from({ length: 7 }, (_, i) => i % 5)] as const;
      let expected: ArrayLike<number>[] = weights.map(({ type }) => numbers(w.sizeOf(type.shape), 0.61));
      let state = weights.map(({ type }, i) => backend.upload(expected[i] as Float32Array, type));
      const inputs = [backend.upload(data[0], x.type), backend.upload(data[1], labels.type)];
      let reserved = 0;
      for (let step = 0; step < 5; step++) {
        const before = submits.count;
        const [got, ...next] = executable.run([...inputs, 0.1, ...state]);
        expect(submits.count - before).toBe(1);
        const [want, ...wanted] = w.evaluate(graph, [...data, [0.1], ...expected]);
        closeTo(await backend.read(got as w.Buffer), want as Float64Array);
        backend.free(got as w.Buffer);
        [state, expected] = [next, wanted];
        if (step === 1) reserved = backend.memory().reservedBytes;
      }
      expect(backend.memory().reservedBytes).toBe(reserved);
      for (const [i, buffer] of state.entries()) closeTo(await backend.read(buffer), expected[i] as ArrayLike<number>);
    }, native({ target: 'webgpu', device }));
    device.destroy();
  });

  it('runs a scan in one submit', async () => {
    const device = await openDevice();
    const submits = countSubmits(device);
    await withBackend(async (backend) => {
      const [carry, x] = [input([3]), input([6, 3])];
      const { carry: last, ys } = w.scan(
        ([c], [xi]) => {
          const next = w.tanh(w.add(c as w.Value, xi as w.Value));
          return { carry: [next], ys: [w.mul(next, 2)] };
        },
        [carry],
        [x],
      );
      const graph = w.graphOf([carry, x], [...last, ...ys]);
      const data = [numbers(3), numbers(18)];
      const want = w.evaluate(graph, data);
      const executable = await backend.compile(graph);
      const inputs = data.map((values, i) => backend.upload(values, (graph.inputs[i] as w.Value).type));
      const before = submits.count;
      const outputs = executable.run(inputs);
      expect(submits.count - before).toBe(1);
      for (const [i, output] of outputs.entries()) closeTo(await backend.read(output), want[i] as Float64Array);
    }, native({ target: 'webgpu', device }));
    device.destroy();
  });

  it('keeps the order of work behind a while that waits for its flag', async () => {
    await withBackend(async (backend) => {
      const x = input([]);
      const doubled = w.whileLoop(([v]) => w.less(v as w.Value, 100), ([v]) => [w.mul(v as w.Value, 2)], [x]);
      const [grow, plus] = await Promise.all([backend.compile(w.graphOf([x], doubled)), backend.compile(w.graphOf([x], [w.add(x, 1)]))]);
      const start = backend.upload(Float32Array.of(3), x.type);
      const [grown] = grow.run([start]) as [w.Buffer];
      backend.free(start);
      const [more] = plus.run([grown]) as [w.Buffer];
      backend.free(grown);
      const other = backend.upload(Float32Array.of(50), x.type);
      const [again] = grow.run([more]) as [w.Buffer];
      const [last] = plus.run([other]) as [w.Buffer];
      backend.free(other);
      const reads = [more, again, last].map((buffer) => backend.read(buffer));
      [more, again, last].forEach((buffer) => backend.free(buffer));
      expect((await Promise.all(reads)).map((data) => data[0])).toEqual([193, 193, 51]);
      await backend.sync();
      expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    });
  });

  it('keeps to the limits that every WebGPU device has', async () => {
    const device = await openDevice();
    expect(device.limits.maxStorageBuffersPerShaderStage).toBe(8);
    await withBackend(async (backend) => {
      const parts = Array.from({ length: 20 }, () => input([5, 3]));
      const sum = parts.reduce((total, part) => w.add(total, part));
      const graph = w.graphOf(parts, [w.concat(parts, 0), w.tanh(sum), ...parts.map((part, i) => w.mul(part, i))]);
      const data = parts.map((_, i) => numbers(15, 0.1 + i / 31));
      const got = await runOnce(backend, graph, data);
      w.evaluate(graph, data).forEach((want, i) => closeTo(got[i] as w.TypedArray, want));
    }, native({ target: 'webgpu', device }));
    device.destroy();
  });

  it('computes large products in tiles, whatever the order of the axes', async () => {
    await withBackend(async (backend) => {
      const [a, b] = [input([257, 130]), input([70, 257])];
      const graph = w.graphOf([a, b], [w.dot(a, b, { contractA: [0], contractB: [1] })]);
      const data = [numbers(257 * 130), numbers(70 * 257, 0.73)];
      const [got] = await runOnce(backend, graph, data);
      closeTo(got as w.TypedArray, w.evaluate(graph, data)[0] as Float64Array, 2e-5);
    });
  });

  it('sorts long lines stably', async () => {
    await withBackend(async (backend) => {
      const x = input([2, 1300]);
      const { values, indices } = w.sort(x, { axis: 1, descending: true });
      const graph = w.graphOf([x], [values, indices]);
      const data = Float32Array.from({ length: 2600 }, (_, i) => (i * 7919) % 251);
      data[17] = NaN;
      const got = await runOnce(backend, graph, [data]);
      w.evaluate(graph, [data]).forEach((want, i) => expect([...(got[i] as w.TypedArray)]).toEqual([...want]));
    });
  });

  it('fails within a second, with a typed error, when the device goes away during work', async () => {
    const device = await openDevice();
    const backend = await native({ target: 'webgpu', device }).create();
    const x = input([64, 64]);
    const executable = await backend.compile(w.graphOf([x], [w.tanh(w.dot(x, x, { contractA: [1], contractB: [0] }))]));
    let state = backend.upload(numbers(4096), x.type);
    for (let i = 0; i < 20; i++) [state] = executable.run([state]) as [w.Buffer];
    const started = performance.now();
    const reading = backend.read(state).then(() => null, (error: unknown) => error);
    device.destroy();
    expect(await reading).toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    await expect(backend.sync()).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    const [later] = executable.run([state]) as [w.Buffer];
    await expect(backend.read(later)).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(() => backend.upload(numbers(4096), x.type)).toThrow(/The GPU must stay available/);
    await expect(backend.compile(w.graphOf([x], [w.neg(x)]))).rejects.toMatchObject({ code: 'WEFT_E_DEVICE_LOST' });
    expect(performance.now() - started).toBeLessThan(1000);
    await backend.dispose();
  });

  it('names the need and the largest tensors when memory runs out', async () => {
    await withBackend(async (backend) => {
      const x = input([100_000]);
      const buffer = backend.upload(new Float32Array(100_000), x.type);
      const executable = await backend.compile(w.graphOf([x], Array.from({ length: 6 }, (_, i) => w.add(x, i))));
      const before = backend.memory();
      const outputs = executable.run([buffer]);
      await expect(backend.read(outputs[0] as w.Buffer)).rejects.toThrow(/needs \d+ bytes.*float32\[100000\] \(400000 bytes\)/s);
      outputs.forEach((output) => backend.free(output));
      expect(backend.memory().bytes).toBe(before.bytes);
      await backend.sync().catch(() => undefined);
      expect([...(await backend.read(buffer))].every((value) => value === 0)).toBe(true);
    }, native({ target: 'webgpu', allowSoftware: true, gpu: gpu as GPU, maxMemoryBytes: 2 ** 21 }));
  });
});

if (adapter) describeConformance({ describe, it }, 'native on WebGPU', software, { every: 4, timeout: 400_000 });
