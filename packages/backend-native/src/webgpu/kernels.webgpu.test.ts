/** Kernels of the WebGPU target on a simulated GPU: every schedule of products against the reference, sharing of points, groups, state, autotuning. */
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { openAdapter, requestAdapter } from './adapter.ts';
import { WebGpuBackend } from './backend.ts';
import { candidateSchedules, type ProductShape, type Schedule } from './products/schedule.ts';
import { nodeGpu } from './testing.ts';

const gpu = await nodeGpu().catch(() => null);
const adapter = await requestAdapter(gpu);

const input = (shape: readonly number[], dtype: w.DType = 'float32'): w.Value => w.inputValue(w.tensorType(dtype, shape));
const numbers = (size: number, step = 0.37): Float32Array => Float32Array.from({ length: size }, (_, i) => ((i * step + 0.11) % 1) - 0.5);

/** The kernels that a real GPU would get, on the simulated one. */
async function asHardware<T>(body: (backend: WebGpuBackend) => Promise<T>): Promise<T> {
  const found = await openAdapter((await requestAdapter(gpu)) as GPUAdapter, gpu);
  const backend = new WebGpuBackend({ ...found, isSoftware: false, maxMemoryBytes: Infinity });
  try {
    return await body(backend);
  } finally {
    await backend.dispose();
  }
}

async function agrees(backend: w.Backend, graph: w.Graph, tolerance = 2e-5): Promise<void> {
  const data = graph.inputs.map(({ type }, i) => numbers(w.sizeOf(type.shape), 0.37 + i * 0.24));
  const executable = await backend.compile(graph);
  const inputs = graph.inputs.map(({ type }, i) => backend.upload(data[i] as Float32Array, type));
  const outputs = executable.run(inputs);
  for (const [i, want] of w.evaluate(graph, data).entries()) {
    const got = await backend.read(outputs[i] as w.Buffer);
    const worst = Math.max(0, ...Array.from(want, (x, j) => Math.abs((got[j] as number) - x) / (1 + Math.abs(x))));
    expect(worst).toBeLessThan(tolerance);
  }
  [...inputs, ...outputs].forEach((buffer) => backend.free(buffer));
  executable.dispose();
}

/** x·y + b, then tanh: the two operands in any order of axes. */
function product(m: number, n: number, k: number, [ta, tb]: readonly [boolean, boolean]): w.Graph {
  const [a, b, bias] = [input(ta ? [k, m] : [m, k]), input(tb ? [n, k] : [k, n]), input([n])];
  return w.graphOf([a, b, bias], [w.tanh(w.add(w.dot(a, b, { contractA: [ta ? 0 : 1], contractB: [tb ? 1 : 0] }), bias))]);
}

