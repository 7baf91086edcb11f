import { describe, expect, it } from 'vitest';
import { describeConformance } from '@weftjs/conformance';
import { add, graphOf, inputValue, isWeftError, mul, tensorType, type WeftErrorCode } from '@weftjs/graph';
import { native } from './native.ts';

function codeOf(action: () => unknown): WeftErrorCode | null {
  try {
    action();
    return null;
  } catch (error) {
    return isWeftError(error) ? error.code : null;
  }
}

describe('native', () => {
  it('refuses unknown options and targets, before anything is made', () => {
    expect(codeOf(() => native({ target: 'cuda' as 'wasm' }))).toBe('WEFT_E_OPTION');
    for (const threads of [0, 1.5, 65]) expect(codeOf(() => native({ threads }))).toBe('WEFT_E_OPTION');
    expect(codeOf(() => native({ maxMemoryBytes: 5 }))).toBe('WEFT_E_OPTION');
    expect(codeOf(() => native({ worker: 'yes' as unknown as boolean }))).toBe('WEFT_E_OPTION');
    expect(() => native({ target: 'cuda' as 'wasm' })).toThrowErrorMatchingInlineSnapshot(`[WeftError: native needs target 'wasm' or 'webgpu'. Received: "cuda". Use native({ target: 'wasm' }), or leave it out.]`);
  });

  it('says what it made of a graph', async () => {
    const backend = await native().create();
    const x = inputValue(tensorType('float32', [4, 8]));
    const executable = await backend.compile(graphOf([x], [add(mul(x, 2), 1)]));
    const explanation = executable.explain();
    expect(explanation.kernels).toHaveLength(1);
    expect(explanation.hostLowered).toEqual([]);
    expect(String(explanation)).toContain('native (wasm): 1 kernel');
  });

  it('names the need and the largest tensors when memory runs out', async () => {
    const backend = await native({ maxMemoryBytes: 2 ** 21 }).create();
    const type = tensorType('float32', [100_000]);
    const x = backend.upload(new Float32Array(100_000), type);
    const input = inputValue(type);
    const executable = await backend.compile(graphOf([input], Array.from({ length: 6 }, (_, i) => add(input, i))));
    const before = backend.memory();
    const outputs = executable.run([x]);
    await expect(backend.read(outputs[0]!)).rejects.toThrow(/WebAssembly can give.*float32\[100000\] \(400000 bytes\)/s);
    outputs.forEach((output) => backend.free(output));
    expect(backend.memory().bytes).toBe(before.bytes);
    expect([...(await backend.read(x))].every((value) => value === 0)).toBe(true);
  });
});

describeConformance({ describe, it }, 'native on WebAssembly', () => native({ target: 'wasm' }), { every: 8 });
