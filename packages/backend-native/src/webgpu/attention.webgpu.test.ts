/**
 * On a simulated GPU with the limits that every device has: attention binds what it can, and explanations show code and
 * time.
 */
import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { requestAdapter } from './adapter.ts';
import { nodeGpu } from './testing.ts';

const gpu = await nodeGpu().catch(() => null);
const adapter = await requestAdapter(gpu);

const shape = [1, 70, 2, 6] as const;
const input = (dtype: w.DType, extents: readonly number[]): w.Value => w.inputValue(w.tensorType(dtype, extents));

/** y, dq, dk and dv, from operands that lie apart. */
function attention(): w.Graph {
  const operands = [input('float32', shape), input('float32', shape), input('float32', shape)] as const;
  const [dy, mask] = [input('float32', shape), input('bool', [70, 70])];
  const y = w.dotProductAttention(...operands, { mask });
  return w.graphOf([...operands, dy, mask], [y, ...(w.vjp([y], [dy], operands) as w.Value[])]);
}

describe.skipIf(!adapter)('attention on WebGPU', () => {
  it('computes with eight bindings what the reference does', { timeout: 60_000 }, async () => {
    const device = await ((await requestAdapter(gpu)) as GPUAdapter).requestDevice();
    expect(device.limits.maxStorageBuffersPerShaderStage).toBe(8);
    const backend = await native({ target: 'webgpu', device, allowSoftware: true }).create();
    const graph = attention();
    const data = graph.inputs.map(({ type }, i) => {
      const at = (j: number): number => ((j * (0.37 + 0.24 * i) + 0.11) % 1) - 0.5;
      const size = w.sizeOf(type.shape);
      return type.dtype === 'bool'
        ? Uint8Array.from({ length: size }, (_, j) => Number(at(j) > 0))
        : Float32Array.from({ length: size }, (_, j) => at(j));
    });
    const executable = await backend.compile(graph);
    const outputs = executable.run(data.map((values, i) => backend.upload(values, (graph.inputs[i] as w.Value).type)));
    for (const [i, want] of w.evaluate(w.normalize(w.expandComposites(graph, new Set())), data).entries()) {
      const got = await backend.read(outputs[i] as w.Buffer);
      expect(Math.max(...want.map((x, j) => Math.abs((got[j] as number) - x) / (1 + Math.abs(x))))).toBeLessThan(1e-5);
    }
    await backend.dispose();
    device.destroy();
  });

  it('explains its shaders, and measures them where the GPU has a clock', { timeout: 60_000 }, async () => {
    const backend = await native({ target: 'webgpu', gpu: gpu as GPU, allowSoftware: true }).create();
    const executable = await backend.compile(attention());
    const { kernels, compileMs } = executable.explain();
    expect(kernels.map(({ name }) => name)).toContain('dotProductAttentionGrad');
    expect(kernels.every(({ code, ms }) => code?.includes('@compute') && ms === undefined)).toBe(true);
    expect(Object.keys(compileMs ?? {})).toEqual(['simplify', 'fuse', 'shaders']);
    const measured = (await executable.profile?.()) as w.Explanation;
    const hasClock = ((await requestAdapter(gpu)) as GPUAdapter).features.has('timestamp-query');
    expect(measured.kernels.every(({ ms }) => (hasClock ? (ms as number) > 0 : ms === undefined))).toBe(true);
    await backend.dispose();
  });
});
