/** The WebGPU target in a page, on the simulated GPU of the browser: a slice of the conformance suite, and a training step. */
import { describe, expect, it } from 'vitest';
import { formatReport, runConformance } from '@weftjs/conformance';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { findGpu, requestAdapter } from './adapter.ts';

const adapter = await requestAdapter(findGpu());
if (!adapter) console.warn('No WebGPU adapter in this browser: its tests are skipped.');

describe.skipIf(!adapter)('native on WebGPU in a page', () => {
  it('moves weights as the reference does', async () => {
    const backend = await native({ target: 'webgpu', allowSoftware: true }).create();
    const [x, weights] = [w.inputValue(w.tensorType('float32', [9, 70])), w.inputValue(w.tensorType('float32', [70, 33]))];
    const y = w.tanh(w.dot(x, weights, { contractA: [1], contractB: [0] }));
    const [gradient] = w.gradients(w.reduceSum(w.mul(y, y)), [weights]);
    const graph = w.graphOf([x, weights], [w.sub(weights, w.mul(gradient as w.Value, 0.01))]);
    const executable = await backend.compile(graph, { donate: [{ input: 1, output: 0 }] });
    const data = [x, weights].map(({ type }, i) => Float32Array.from({ length: w.sizeOf(type.shape) }, (_, j) => Math.sin(j * (i + 1))));
    const [given, start] = data.map((values, i) => backend.upload(values, (graph.inputs[i] as w.Value).type)) as [w.Buffer, w.Buffer];
    let held = start;
    let expected: ArrayLike<number> = data[1] as Float32Array;
    for (let step = 0; step < 3; step++) {
      [held] = executable.run([given, held]) as [w.Buffer];
      [expected] = w.evaluate(graph, [data[0] as Float32Array, expected]) as [Float64Array];
    }
    const got = await backend.read(held);
    expect(Math.max(...Array.from(expected, (want, i) => Math.abs((got[i] as number) - want)))).toBeLessThan(1e-4);
    await backend.dispose();
  });

  it('passes a fixed part of the conformance suite', async () => {
    const report = await runConformance(native({ target: 'webgpu', allowSoftware: true }), { every: 16 });
    expect(report.failed, formatReport(report)).toBe(0);
    expect(report.passed).toBeGreaterThan(300);
  }, 300_000);
});
