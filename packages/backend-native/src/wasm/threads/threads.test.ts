import { describe, expect, it } from 'vitest';
import { describeConformance, runConformance } from '@weftjs/conformance';
import * as w from '@weftjs/graph';
import { WasmBackend, type Worth } from '../backend.ts';

/** Divides whatever has two units, and waits for workers. */
const EAGER: Worth = { leastShare: 0.001, leastRun: 0, patience: { start: 0, least: 20_000, part: 0 } };
const makeBackend = (threads: number, worth: Worth = EAGER): WasmBackend =>
  new WasmBackend({ maxMemoryBytes: 2 ** 30, threads, worth });

const input = (shape: readonly number[], dtype: w.DType = 'float32'): w.Value =>
  w.inputValue(w.tensorType(dtype, shape));
const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });

/** Steps of gradient descent: the loss, and the parameters after it. */
function trainingStep(loss: w.Value, data: readonly w.Value[], parameters: readonly w.Value[]): w.Graph {
  const grads = w.gradients(loss, parameters);
  return w.graphOf(
    [...parameters, ...data],
    [...parameters.map((value, i) => w.sub(value, w.mul(grads[i]!, 0.05))), loss],
  );
}

function mlp(): w.Graph {
  const [x, labels] = [input([50, 37]), input([50], 'int32')];
  const [k1, b1, k2, b2] = [input([37, 65]), input([65]), input([65, 10]), input([10])];
  const logits = w.add(matmul(w.relu(w.add(matmul(x, k1), b1)), k2), b2);
  return trainingStep(
    w.reduceSum(w.div(w.sparseSoftmaxCrossEntropy(logits, labels), 50)),
    [x, labels],
    [k1, b1, k2, b2],
  );
}

function convnet(): w.Graph {
  const [x, labels] = [input([9, 12, 11, 3]), input([9], 'int32')];
  const [k1, b1, k2] = [input([3, 3, 3, 8]), input([8]), input([5 * 4 * 8, 10])];
  const padding = [
    [0, 0],
    [0, 0],
  ] as const;
  const y = w.relu(w.add(w.conv(x, k1, { strides: [1, 1], padding, dilations: [1, 1], groups: 1 }), b1));
  const { values } = w.maxPool(y, { window: [2, 2], strides: [2, 2], padding, dilations: [1, 1] });
  const logits = matmul(w.reshape(values, [9, 5 * 4 * 8]), k2);
  return trainingStep(w.reduceSum(w.div(w.sparseSoftmaxCrossEntropy(logits, labels), 9)), [x, labels], [k1, b1, k2]);
}

function recurrence(): w.Graph {
  const [xs, start] = [input([11, 6, 20]), input([6, 20])];
  const [kernel, recurrent] = [input([20, 20]), input([20, 20])];
  const { ys } = w.scan(
    ([h], [x]) => {
      const next = w.tanh(w.add(matmul(h!, recurrent), matmul(x!, kernel)));
      return { carry: [next], ys: [w.mul(next, w.sigmoid(next))] };
    },
    [start],
    [xs],
  );
  return trainingStep(w.reduceSum(w.mul(ys[0]!, ys[0]!)), [xs, start], [kernel, recurrent]);
}

/** The bits of everything that some steps made: losses, and the parameters at the end. */
async function bitsOf(backend: WasmBackend, graph: w.Graph, steps: number): Promise<number[]> {
  const parameters = graph.outputs.length - 1;
  const donate = Array.from({ length: parameters }, (_, i) => ({ input: i, output: i }));
  const executable = await backend.compile(graph, { donate });
  let seed = 5;
  const random = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  const buffers = graph.inputs.map(({ type }) =>
    backend.upload(
      w
        .hostArray(type.dtype, w.sizeOf(type.shape))
        .map(() => (type.dtype === 'int32' ? Math.floor(random() * 10) : random() - 0.5)),
      type,
    ),
  );
  const data = buffers.slice(parameters);
  let state = buffers.slice(0, parameters);
  const bits: number[] = [];
  const note = async (buffer: w.Buffer): Promise<void> =>
    void bits.push(...new Int32Array(((await backend.read(buffer)) as Float32Array).buffer));
  for (let step = 0; step < steps; step++) {
    const outputs = executable.run([...state, ...data]);
    state = outputs.slice(0, parameters);
    await note(outputs[parameters]!);
    backend.free(outputs[parameters]!);
  }
  for (const buffer of state) await note(buffer);
  return bits;
}

/** A backend that mixes the bits of all that is read from it into one number. */
class Witness extends WasmBackend {
  mix = 0;

  override async read(buffer: w.Buffer): Promise<w.TypedArray> {
    const data = await super.read(buffer);
    for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      this.mix = (Math.imul(this.mix ^ byte, 16777619) >>> 0) + 1;
    return data;
  }
}

const GRAPHS = { 'an MLP': mlp(), 'a convolutional network': convnet(), 'a recurrence': recurrence() };

describe('several threads', () => {
  it.each(Object.entries(GRAPHS))('train %s to the same bits as one', async (_, graph) => {
    const all: number[][] = [];
    for (const threads of [1, 2, 3]) {
      const backend = makeBackend(threads);
      all.push(await bitsOf(backend, graph, 5));
      expect(backend.device.description).toBe(
        `WebAssembly with 128-bit SIMD, ${threads} thread${threads > 1 ? 's' : ''}`,
      );
      await backend.dispose();
    }
    expect(all[0]!.some((word) => word !== 0)).toBe(true);
    expect(all[1]).toEqual(all[0]);
    expect(all[2]).toEqual(all[0]);
  });

  it('compute random programs to the same bits as one', async () => {
    const mixes: number[] = [];
    for (const threads of [1, 2, 3]) {
      const made: Witness[] = [];
      const create = async (): Promise<Witness> => {
        const backend = new Witness({ maxMemoryBytes: 2 ** 30, threads, worth: EAGER });
        made.push(backend);
        return backend;
      };
      const report = await runConformance({ name: 'native', target: 'wasm', create }, { only: ['program/random 1*'] });
      expect(report.passed).toBeGreaterThan(9);
      mixes.push(made.reduce((all, { mix }) => Math.imul(all, 31) + mix, 0));
    }
    expect(mixes[0]).not.toBe(0);
    expect(mixes).toEqual([mixes[0], mixes[0], mixes[0]]);
  });

  it('give the same bits in 200 steps, each time', async () => {
    const backend = makeBackend(2);
    const first = await bitsOf(backend, GRAPHS['an MLP'], 200);
    for (let turn = 0; turn < 2; turn++) expect(await bitsOf(backend, GRAPHS['an MLP'], 200)).toEqual(first);
    await backend.dispose();
  });

  it('end with the backend, and are not started for little', async () => {
    const lazy = makeBackend(2, { leastShare: 1, leastRun: 0, patience: { start: 1e6, least: 1, part: 0 } });
    await bitsOf(lazy, GRAPHS['an MLP'], 2);
    expect(lazy.pool?.isStarted).toBe(false);
    const eager = makeBackend(2);
    await bitsOf(eager, GRAPHS['an MLP'], 2);
    expect(eager.pool?.isStarted).toBe(true);
    await eager.dispose();
    expect(eager.pool?.isStarted).toBe(false);
  });
});

describeConformance(
  { describe, it },
  'two threads',
  () => ({ name: 'native', target: 'wasm', create: async () => makeBackend(2) }),
  { every: 32 },
);
