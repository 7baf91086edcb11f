import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { WasmBackend } from './backend.ts';
import type { WasmBuffer } from './buffer.ts';

const makeBackend = (threads = 1, maxMemoryBytes = 2 ** 28): WasmBackend =>
  new WasmBackend({ maxMemoryBytes, threads, worth: { leastShare: 0.001, leastRun: 0, patience: { start: 0, least: 20_000, part: 0 } } });

/** Numbers with long fractions, so that the order of a sum shows. */
const numbers = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));
const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));
const upload = (backend: WasmBackend, { type }: w.Value, seed: number): WasmBuffer => backend.upload(numbers(w.sizeOf(type.shape), seed), type) as WasmBuffer;
const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });
const convolve = (x: w.Value, kernel: w.Value, groups = 1): w.Value =>
  w.conv(x, kernel, { strides: [1, 1], padding: [[1, 1], [1, 1]], dilations: [1, 1], groups });

/** x, and what is frozen; the results. */
type Made = readonly [inputs: w.Value[], outputs: w.Value[]];

const CASES: Readonly<Record<string, () => Made>> = {
  'a product with whole panels': () => {
    const [x, weight] = [input(70, 40), input(40, 64)];
    return [[x, weight], [matmul(x, weight)]];
  },
  'a product with an edge, deeper and wider than a block': () => {
    const [x, weight] = [input(70, 330), input(330, 1043)];
    return [[x, weight], [matmul(x, weight)]];
  },
  'a product with a weight that lies on its side': () => {
    const [x, weight] = [input(9, 40), input(13, 40)];
    const y = w.dot(x, weight, { contractA: [1], contractB: [1] });
    return [[x, weight], [y, w.dot(w.reshape(x, [3, 3, 40]), weight, { contractA: [2], contractB: [1] })]];
  },
  'a batch of products': () => {
    const [x, weight] = [input(3, 70, 24), input(3, 24, 21)];
    return [[x, weight], [w.dot(x, weight, { batchA: [0], batchB: [0], contractA: [2], contractB: [1] })]];
  },
  'a recurrence': () => {
    const [xs, start, weight] = [input(5, 40, 128), input(40, 128), input(128, 128)];
    const { ys, carry } = w.scan(([h], [x]) => {
      const next = w.tanh(w.add(matmul(h!, weight), x!));
      return { carry: [next], ys: [next] };
    }, [start], [xs]);
    return [[xs, start, weight], [...carry, ...ys]];
  },
  'a convolution in groups': () => {
    const [x, kernel] = [input(2, 9, 9, 8), input(3, 3, 4, 22)];
    return [[x, kernel], [convolve(x, kernel, 2)]];
  },
  'a convolution after Winograd, and the gradient of its input': () => {
    const [x, kernel] = [input(4, 20, 19, 16), input(3, 3, 16, 28)];
    const y = convolve(x, kernel);
    return [[x, kernel], [y, ...w.gradients(w.reduceSum(w.mul(y, y)), [x])]];
  },
  'a normalisation, in and behind a product': () => {
    const [x, weight, gamma, variance, beta] = [input(40, 24), input(24, 32), input(32), input(32), input(32)];
    const scale = w.mul(gamma, w.rsqrt(w.add(w.abs(variance), 1e-3)));
    return [[x, weight, gamma, variance, beta], [w.add(w.mul(matmul(x, w.mul(weight, 0.3)), scale), beta), w.add(w.neg(beta), 1)]];
  },
};

describe('frozen inputs', () => {
  it.each(Object.keys(CASES))('change no bit of %s', async (name) => {
    const [inputs, outputs] = (CASES[name] as () => Made)();
    const graph = w.graphOf(inputs, outputs);
    const results: w.TypedArray[][] = [];
    for (const [threads, first] of [[1, inputs.length], [1, 1], [2, 1], [1, 0]] as const) {
      const backend = makeBackend(threads);
      const frozen = inputs.flatMap((_, i) => (i >= first ? [i] : []));
      const executable = await backend.compile(graph, { frozen });
      const once = executable.explain().kernels.filter(({ runs }) => runs === 0);
      if (first === 1) expect(once.length).toBeGreaterThan(0);
      if (first === inputs.length) expect(once).toEqual([]);
      const buffers = inputs.map((value, i) => upload(backend, value, i));
      executable.run(buffers).forEach((buffer) => backend.free(buffer));
      results.push(await Promise.all(executable.run(buffers).map((buffer) => backend.read(buffer))));
      await backend.dispose();
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });

  it('are prepared once, and again when the buffer is another', async () => {
    const backend = makeBackend();
    const [x, weight] = [input(70, 16), input(16, 24)];
    const executable = await backend.compile(w.graphOf([x, weight], [matmul(x, w.mul(weight, 2))]), { frozen: [1] });
    const [data, first, second] = [upload(backend, x, 0), upload(backend, weight, 1), upload(backend, weight, 2)];
    const run = async (buffer: w.Buffer): Promise<w.TypedArray> => {
      const [y] = executable.run([data, buffer]) as [w.Buffer];
      const values = await backend.read(y);
      backend.free(y);
      return values;
    };
    const before = await run(first);
    // never done by a user: were it read again, this would show
    backend.words('float32', first.block!.address, 16 * 24).fill(0);
    expect(await run(first)).toEqual(before);
    const other = await run(second);
    expect(other).not.toEqual(before);
    expect((await run(first)).every((value) => value === 0)).toBe(true);
    expect(await run(second)).toEqual(other);
  });

  it('follow weights that a step of training donates', async () => {
    const backend = makeBackend();
    const [x, weight] = [input(70, 16), input(16, 24)];
    const predict = await backend.compile(w.graphOf([x, weight], [matmul(x, weight)]), { frozen: [1] });
    const train = await backend.compile(w.graphOf([weight], [w.mul(weight, 2)]), { donate: [{ input: 0, output: 0 }] });
    const data = upload(backend, x, 0);
    let weights: w.Buffer = upload(backend, weight, 1);
    const [start] = predict.run([data, weights]) as [w.Buffer];
    const expected = (await backend.read(start)) as Float32Array;
    for (let step = 1; step <= 3; step++) {
      const address = (weights as WasmBuffer).block!.address;
      [weights] = train.run([weights]) as [w.Buffer];
      // the same memory, another handle
      expect((weights as WasmBuffer).block!.address).toBe(address);
      const [y] = predict.run([data, weights]) as [w.Buffer];
      expect(await backend.read(y)).toEqual(expected.map((value) => value * 2 ** step));
    }
  });

  it('take memory that is given back, and no more than an eighth of it for panels', async () => {
    const backend = makeBackend(1, 2 ** 24);
    const [x, weight] = [input(70, 256), input(256, 1024)];
    const graph = w.graphOf([x, weight], [matmul(x, weight)]);
    const prepared = (executable: w.Executable): number => executable.explain().memory?.preparedBytes ?? 0;
    const executable = await backend.compile(graph, { frozen: [1] });
    expect(prepared(executable)).toBe(2 ** 20);
    expect(executable.explain().toString()).toMatch(/1 kernel, and 1 once for frozen inputs/);
    executable.dispose();
    const { reservedBytes } = backend.memory();
    for (let i = 0; i < 20; i++) ((await backend.compile(graph, { frozen: [1] })) as w.Executable).dispose();
    expect(backend.memory().reservedBytes).toBe(reservedBytes);
    const wide = input(256, 4096);
    expect(prepared(await backend.compile(w.graphOf([x, wide], [matmul(x, wide)]), { frozen: [1] }))).toBe(0);
  });
});
