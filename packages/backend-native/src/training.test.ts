import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from './native.ts';

const input = (shape: readonly number[], dtype: w.DType = 'float32'): w.Value => w.inputValue(w.tensorType(dtype, shape));

/** A step of gradient descent with momentum for a small classifier; state is donated. */
function trainingStep(batch: number): { graph: w.Graph; donate: { input: number; output: number }[] } {
  const [x, labels, rate] = [input([batch, 20]), input([batch], 'int32'), input([])];
  const weights = [input([20, 33]), input([33]), input([33, 5]), input([5])] as [w.Value, w.Value, w.Value, w.Value];
  const slots = weights.map(({ type }) => input(type.shape));
  const dense = (h: w.Value, kernel: w.Value, bias: w.Value): w.Value => w.add(w.dot(h, kernel, { contractA: [1], contractB: [0] }), bias);
  const logits = dense(w.relu(dense(x, weights[0], weights[1])), weights[2], weights[3]);
  const loss = w.div(w.reduceSum(w.sparseSoftmaxCrossEntropy(logits, labels)), batch);
  const grads = w.gradients(loss, weights);
  const moved = slots.map((slot, i) => w.add(w.mul(slot, 0.9), grads[i]!));
  const next = weights.map((weight, i) => w.sub(weight, w.mul(rate, moved[i]!)));
  const outputs = [loss, ...next, ...moved];
  return { graph: w.graphOf([x, labels, rate, ...weights, ...slots], outputs), donate: outputs.slice(1).map((_, i) => ({ input: 3 + i, output: 1 + i })) };
}

describe('training on the native engine', () => {
  it('learns, and 2,000 steps neither grow memory nor leave buffers', async () => {
    const backend = await native().create();
    const batch = 12;
    const { graph, donate } = trainingStep(batch);
    const executable = await backend.compile(graph, { donate, host: [2] });
    let seed = 3;
    const random = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff - 0.5;
    const upload = (value: w.Value, of: () => number): w.Buffer => backend.upload(w.hostArray(value.type.dtype, w.sizeOf(value.type.shape)).map(of), value.type);
    let label = 0;
    const [x, labels] = [upload(graph.inputs[0]!, random), upload(graph.inputs[1]!, () => label++ % 5)];
    let state = graph.inputs.slice(3).map((value, i) => upload(value, i < 4 ? () => random() * 0.5 : () => 0));
    const losses: number[] = [];
    let reserved = 0;
    for (let step = 0; step < 2000; step++) {
      const [loss, ...next] = executable.run([x, labels, 0.05, ...state]);
      if (step % 500 === 0) losses.push((await backend.read(loss!))[0]!);
      backend.free(loss!);
      state = next;
      if (step === 5) reserved = backend.memory().reservedBytes;
    }
    expect(losses[0]).toBeGreaterThan(1.5);
    expect(losses[3]).toBeLessThan(0.01);
    expect(backend.memory()).toMatchObject({ buffers: 10, reservedBytes: reserved, executables: 1 });
  });
});
