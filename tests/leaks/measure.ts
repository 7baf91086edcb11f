/**
 * Measures what a long run leaves behind, in a process of its own with `--expose-gc`, and prints it as JSON: the JavaScript heap and the
 * device's memory at the start, on the way and at the end.
 *
 *   node --expose-gc --conditions=weft-source --import ./scripts/ts.mjs tests/leaks/measure.ts training native wasm
 */
import { Sequential, configure, jit, layers, ops, scope, setRandomSeed, tensor, type Tensor } from 'weftjs';
import { watchedEngine } from './watchedEngine.ts';

/** What is in use after a garbage collection. */
export interface Reading {
  readonly heap: number;
  readonly buffers: number;
  readonly bytes: number;
  readonly reserved: number;
  readonly executables: number;
}

const [workload = '', engine = 'native', target = 'wasm'] = process.argv.slice(2);
const collect = globalThis.gc as () => void;
const { factory, memory } = await watchedEngine(engine, target);
await configure({ backend: factory });
setRandomSeed(1);

/** Collects garbage, gives finalizers their turn, and reads. */
async function settled(): Promise<Reading> {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return read();
}

function read(): Reading {
  collect();
  const { buffers, bytes, reservedBytes, executables } = memory();
  return { heap: process.memoryUsage().heapUsed, buffers, bytes, reserved: reservedBytes, executables };
}

function mlp(): Sequential {
  const model = new Sequential([layers.input({ shape: [16] }), layers.dense({ units: 32, activation: 'relu' }), layers.dense({ units: 4, activation: 'softmax' })]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

const workloads: Record<string, () => Promise<Reading[]>> = {
  /** 2,000 steps, read after each 250. */
  async training() {
    const model = mlp();
    const x = new Float32Array(250 * 8 * 16).map((_, i) => Math.sin(i));
    const y = new Int32Array(250 * 8).map((_, i) => i % 4);
    const readings: Reading[] = [];
    const xs = ops.reshape(x, [2000, 16]);
    const data = await xs.host();
    xs.dispose();
    await model.fit(data, y, { epochs: 8, batchSize: 8, verbose: 0, callbacks: { onEpochEnd: async () => void readings.push(await settled()) } });
    return readings;
  },

  /** 100,000 ops without a turn of the event loop, each turn of the loop in a scope. */
  async synchronous() {
    let x: Tensor = tensor([1, 2, 3]);
    await x.data();
    const readings: Reading[] = [];
    for (let i = 0; i < 50_000; i++) {
      const next: Tensor = scope(() => ops.add(ops.multiply(x, 0.5), 1));
      x.dispose();
      x = next;
      if ((i + 1) % 10_000 === 0) readings.push(read());
    }
    if (Math.abs(((await x.data())[0] as number) - 2) > 1e-4) throw new Error('wrong result');
    return readings;
  },

  /** 100,000 ops whose results are read one by one, and nothing is disposed. */
  async awaited() {
    let value = 1;
    const readings: Reading[] = [];
    for (let i = 0; i < 50_000; i++) {
      value = await ops.add(ops.multiply(tensor([value]), 0.5), 1).item();
      if ((i + 1) % 10_000 === 0) readings.push(await settled());
    }
    if (Math.abs(value - 2) > 1e-4) throw new Error('wrong result');
    return readings;
  },

  /** 200 models that are made, trained and disposed. */
  async models() {
    const x = Array.from({ length: 8 }, (_, row) => Array.from({ length: 16 }, (_, i) => Math.sin(row * 16 + i)));
    const readings: Reading[] = [];
    for (let i = 0; i < 200; i++) {
      const model = mlp();
      await model.fit(x, [0, 1, 2, 3, 0, 1, 2, 3], { epochs: 2, verbose: 0 });
      await model.predict(x);
      model.dispose();
      if ((i + 1) % 40 === 0) readings.push(await settled());
    }
    return readings;
  },

  /** 60 compiled functions that are made, run and forgotten. */
  async functions() {
    const readings: Reading[] = [];
    const x = tensor([1, 2]);
    for (let i = 0; i < 60; i++) {
      scope(() => void jit((y: Tensor) => ops.add(y, i))(x));
      if ((i + 1) % 20 === 0) readings.push(await settled());
    }
    x.dispose();
    return [...readings, await settled()];
  },

  /** 30 models that are made, trained and forgotten. */
  async forgotten() {
    const x = Array.from({ length: 8 }, (_, row) => Array.from({ length: 16 }, (_, i) => Math.sin(row * 16 + i)));
    const readings: Reading[] = [];
    for (let i = 0; i < 30; i++) {
      await mlp().fit(x, [0, 1, 2, 3, 0, 1, 2, 3], { epochs: 2, verbose: 0 });
      if ((i + 1) % 10 === 0) readings.push(await settled());
    }
    return readings;
  },
};

const run = workloads[workload];
if (!run) throw new Error(`The workloads are ${Object.keys(workloads).join(', ')}. Received: ${workload}.`);
console.log(JSON.stringify(await run()));
process.exit(0);
