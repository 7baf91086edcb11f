/** What the contract promises, and that the tfjs of the user is left alone. */
import * as core from '@tensorflow/tfjs-core';
import {
  add,
  broadcastTo,
  concat,
  dot,
  graphOf,
  inputValue,
  isWeftError,
  mul,
  reduceSum,
  reshape,
  sort,
  tensorType,
  type Backend,
  type Buffer,
  type Value,
  type WeftErrorCode,
} from '@weftjs/graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tfjs } from './factory.ts';

const float = (...shape: number[]): Value => inputValue(tensorType('float32', shape));
const upload = (backend: Backend, ...numbers: number[]): Buffer =>
  backend.upload(Float32Array.from(numbers), tensorType('float32', [numbers.length]));

function codeOf(work: () => unknown): WeftErrorCode | null {
  try {
    work();
    return null;
  } catch (error) {
    return isWeftError(error) ? error.code : null;
  }
}

describe.each(['cpu', 'wasm', 'copied'])('tfjs %s', (target) => {
  let backend: Backend;
  beforeAll(async () => {
    if (target === 'copied') {
      // an engine that a user registered: here the kernels of cpu under another name, which go the way of all engines but cpu and wasm
      await tfjs({ target: 'cpu' }).create();
      const { constructor } = core.findBackend('cpu') as { constructor: unknown };
      core.registerBackend('copied', () => new (constructor as new () => core.KernelBackend)());
      core.copyRegisteredKernels('cpu', 'copied');
    }
    backend = await tfjs({ target }).create();
  });
  afterAll(() => backend.dispose());

  it('ends the life of donated buffers, and only theirs', async () => {
    const [x, y] = [float(2), float(2)];
    const sum = await backend.compile(graphOf([x, y], [add(x, y)]), { donate: [{ input: 0, output: 0 }] });
    const [a, b] = [upload(backend, 1, 2), upload(backend, 10, 20)];
    const before = backend.read(a);
    const [result] = sum.run([a, b]) as [Buffer];
    expect(Array.from(await backend.read(result))).toEqual([11, 22]);
    expect(Array.from(await before)).toEqual([1, 2]);
    expect(codeOf(() => backend.read(a))).toBe('WEFT_E_STATE');
    expect(codeOf(() => sum.run([a, b]))).toBe('WEFT_E_STATE');
    expect(codeOf(() => sum.run([b, b]))).toBe('WEFT_E_ARGUMENT');
    expect(Array.from(await backend.read(b))).toEqual([10, 20]);
    backend.free(result);
    backend.free(b);
    sum.dispose();
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0, reservedBytes: 0, executables: 0 });
  });

  it('gives outputs that are inputs, constants or each other a life of their own', async () => {
    const x = float(2);
    const twice = mul(x, 2);
    const echo = await backend.compile(graphOf([x], [x, twice, twice]));
    const a = upload(backend, 3, 4);
    const outputs = echo.run([a]);
    backend.free(a);
    backend.free(outputs[1] as Buffer);
    expect(Array.from(await backend.read(outputs[0] as Buffer))).toEqual([3, 4]);
    expect(Array.from(await backend.read(outputs[2] as Buffer))).toEqual([6, 8]);
    backend.free(outputs[0] as Buffer);
    backend.free(outputs[2] as Buffer);
    echo.dispose();
    expect(backend.memory().buffers).toBe(0);
  });

  it('takes host values, and checks them', async () => {
    const [x, rate] = [float(2), float()];
    const scale = await backend.compile(graphOf([x, rate], [mul(x, rate)]), { host: [1] });
    const a = upload(backend, 1, 2);
    const [half] = scale.run([a, 0.5]) as [Buffer];
    expect(Array.from(await backend.read(half))).toEqual([0.5, 1]);
    expect(codeOf(() => scale.run([a, a]))).toBe('WEFT_E_ARGUMENT');
    expect(codeOf(() => scale.run([a]))).toBe('WEFT_E_ARGUMENT');
    [a, half].forEach((buffer) => backend.free(buffer));
    scale.dispose();
    expect(codeOf(() => scale.run([a, 1]))).toBe('WEFT_E_STATE');
  });

  it('multiplies by one tensor under two shapes', async () => {
    const [x, w] = [float(1, 2), float(2, 3)];
    const left = dot(x, w, { contractA: [1], contractB: [0] });
    const right = dot(left, reshape(w, [3, 2]), { contractA: [1], contractB: [0] });
    const program = await backend.compile(graphOf([x, w], [right]));
    const inputs = [
      backend.upload(Float32Array.of(1, 2), x.type),
      backend.upload(Float32Array.of(1, 2, 3, 4, 5, 6), w.type),
    ];
    const [result] = program.run(inputs) as [Buffer];
    // [9 12 15] · [[1 2] [3 4] [5 6]]
    expect(Array.from(await backend.read(result))).toEqual([120, 156]);
    [...inputs, result].forEach((buffer) => backend.free(buffer));
    program.dispose();
  });

  it('names in explain() what ran on the host', async () => {
    const x = float(3);
    const program = await backend.compile(
      graphOf([x], [sort(reduceSum(concat([reshape(x, [3, 1]), reshape(x, [3, 1])], 1), { axes: [1] })).values]),
    );
    expect(program.explain().hostLowered).toEqual(['sort']);
    expect(String(program.explain())).toContain('on the host: sort');
    program.dispose();
  });
});

describe('tfjs as others use it', () => {
  it('keeps its current engine, and counts no tensors of ours', async () => {
    await core.setBackend('cpu');
    const before = core.memory().numTensors;
    const wasm = await tfjs().create();
    const buffer = upload(wasm, 1, 2, 3);
    expect(core.getBackend()).toBe('cpu');
    expect(core.memory().numTensors).toBe(before);
    const mine = core.tidy(() => Array.from(core.add(core.tensor([1, 2]), 1).dataSync()));
    expect(mine).toEqual([2, 3]);
    expect(Array.from(await wasm.read(buffer))).toEqual([1, 2, 3]);
    await wasm.dispose();
    expect(codeOf(() => upload(wasm, 1))).toBe('WEFT_E_STATE');
  });

  it('poisons the outputs of a run that fails, and lets go of the rest', async () => {
    const wasm = await tfjs().create();
    const x = float();
    const huge = await wasm.compile(graphOf([x], [broadcastTo(x, [1 << 15, 1 << 15])]), { donate: [] });
    const a = wasm.upload(Float32Array.of(1), x.type);
    const [result] = huge.run([a]) as [Buffer];
    await expect(wasm.sync()).rejects.toMatchObject({ code: 'WEFT_E_MEMORY' });
    await expect(wasm.sync()).resolves.toBeUndefined();
    await expect(wasm.read(result)).rejects.toMatchObject({ code: 'WEFT_E_MEMORY' });
    expect(Array.from(await wasm.read(a))).toEqual([1]);
    [a, result].forEach((buffer) => wasm.free(buffer));
    huge.dispose();
    expect(wasm.memory().buffers).toBe(0);
  });

  it('says what is missing', async () => {
    await expect(tfjs({ target: 'webgl' }).create()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: tfjs needs a target that is registered with @tensorflow/tfjs-core. Received: "webgl"; registered: cpu, wasm, copied. Import the package of that engine first, for example @tensorflow/tfjs-backend-webgl.]`,
    );
    expect(() => tfjs({ engine: 'cpu' } as object)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: tfjs accepts the options target, wasmPaths. Received: "engine".]`,
    );
  });
});
