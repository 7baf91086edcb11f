/**
 * Nothing is left behind: on the device after a scope, and on the device and in the JavaScript heap after long runs. Long runs are
 * measured in processes of their own, with a garbage collection before each reading (see `leaks/measure.ts`).
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GradientTape, Sequential, configure, grad, jit, layers, losses, ops, optimizers, random, scope, setRandomSeed, tensor, type Tensor } from 'weftjs';
import type { Reading } from './leaks/measure.ts';
import { watchedEngine } from './leaks/watchedEngine.ts';

const root = resolve(import.meta.dirname, '..');

/** The readings of a workload, run by itself. */
async function measure(workload: string, engine: string, target: string): Promise<Reading[]> {
  const args = ['--expose-gc', '--conditions=weft-source', '--import', './scripts/ts.mjs', 'tests/leaks/measure.ts', workload, engine, target];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 240_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Reading[];
}

/**
 * The device's memory is the same at every reading, and the heap's end is near its middle. The engine's own tables grow and shrink between
 * readings, by turns: of two neighbouring readings the lower counts.
 */
function expectFlat(readings: readonly Reading[], heapGrowth: number): void {
  const half = Math.floor(readings.length / 2);
  const middle = readings[half - 1] as Reading;
  const last = readings.at(-1) as Reading;
  const least = (end: number): number => Math.min(...readings.slice(end - 2, end).map(({ heap }) => heap));
  for (const what of ['buffers', 'bytes', 'reserved', 'executables'] as const) expect(last[what], what).toBe(middle[what]);
  expect(least(readings.length) - least(Math.max(2, half)), 'growth of the heap in bytes').toBeLessThan(heapGrowth);
}

const exponential = jit((x: Tensor) => ops.exp(x));

const bodies: Record<string, () => unknown> = {
  ops: () => ops.sum(ops.square(ops.subtract(tensor([[1, 2], [3, 4]]), 1))),
  gradients: () => grad((x) => ops.sum(ops.tanh(x)))([1, 2, 3]),
  'gradients of gradients': () => grad((x) => grad((y) => y.mul(y).mul(y))(x))(2),
  'a compiled function': () => exponential(tensor([1, 2])),
  'a tape': () => {
    const tape = new GradientTape();
    const x = tensor(3);
    const y = tape.run(() => x.mul(x));
    return tape.gradient(y, x);
  },
  'random numbers': () => random.normal([4, 4], { seed: 3 }),
  'loops and branches': () => ops.cond(true, () => ops.scan((carry, x) => [carry.add(x), carry], tensor(0), tensor([1, 2, 3]))[0], () => tensor(1)),
  'several results': () => ops.split(tensor([1, 2, 3, 4]), 2),
  'results that are kept': () => [tensor(1), { y: tensor([2]) }],
};

describe.each([
  ['native', 'wasm'],
  ['tfjs', 'cpu'],
  ['onnx', 'node'],
])('on %s (%s)', (engine, target) => {
  it('frees all but its result at the end of a scope', async () => {
    const { factory, memory } = await watchedEngine(engine, target);
    await configure({ backend: factory });
    for (const [name, body] of Object.entries(bodies)) {
      await scope(async () => void (await Promise.resolve(body())));
      const before = memory();
      for (let i = 0; i < 3; i++) {
        // what a scope returns is freed by the scope around it
        scope(() => void scope(body));
      }
      expect({ name, ...memory() }).toMatchObject({ name, buffers: before.buffers, bytes: before.bytes, executables: before.executables });
    }
  });

  it('frees its temporaries when a scope throws, and when its body is async', async () => {
    const { factory, memory } = await watchedEngine(engine, target);
    await configure({ backend: factory });
    await scope(async () => ops.add(tensor(1), 1).item());
    const before = memory().buffers;
    expect(() => scope(() => {
      ops.add(tensor(1), 1);
      throw new Error('on the way');
    })).toThrow('on the way');
    expect(memory().buffers).toBe(before);
    const value = await scope(async () => ops.add(tensor(1), 1).item());
    expect(value).toBe(2);
    expect(memory().buffers).toBe(before);
  });

  it('frees a model that trained, was read and predicted', async () => {
    const { factory, memory } = await watchedEngine(engine, target);
    await configure({ backend: factory });
    setRandomSeed(1);
    await scope(() => tensor(1).item());
    const once = async (): Promise<void> => {
      using model = new Sequential([layers.input({ shape: [3] }), layers.dense({ units: 4 }), layers.batchNormalization(), layers.dropout({ rate: 0.5 }), layers.dense({ units: 2, activation: 'softmax' })]);
      model.compile({ optimizer: optimizers.adam(), loss: losses.sparseCategoricalCrossentropy(), metrics: ['accuracy'] });
      const x = [[1, 2, 3], [4, 5, 6], [7, 8, 9]];
      await model.fit(x, [0, 1, 0], { epochs: 2, batchSize: 2, verbose: 0 });
      await model.evaluate(x, [0, 1, 0], { verbose: 0 });
      await model.predict(x);
      model.setWeights(await model.getWeights());
      await model.trainOnBatch(x, [0, 1, 0]);
    };
    await once();
    const { buffers, bytes, executables } = memory();
    await once();
    await once();
    expect(memory()).toMatchObject({ buffers, bytes, executables });
  });
});

describe('over a long run', { timeout: 300_000 }, () => {
  it('2,000 steps of training keep the device and the heap flat', async () => {
    const readings = await measure('training', 'native', 'wasm');
    expect(readings).toHaveLength(8);
    expectFlat(readings, 1000 * 200);
  });

  it('100,000 ops in a loop that never waits keep both flat', async () => {
    expectFlat(await measure('synchronous', 'native', 'wasm'), 500_000);
  });

  it('100,000 ops in a loop that awaits item() keep both flat', async () => {
    expectFlat(await measure('awaited', 'native', 'wasm'), 500_000);
  });

  it('200 models made, trained and disposed leave nothing on the device', async () => {
    const readings = await measure('models', 'native', 'wasm');
    for (const { buffers, bytes, executables } of readings) expect({ buffers, bytes, executables }).toEqual({ buffers: 0, bytes: 0, executables: 0 });
    expectFlat(readings, 2_000_000);
  });

  it('compiled functions that are forgotten are freed when they are collected', async () => {
    const readings = await measure('functions', 'native', 'wasm');
    for (const { executables } of readings) expect(executables).toBe(0);
    expect(readings.at(-1)?.buffers).toBe(0);
  });

  it('models that are forgotten are freed when they are collected', async () => {
    for (const { buffers, bytes, executables } of await measure('forgotten', 'native', 'wasm')) {
      expect({ buffers, bytes, executables }).toEqual({ buffers: 0, bytes: 0, executables: 0 });
    }
  });
});
