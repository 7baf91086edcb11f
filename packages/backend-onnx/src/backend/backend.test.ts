import { add, graphOf, inputValue, mul, reduceSum, scatterAdd, tensorType, type Backend, type Buffer, type Graph, type HostValue } from '@weftjs/graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnx } from '../onnx.ts';
import type { Runtime } from '../session/runtime.ts';
import { OnnxBackend } from './backend.ts';

const VECTOR = tensorType('float32', [2]);

/** x ↦ [x + y, Σx], with y a scalar. */
function sampleGraph(): Graph {
  const [x, y] = [inputValue(VECTOR, 'x'), inputValue(tensorType('float32', []), 'y')];
  return graphOf([x, y], [add(x, y), reduceSum(x)]);
}

describe.each(['web', 'node'] as const)('the contract on onnx (%s)', (target) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await onnx({ target }).create();
  });
  afterAll(() => backend.dispose());
  const values = async (buffer: Buffer): Promise<number[]> => [...(await backend.read(buffer))];
  const vector = (...data: number[]): Buffer => backend.upload(Float32Array.from(data), VECTOR);

  it('runs in call order, and reads the value as of the call', async () => {
    const run = await backend.compile(sampleGraph(), { donate: [{ input: 0, output: 0 }], host: [1] });
    let x = vector(1, 2);
    const reads: Promise<number[]>[] = [];
    for (let i = 1; i <= 3; i++) {
      const [next, sum] = run.run([x, i]) as [Buffer, Buffer];
      reads.push(values(next));
      backend.free(sum);
      x = next;
    }
    const last = values(x);
    backend.free(x);
    expect(await Promise.all([...reads, last])).toEqual([[2, 3], [4, 5], [7, 8], [7, 8]]);
    run.dispose();
    await backend.sync();
    expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0, executables: 0 });
  });

  it('copies uploads, and what it reads', async () => {
    const data = Float32Array.of(1, 2);
    const buffer = backend.upload(data, VECTOR);
    data[0] = 9;
    const first = await backend.read(buffer);
    first[1] = 9;
    expect(await values(buffer)).toEqual([1, 2]);
    expect(backend.memory()).toMatchObject({ buffers: 1, bytes: 8 });
    backend.free(buffer);
  });

  it('keeps frozen inputs in the model, and follows when others come', async () => {
    const [x, w] = [inputValue(VECTOR), inputValue(VECTOR)];
    const run = await backend.compile(graphOf([x, w], [mul(x, w)]), { frozen: [1] });
    const [a, w1, w2] = [vector(1, 2), vector(3, 4), vector(5, 6)];
    const outputs = [w1, w1, w2, w1].map((frozen) => run.run([a, frozen])[0] as Buffer);
    expect(await Promise.all(outputs.map(values))).toEqual([[3, 8], [3, 8], [5, 12], [3, 8]]);
    [a, w1, w2, ...outputs].forEach((buffer) => backend.free(buffer));
    run.dispose();
  });

  it('gives outputs that need no engine: inputs, repeated values, nothing', async () => {
    const [x, unused] = [inputValue(VECTOR), inputValue(tensorType('float32', [0, 3]))];
    const y = add(x, 1);
    const run = await backend.compile(graphOf([x, unused], [x, y, y, unused]));
    const given = [vector(1, 2), backend.upload(new Float32Array(0), unused.type)];
    const outputs = run.run(given);
    expect(await Promise.all(outputs.map(values))).toEqual([[1, 2], [2, 3], [2, 3], []]);
    [...given, ...outputs].forEach((buffer) => backend.free(buffer));
    run.dispose();
  });

  it('refuses misuse at once, and changes nothing', async () => {
    const run = await backend.compile(sampleGraph(), { donate: [{ input: 0, output: 0 }], host: [1] });
    const [x, dead] = [vector(1, 2), vector(3, 4)];
    backend.free(dead);
    const before = backend.memory();
    const attempt = (...inputs: (Buffer | HostValue)[]) => () => run.run(inputs);
    expect(attempt(x)).toThrow(/needs 2 inputs/);
    expect(attempt(dead, 1)).toThrow(/was freed/);
    expect(attempt(1, 1)).toThrow(/buffer of this onnx backend/);
    expect(attempt(x, [1, 2])).toThrow(/needs 1 number/);
    expect(() => backend.upload(new Float32Array(3), VECTOR)).toThrow(/needs the host array of float32\[2\]/);
    expect(() => backend.upload(new Int32Array(2), VECTOR)).toThrow(/needs the host array/);
    expect(backend.memory()).toEqual(before);
    const outputs = run.run([x, 1]);
    expect(attempt(x, 1)).toThrow(/was donated/);
    expect(() => backend.read(x)).toThrow(/was donated/);
    outputs.forEach((buffer) => backend.free(buffer));
    run.dispose();
    expect(attempt(x, 1)).toThrow(/not disposed/);
    await expect(backend.compile(sampleGraph(), { host: [7] })).rejects.toThrow(/inputs below 2/);
  });

  it('does not grow over 2000 steps', async () => {
    const run = await backend.compile(sampleGraph(), { donate: [{ input: 0, output: 0 }], host: [1] });
    let x = vector(0, 0);
    for (let i = 0; i < 2000; i++) {
      const [next, sum] = run.run([x, 1]) as [Buffer, Buffer];
      backend.free(sum);
      x = next;
      expect(backend.memory().buffers).toBe(1);
      if (i % 100 === 0) await backend.sync();
    }
    expect(await values(x)).toEqual([2000, 2000]);
    backend.free(x);
    run.dispose();
  });

  it('starts again after it was disposed', async () => {
    for (let round = 0; round < 2; round++) {
      const other = await onnx({ target }).create();
      const run = await other.compile(sampleGraph(), { host: [1] });
      const [y] = run.run([other.upload(Float32Array.of(1, 2), VECTOR), 3]) as [Buffer];
      expect([...(await other.read(y))]).toEqual([4, 5]);
      await other.dispose();
      expect(() => other.upload(Float32Array.of(1, 2), VECTOR)).toThrow(/disposed/);
      expect(other.memory()).toMatchObject({ buffers: 0, executables: 0 });
    }
  });

  it('explains what it made', async () => {
    const run = await backend.compile(sampleGraph());
    const explanation = run.explain();
    expect(explanation.hostLowered).toEqual([]);
    expect(explanation.kernels[0]?.ops).toEqual(['add', 'reduceSum']);
    expect(String(explanation)).toContain('ReduceSum');
    run.dispose();
  });
});

