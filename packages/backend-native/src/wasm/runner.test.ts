import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { WasmBackend } from './backend.ts';

const type = w.tensorType('float32', [1000]);
const makeBackend = (threads = 1): WasmBackend =>
  new WasmBackend({
    maxMemoryBytes: 2 ** 28,
    threads,
    worth: { leastShare: 0.001, leastRun: 0, patience: { start: 0, least: 20_000, part: 0 } },
  });
const ones = (backend: WasmBackend): w.Buffer => backend.upload(new Float32Array(1000).fill(1), type);

/** y = a + b, z = a · b; y takes the memory of a. */
async function compile(backend: WasmBackend): Promise<w.Executable> {
  const [a, b] = [w.inputValue(type), w.inputValue(type)];
  return backend.compile(w.graphOf([a, b], [w.add(a, b), w.mul(a, b)]), { donate: [{ input: 0, output: 0 }] });
}

describe('a run', () => {
  it('gives outputs the memory of donated inputs, and goes on when memory grows', async () => {
    const backend = makeBackend();
    const executable = await compile(backend);
    let sum = ones(backend);
    const one = ones(backend);
    for (let turn = 0; turn < 5; turn++) {
      const [next, product] = executable.run([sum, one]) as [w.Buffer, w.Buffer];
      sum = next;
      backend.free(product);
      for (let i = 0; i < 300; i++) ones(backend);
    }
    expect((await backend.read(sum))[999]).toBe(6);
    expect(backend.memory().buffers).toBe(2 + 5 * 300);
  });

  it('refuses a donated buffer that is another input too, and changes nothing', async () => {
    const backend = makeBackend();
    const executable = await compile(backend);
    const one = ones(backend);
    expect(() => executable.run([one, one])).toThrow(/a donated buffer as one input only/);
    expect((await backend.read(one))[0]).toBe(1);
    expect(backend.memory().buffers).toBe(1);
  });

  it('that fails gives outputs that carry the failure, and its memory back', async () => {
    const backend = makeBackend(2);
    const executable = await compile(backend);
    const pool = backend.pool as NonNullable<WasmBackend['pool']>;
    const run = pool.run.bind(pool);
    pool.run = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    const [a, b] = [ones(backend), ones(backend)];
    const outputs = executable.run([a, b]);
    await expect(backend.read(outputs[0] as w.Buffer)).rejects.toMatchObject({ code: 'WEFT_E_BACKEND' });
    expect(() => executable.run([a, b])).toThrow(/that was donated/);
    pool.run = run;
    const later = executable.run([outputs[0] as w.Buffer, b]);
    await expect(backend.read(later[1] as w.Buffer)).rejects.toMatchObject({ code: 'WEFT_E_BACKEND' });
    for (const buffer of [outputs[1], ...later, b]) backend.free(buffer as w.Buffer);
    expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    const [sum] = executable.run([ones(backend), ones(backend)]) as [w.Buffer];
    expect((await backend.read(sum))[500]).toBe(2);
    await backend.dispose();
  });
});
