import { describe, expect, it } from 'vitest';
import { describeConformance } from '@weftjs/conformance';
import * as w from '@weftjs/graph';
import { WasmBackend } from '../wasm/backend.ts';
import { profileProgram } from '../wasm/profile.ts';
import { makeAnswerer } from './answer.ts';
import { RemoteBackend } from './backend.ts';
import { Line, type Carrier } from './line.ts';
import type { Command, Reply } from './messages.ts';

const ROWS = 1000;
const matrix = w.tensorType('float32', [ROWS, ROWS]);
const MATRIX_BYTES = 4 * ROWS * ROWS;

/** A backend behind a channel, as in a page, but in this thread; `end` cuts it off. */
async function openHere(maxMemoryBytes = 2 ** 32 - 65536): Promise<{ backend: RemoteBackend; inner: WasmBackend; end: (reason: string) => void }> {
  const { port1, port2 } = new MessageChannel();
  const inner = new WasmBackend({ maxMemoryBytes, threads: 1, loadProfiler: async () => profileProgram });
  const perform = makeAnswerer(
    (replies, transfer) => port2.postMessage(replies, [...transfer]),
    async () => ({ backend: inner, isLocked: false }),
  );
  port2.onmessage = ({ data }: MessageEvent<readonly Command[]>) => perform(data);
  let end = (_reason: string): void => {};
  const carrier: Carrier = {
    post: (commands, transfer) => port1.postMessage(commands, [...transfer]),
    listen: (onReplies, onEnd) => {
      port1.onmessage = ({ data }: MessageEvent<readonly Reply[]>) => onReplies(data);
      end = onEnd;
    },
    end: () => port1.close(),
  };
  const line = new Line(carrier);
  const backend = new RemoteBackend(line, await line.ask('start', { maxMemoryBytes, threads: 1, relaxedSimd: false, lock: '' }));
  return { backend, inner, end };
}

const codeOf = (work: () => unknown): string | null => {
  try {
    work();
    return null;
  } catch (error) {
    return w.isWeftError(error) ? error.code : String(error);
  }
};

/** A product, a composite, a constant, and a loop whose body holds another graph. */
function richGraph(): w.Graph {
  const [x, y] = [w.inputValue(w.tensorType('float32', [8, 8]), 'x'), w.inputValue(w.tensorType('float32', [8]), 'y')];
  const product = w.softmax(w.dot(x, x, { contractA: [1], contractB: [0] }));
  const loop = w.scan(([h], [row]) => ({ carry: [w.add(w.mul(h!, 0.5), w.maximum(row!, y))] }), [w.full('float32', [8], -0)], [product]);
  return w.graphOf([x, y], [loop.carry[0]!, w.add(product, w.pad(y, [[0, 0]], NaN))]);
}

const richData = (): Float32Array[] => [64, 8].map((length, i) => Float32Array.from({ length }, (_, j) => Math.sin(j * (i + 1))));

async function runRich(backend: w.Backend): Promise<w.TypedArray[]> {
  const graph = richGraph();
  const executable = await backend.compile(graph);
  const inputs = richData().map((data, i) => backend.upload(data, graph.inputs[i]!.type));
  return Promise.all(executable.run(inputs).map((output) => backend.read(output)));
}

