import { describe, expect, it } from 'vitest';
import { runConformance, formatReport } from '@weftjs/conformance';
import * as w from '@weftjs/graph';
import { native } from './native.ts';

describe('native on WebAssembly in a page', () => {
  it('computes in a Worker, with threads where the page is isolated', async () => {
    const backend = await native({ target: 'wasm', threads: 2 }).create();
    expect(backend.device.description).toBe(`WebAssembly with 128-bit SIMD, ${crossOriginIsolated ? '2 threads' : '1 thread'}, in a Worker of the page`);
    await backend.dispose();
  });

  it('compiles large modules without holding up the page', async () => {
    const backend = await native({ target: 'wasm', worker: false }).create();
    expect(backend.device.description).toBe('WebAssembly with 128-bit SIMD, 1 thread');
    const type = w.tensorType('float32', [50, 60]);
    const [x, y] = [w.inputValue(type), w.inputValue(type)];
    const all = [w.dot(x, y, { contractA: [1], contractB: [1] }), w.softmax(x), w.sort(y).values, w.erf(x)];
    const graph = w.graphOf([x, y], all);
    const compiled = backend.compile(graph);
    expect(compiled).toBeInstanceOf(Promise);
    const data = [x, y].map((_, i) => Float32Array.from({ length: 3000 }, (__, j) => Math.sin(j * (i + 1))));
    const outputs = (await compiled).run(data.map((values) => backend.upload(values, type)));
    const wanted = w.evaluate(graph, data);
    for (const [i, output] of outputs.entries()) {
      const got = await backend.read(output);
      got.forEach((value, j) => expect(Math.abs(value - wanted[i]![j]!)).toBeLessThan(1e-4));
    }
  });

  it.each([true, false])('passes a fixed part of the conformance suite, with worker: %s', async (worker) => {
    const report = await runConformance(native({ target: 'wasm', worker }), { every: 32 });
    expect(report.failed, formatReport(report)).toBe(0);
  });
});
