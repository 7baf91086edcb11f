/** Relaxed SIMD: refused where the engine lacks it; elsewhere close to the default, and the same for any number of threads. */
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native, type NativeOptions } from '../native.ts';
import { hasRelaxedSimd } from './relaxed.ts';

const [M, K, N] = [130, 300, 70];

/** A product and a convolution of fixed data. */
async function compute(options: NativeOptions): Promise<Float32Array[]> {
  const backend = await native({ target: 'wasm', ...options }).create();
  const types = [[M, K], [K, N], [2, 12, 12, 5], [3, 3, 5, 9]].map((shape) => w.tensorType('float32', shape));
  const inputs = types.map((type) => w.inputValue(type)) as [w.Value, w.Value, w.Value, w.Value];
  const graph = w.graphOf(inputs, [
    w.dot(inputs[0], inputs[1], { contractA: [1], contractB: [0] }),
    w.conv(inputs[2], inputs[3], { strides: [2, 2], padding: [[0, 0], [0, 0]], dilations: [1, 1], groups: 1 }),
  ]);
  const executable = await backend.compile(graph);
  const data = types.map((type, seed) => Float32Array.from({ length: w.sizeOf(type.shape) }, (_, i) => Math.sin(i * (seed + 1))));
  const outputs = executable.run(data.map((values, i) => backend.upload(values, types[i] as w.TensorType)));
  const results = await Promise.all(outputs.map((output) => backend.read(output as w.Buffer)));
  await backend.dispose();
  return results as Float32Array[];
}

describe('relaxed SIMD', () => {
  it('is off unless asked for, and not for WebGPU', () => {
    expect(() => native({ target: 'webgpu', relaxedSimd: true })).toThrow(/target 'wasm' with relaxedSimd/);
    expect(() => native({ relaxedSimd: 1 as unknown as boolean })).toThrow(/true or false as relaxedSimd/);
  });

  it.skipIf(hasRelaxedSimd())('says what it needs where the engine lacks it', async () => {
    await expect(native({ target: 'wasm', relaxedSimd: true }).create()).rejects.toThrow(/engine with relaxed SIMD/);
  });

  it('computes what the default computes, but for rounding, on any number of threads', async () => {
    setFlagsFromString('--experimental-wasm-relaxed-simd');
    const [expected, relaxed, shared] = [
      await compute({ threads: 1 }),
      await compute({ threads: 1, relaxedSimd: true }),
      await compute({ threads: 2, relaxedSimd: true }),
    ];
    expect(shared).toEqual(relaxed);
    for (const [i, values] of expected.entries()) {
      const errors = values.map((value, j) => Math.abs(value - ((relaxed[i] as Float32Array)[j] as number)));
      expect(Math.max(...errors)).toBeLessThan(2e-5);
    }
  });
});