describe('a backend in a Worker', () => {
  it('computes the same bits as one here', async () => {
    const here = new WasmBackend({ maxMemoryBytes: 2 ** 30, threads: 1 });
    const { backend } = await openHere();
    expect(await runRich(backend)).toEqual(await runRich(here));
  });

  it('compiles for frozen inputs, which takes a moment', async () => {
    const { backend } = await openHere();
    const types = [[4, 64], [64, 32]].map((shape) => w.tensorType('float32', shape));
    const [x, weights] = types.map((type) => w.inputValue(type));
    const graph = w.graphOf([x!, weights!], [w.dot(x!, weights!, { contractA: [1], contractB: [0] })]);
    const executable = await backend.compile(graph, { frozen: [1] });
    const [ones, halves] = types.map((type, i) => backend.upload(new Float32Array(w.sizeOf(type.shape)).fill(1 / (i + 1)), type));
    for (let turn = 0; turn < 2; turn++) {
      const [y] = executable.run([ones!, halves!]);
      expect([...(await backend.read(y!))].every((value) => value === 32)).toBe(true);
    }
  });

  it('explains and profiles like one here, code included', async () => {
    const { backend, inner } = await openHere();
    const graph = richGraph();
    const [there, here] = [await backend.compile(graph), await inner.compile(graph)].map((executable) => executable.explain());
    expect(there!.kernels.map((kernel) => ({ ...kernel }))).toEqual(here!.kernels.map((kernel) => ({ ...kernel })));
    expect(there!.kernels.some(({ code }) => code && code.length > 100)).toBe(true);
    expect([there!.graph, there!.memory]).toEqual([here!.graph, here!.memory]);
    const unnamed = (text: string): string => text.replaceAll(/%\d+/g, '%');
    expect(unnamed(there!.optimized)).toBe(unnamed(here!.optimized));
    expect(String(there).split('\n')[0]).toBe(String(here).split('\n')[0]);
    const measured = await (await backend.compile(graph)).profile!();
    expect(measured.kernels.every(({ ms }) => ms !== undefined && ms >= 0)).toBe(true);
    expect(measured.kernels.map(({ code }) => code)).toEqual(there!.kernels.map(({ code }) => code));
  });

  it('takes ops that it does not know, by what they are made of', async () => {
    const { backend } = await openHere();
    const twice = w.defineOp({ name: 'strange', infer: ([type]) => [type!], decompose: ([x]) => [w.add(x!, x!)] });
    const x = w.inputValue(w.tensorType('float32', [2]));
    const executable = await backend.compile(w.graphOf([x], [w.apply1(twice, [x], {})]));
    const [y] = executable.run([backend.upload(Float32Array.of(1, 2), x.type)]);
    expect([...(await backend.read(y!))]).toEqual([2, 4]);
  });

  it('takes graphs whose ops come from another copy of the package', async () => {
    const { backend } = await openHere();
    const graph = richGraph();
    // another copy numbers its nodes by itself: far above ours, as if it had made many before
    const numbered = graph.nodes.map((node) => Object.assign(node, { id: node.id + 1e6 }));
    const executable = await backend.compile({ ...graph, nodes: numbered });
    const outputs = executable.run(richData().map((data, i) => backend.upload(data, graph.inputs[i]!.type)));
    expect(await Promise.all(outputs.map((output) => backend.read(output)))).toEqual(await runRich(backend));
  });

  it('refuses at once what cannot have room', async () => {
    const { backend } = await openHere(4 * MATRIX_BYTES);
    const [x, y] = [0, 1].map(() => backend.upload(new Float32Array(ROWS * ROWS), matrix));
    const input = w.inputValue(matrix);
    const executable = await backend.compile(w.graphOf([input], [w.add(input, 1), w.add(input, 2), w.add(input, 3)]));
    expect(() => backend.upload(new Float32Array(3 * ROWS * ROWS), w.tensorType('float32', [3 * ROWS * ROWS]))).toThrow(
      /WebAssembly can give.*float32\[1000,1000\] \(4000000 bytes\)/,
    );
    const outputs = executable.run([x!]);
    expect(backend.memory().bytes).toBe(2 * MATRIX_BYTES);
    await expect(backend.read(outputs[2]!)).rejects.toThrow(expect.objectContaining({ code: 'WEFT_E_MEMORY' }));
    const after = executable.run([outputs[0]!]);
    await expect(backend.sync()).rejects.toThrow(expect.objectContaining({ code: 'WEFT_E_MEMORY' }));
    await backend.sync();
    for (const buffer of [...outputs, ...after, y!]) backend.free(buffer);
    expect(backend.memory()).toMatchObject({ buffers: 1, bytes: MATRIX_BYTES });
  });

  it('poisons what the Worker finds no room for', async () => {
    const { backend, inner } = await openHere(5 * MATRIX_BYTES);
    const x = backend.upload(new Float32Array(ROWS * ROWS), matrix);
    const input = w.inputValue(matrix);
    const rows = w.reduceSum(w.sort(w.add(input, 1)).values, { axes: [1] });
    const columns = w.concat([w.sort(w.mul(input, 2)).values, w.sort(w.mul(input, 3)).values, w.sort(w.mul(input, 4)).values], 0);
    const executable = await backend.compile(w.graphOf([input], [rows, w.reduceSum(w.dot(columns, columns, { contractA: [0], contractB: [0] }), { axes: [1] })]));
    const before = backend.memory();
    const outputs = executable.run([x]);
    const next = w.inputValue(outputs[0]!.type);
    const [after] = (await backend.compile(w.graphOf([next], [w.add(next, 1)]))).run([outputs[0]!]);
    await expect(backend.read(after!)).rejects.toThrow(expect.objectContaining({ code: 'WEFT_E_MEMORY' }));
    expect(backend.memory()).toMatchObject({ buffers: 4, bytes: before.bytes });
    for (const buffer of [...outputs, after!]) backend.free(buffer);
    await backend.sync().catch(() => undefined);
    expect([...(await backend.read(x))].every((value) => value === 0)).toBe(true);
    expect(inner.memory().buffers).toBe(1);
  });

  it('fails everything when the Worker is gone, and hangs nowhere', async () => {
    const { backend, end } = await openHere();
    const x = w.inputValue(w.tensorType('float32', [2]));
    const executable = await backend.compile(w.graphOf([x], [w.add(x, 1)]));
    const input = backend.upload(Float32Array.of(1, 2), x.type);
    const lost = expect.objectContaining({ code: 'WEFT_E_DEVICE_LOST', message: expect.stringContaining('it fell over') });
    const pending = [backend.read(input), backend.sync(), backend.compile(w.graphOf([x], [w.mul(x, 2)])), executable.profile!()];
    end('it fell over');
    for (const promise of pending) await expect(promise).rejects.toThrow(lost);
    await expect(backend.read(input)).rejects.toThrow(lost);
    const [output] = executable.run([input]);
    await expect(backend.read(output!)).rejects.toThrow(lost);
    await expect(backend.sync()).rejects.toThrow(lost);
    await expect(Promise.resolve().then(() => backend.compile(w.graphOf([x], [x])))).rejects.toThrow(lost);
    expect(codeOf(() => backend.upload(Float32Array.of(1, 2), x.type))).toBe('WEFT_E_DEVICE_LOST');
    backend.free(input);
    executable.dispose();
    await backend.dispose();
    expect(codeOf(() => executable.run([]))).toBe('WEFT_E_STATE');
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0, reservedBytes: 0, executables: 0 });
  });
});

const factory = (): w.BackendFactory => ({ name: 'native', target: 'wasm', create: async () => (await openHere()).backend });
describeConformance({ describe, it }, 'native on WebAssembly behind a channel', factory, { every: 24 });
describeConformance({ describe, it }, 'whole programs behind a channel', factory, { only: ['program/*'] });