describe.skipIf(!adapter)('kernels on WebGPU', () => {
  it.each([
    [68, 64, 64, [false, false]], [66, 70, 131, [true, false]], [33, 10, 257, [true, true]], [36, 36, 52, [false, true]], [5, 40, 300, [false, false]],
  ] as const)('computes products of %i×%i, depth %i, with every schedule', async (m, n, k, transposed) => {
    await asHardware(async (backend) => {
      const chosen = new Set<string>();
      for (let candidate = 0; candidate < 6; candidate++) {
        backend.scheduleFor = (shape: ProductShape): Schedule => {
          const all = candidateSchedules(shape, backend.productDevice);
          const schedule = all[Math.min(candidate, all.length - 1)] as Schedule;
          chosen.add(JSON.stringify(schedule));
          return schedule;
        };
        await agrees(backend, product(m, n, k, transposed));
      }
      expect(chosen.size).toBeGreaterThan(1);
    });
  });

  it('computes convolutions and their gradients with the kernels of a GPU', async () => {
    await asHardware(async (backend) => {
      for (const [size, cin, cout, taps, stride] of [[12, 8, 36, 3, 1], [11, 1, 32, 3, 1], [13, 3, 20, 5, 2]] as const) {
        const [x, kernel] = [input([3, size, size, cin]), input([taps, taps, cin, cout])];
        const low = taps >> 1;
        const y = w.conv(x, kernel, { strides: [stride, stride], padding: [[low, low], [low, low]], dilations: [1, 1], groups: 1 });
        const loss = w.reduceSum(w.mul(y, w.tanh(y)));
        await agrees(backend, w.graphOf([x, kernel], [y, ...w.gradients(loss, [x, kernel])]), 1e-4);
      }
    });
  });

  it('shares the points of reductions and rows among invocations', async () => {
    await asHardware(async (backend) => {
      for (const shape of [[3, 5000], [70, 300], [33, 129], [2000, 20]]) {
        const x = input(shape);
        const softmax = w.div(w.exp(w.sub(x, w.reduceMax(x, { axes: 1, keepDims: true }))), w.reduceSum(w.exp(w.sub(x, w.reduceMax(x, { axes: 1, keepDims: true }))), { axes: 1, keepDims: true }));
        await agrees(backend, w.graphOf([x], [softmax, w.reduceSum(x, { axes: 0 }), w.reduceMax(x, { axes: [0, 1] }), w.argMax(x, 1)]), 1e-4);
      }
    });
  });

  it('joins by subgroups what trees join, NaN and infinities too', async () => {
    const kept = await asHardware(async (backend) => {
      const x = input([3, 700]);
      const whole = w.cast(w.mul(x, 99), 'int32');
      const floats = [w.reduceMax, w.reduceMin, w.reduceSum].map((reduce) => reduce(x, { axes: 1 }));
      const integers = [w.reduceMax, w.reduceMin, w.reduceSum].map((reduce) => reduce(whole, { axes: 1 }));
      const flags = [w.reduceAny, w.reduceAll].map((reduce) => reduce(w.less(x, -0.49), { axes: 1 }));
      const graph = w.graphOf([x], [...floats, ...integers, ...flags]);
      const executable = await backend.compile(graph);
      const usesSubgroups = executable.explain().kernels.some(({ code }) => code?.includes('enable subgroups;'));
      expect(usesSubgroups).toBe(backend.hasSubgroups);
      const data = numbers(2100);
      data[750] = NaN;
      data[1500] = -Infinity;
      const outputs = executable.run([backend.upload(data, x.type)]);
      for (const [i, want] of w.evaluate(graph, [data]).entries()) {
        const got = Array.from(await backend.read(outputs[i] as w.Buffer));
        const isNear = (x: number, y: number): boolean => Object.is(x, y) || Math.abs(x - y) < 1e-4;
        if (i === 2) expect(got.every((sum, row) => isNear(sum, want[row] as number))).toBe(true);
        else expect(got).toEqual(Array.from(want));
      }
      return backend.hasSubgroups;
    });
    const isNumbered = gpu?.wgslLanguageFeatures.has('subgroup_id');
    expect(kept).toBe(adapter?.features.has('subgroups' as GPUFeatureName) && isNumbered);
  });

  it('moves what an optimizer changes in one dispatch, within the limits that every device has', async () => {
    const device = await ((await requestAdapter(gpu)) as GPUAdapter).requestDevice();
    const backend = new WebGpuBackend({ device, ownsDevice: true, description: 'default limits', isSoftware: false, maxMemoryBytes: Infinity });
    const shapes = [[64, 40], [40], [40, 24], [24], [24, 10], [10]];
    const [rate, grads] = [input([]), shapes.map((shape) => input(shape))];
    const state = [0, 1, 2].map(() => shapes.map((shape) => input(shape)));
    const [weights, firsts, seconds] = state as [w.Value[], w.Value[], w.Value[]];
    const next = shapes.map((_, i) => {
      const [g, m, v] = [w.mul(grads[i] as w.Value, 2), firsts[i] as w.Value, seconds[i] as w.Value];
      const [m1, v1] = [w.add(w.mul(m, 0.9), w.mul(g, 0.1)), w.add(w.mul(v, 0.99), w.mul(w.mul(g, g), 0.01))];
      return [w.sub(weights[i] as w.Value, w.mul(rate, w.div(m1, w.add(w.sqrt(w.abs(v1)), 1e-3)))), m1, v1] as const;
    });
    const inputs = [rate, ...grads, ...weights, ...firsts, ...seconds];
    const graph = w.graphOf(inputs, [0, 1, 2].flatMap((part) => next.map((values) => values[part] as w.Value)));
    const donate = graph.outputs.map((_, output) => ({ input: 1 + shapes.length + output, output }));
    const executable = await backend.compile(graph, { donate, host: [0] });
    expect(executable.explain().kernels).toHaveLength(1);

    let expected: ArrayLike<number>[] = graph.outputs.map(({ type }, i) => numbers(w.sizeOf(type.shape), 0.3 + i / 50));
    const given = grads.map(({ type }, i) => numbers(w.sizeOf(type.shape), 0.7 + i / 50));
    const buffers = given.map((data, i) => backend.upload(data, (grads[i] as w.Value).type));
    let held = expected.map((data, i) => backend.upload(data as Float32Array, (graph.outputs[i] as w.Value).type));
    for (let step = 0; step < 3; step++) {
      held = executable.run([0.1, ...buffers, ...held]);
      expected = w.evaluate(graph, [[0.1], ...given, ...expected]);
    }
    // one of the tensors leaves the others: it is as free to be used and freed as any
    const double = await backend.compile(w.graphOf([weights[0] as w.Value], [w.mul(weights[0] as w.Value, 2)]));
    const [twice] = double.run([held[0] as w.Buffer]);
    const got = await backend.read(twice as w.Buffer);
    expect(Math.max(...Array.from(expected[0] as ArrayLike<number>, (x, i) => Math.abs((got[i] as number) - 2 * x)))).toBeLessThan(1e-4);
    for (const [i, buffer] of held.entries()) {
      const data = await backend.read(buffer);
      expect(Math.max(...Array.from(expected[i] as ArrayLike<number>, (x, j) => Math.abs((data[j] as number) - x)))).toBeLessThan(1e-4);
    }
    [...held, ...buffers, twice as w.Buffer].forEach((buffer) => backend.free(buffer));
    await backend.sync();
    expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    await backend.dispose();
  });

  it('changes a large tensor where it lies', async () => {
    await asHardware(async (backend) => {
      const x = input([4_400_000]);
      const executable = await backend.compile(w.graphOf([x], [w.add(x, 1)]), { donate: [{ input: 0, output: 0 }] });
      let [buffer] = executable.run([backend.upload(numbers(4_400_000), x.type)]) as [w.Buffer];
      [buffer] = executable.run([buffer]) as [w.Buffer];
      expect(backend.memory().reservedBytes).toBeLessThan(1.1 * 4 * 4_400_000);
      expect((await backend.read(buffer))[4_399_999]).toBeCloseTo((numbers(4_400_000)[4_399_999] as number) + 2, 5);
      backend.free(buffer);
      await backend.sync();
      expect(backend.memory().buffers).toBe(0);
    });
  });

  it('measures products once where it is asked to, and keeps the choices as data', async () => {
    const table: Record<string, string> = {};
    const backend = await native({ target: 'webgpu', allowSoftware: true, gpu: gpu as GPU, autotune: table }).create();
    await agrees(backend, product(100, 100, 90, [false, true]));
    await backend.dispose();
    expect(Object.keys(table)).toHaveLength(1);
    expect(Object.entries(table)[0]?.join()).toMatch(/\/dot\/1x128x128x128,(direct|staged) \d+x\d+/);
    expect(() => native({ target: 'wasm', autotune: true })).toThrow(/target 'webgpu' with autotune/);
    expect(() => native({ autotune: 3 as unknown as boolean })).toThrow(/true, false or a table/);
  });
});