it.each(['web', 'node'] as const)('adds in order with several threads (%s)', async (target) => {
  const backend = await onnx({ target, threads: 4 }).create();
  const [updates, indices] = [inputValue(tensorType('float32', [20_000, 64])), inputValue(tensorType('int32', [20_000]))];
  const run = await backend.compile(graphOf([updates, indices], [scatterAdd(updates, indices, { size: 10 })]));
  const given = [backend.upload(new Float32Array(20_000 * 64).fill(1), updates.type), backend.upload(Int32Array.from({ length: 20_000 }, (_, i) => i % 10), indices.type)];
  for (let i = 0; i < 5; i++) {
    const [sums] = run.run(given) as [Buffer];
    expect((await backend.read(sums)).every((sum) => sum === 2000)).toBe(true);
  }
  await backend.dispose();
});

describe('failures of the engine', () => {
  /** A runtime whose sessions fail while `broken` says so. */
  function fragile(broken: () => string | null): OnnxBackend {
    const runtime: Runtime = {
      target: 'web',
      threads: 1,
      description: 'a runtime for this test',
      tensor: (data) => ({ data }),
      createSession: () =>
        Promise.resolve({
          run: (feeds) => {
            const message = broken();
            if (message !== null) return Promise.reject(new Error(message));
            const [x] = Object.values(feeds);
            return Promise.resolve({ output_0: x as { data: Float32Array }, output_1: x as { data: Float32Array } });
          },
          release: () => Promise.resolve(),
        }),
    };
    return new OnnxBackend(runtime);
  }

  it('poison the outputs, and everything made of them, and are reported once', async () => {
    let message: string | null = "Non-zero status code while running node. Name:'reduceSum_12/ReduceSum_3'";
    const backend = fragile(() => message);
    const run = await backend.compile(sampleGraph());
    const [x, y] = [backend.upload(Float32Array.of(1, 2), VECTOR), backend.upload(Float32Array.of(1), tensorType('float32', []))];
    const [bad] = run.run([x, y]) as [Buffer];
    const [worse] = run.run([bad, y]) as [Buffer];
    await expect(backend.sync()).rejects.toMatchObject({ code: 'WEFT_E_BACKEND', message: expect.stringContaining('at op reduceSum') as string });
    await expect(backend.sync()).resolves.toBeUndefined();
    await expect(backend.read(bad)).rejects.toMatchObject({ code: 'WEFT_E_BACKEND' });
    await expect(backend.read(worse)).rejects.toMatchObject({ code: 'WEFT_E_BACKEND' });
    expect(() => run.run([bad, y])).toThrow(/at op reduceSum/);
    message = null;
    const [good] = run.run([x, y]) as [Buffer];
    expect([...(await backend.read(good))]).toEqual([1, 2]);
    message = 'std::bad_alloc';
    const [big] = run.run([x, y]) as [Buffer];
    await expect(backend.read(big)).rejects.toMatchObject({ code: 'WEFT_E_MEMORY' });
  });
});

it('refuses unknown options', () => {
  expect(() => onnx({ targets: 'web' } as object)).toThrow(/knows the options target, threads, wasmPaths. Received: "targets"/);
  expect(() => onnx({ target: 'gpu' as 'web' })).toThrow(/must be 'web' or 'node'. Received: "gpu"/);
  expect(() => onnx({ threads: 0 })).toThrow(/whole number >= 1. Received: 0/);
});
