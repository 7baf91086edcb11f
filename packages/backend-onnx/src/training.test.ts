import { add, conv, evaluate, maxPool, relu, reshape, sizeOf, tanh, type Backend, type Buffer, type Value } from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { onnx } from './onnx.ts';
import { numbers, randomArray } from './testing/random.ts';
import { matMul, trainingStep, type Step } from './testing/trainingStep.ts';

const mlp = (): Step =>
  trainingStep([8, 12], 3, [[12, 16], [16], [16, 3], [3]], (x, [w1, b1, w2, b2]) =>
    add(matMul(tanh(add(matMul(x, w1 as Value), b1 as Value)), w2 as Value), b2 as Value),
  );

const same = { strides: [1, 1], padding: [[1, 1], [1, 1]] as const, dilations: [1, 1], groups: 1 };
const cnn = (): Step =>
  trainingStep([4, 8, 8, 2], 3, [[3, 3, 2, 4], [4], [3, 3, 4, 5], [5], [20, 3], [3]], (x, [k1, b1, k2, b2, w, b]) => {
    const pool = { window: [2, 2], strides: [2, 2], padding: [[0, 0], [0, 0]] as const, dilations: [1, 1] };
    const first = maxPool(relu(add(conv(x, k1 as Value, same), b1 as Value)), pool).values;
    const second = maxPool(relu(add(conv(first, k2 as Value, same), b2 as Value)), pool).values;
    return add(matMul(reshape(second, [4, 20]), w as Value), b as Value);
  });

/** Trains for some steps on a backend and in float64, and gives the largest difference of any state after each. */
async function compare(backend: Backend, { graph, parameters, donate }: Step, steps: number): Promise<number> {
  const next = numbers(7);
  const [x, y] = graph.inputs as [Value, Value];
  const data = randomArray(sizeOf(x.type.shape), next);
  const labels = new Float32Array(sizeOf(y.type.shape));
  const classes = y.type.shape[1] as number;
  for (let i = 0; i < labels.length / classes; i++) labels[i * classes + (i % classes)] = 1;
  const start = parameters.map((shape) => randomArray(sizeOf(shape), next, 0.5));
  const zeros = (): Float32Array[] => parameters.map((shape) => new Float32Array(sizeOf(shape)));

  const executable = await backend.compile(graph, { donate, host: [2] });
  const [bx, by] = [backend.upload(data, x.type), backend.upload(labels, y.type)];
  let state: Buffer[] = [...start, ...zeros(), ...zeros()].map((array, i) => backend.upload(array, (graph.inputs[3 + i] as Value).type));
  let expected: ArrayLike<number>[] = [...start, ...zeros(), ...zeros()];
  let worst = 0;
  for (let t = 1; t <= steps; t++) {
    const [loss, ...after] = executable.run([bx, by, t, ...state]) as [Buffer, ...Buffer[]];
    state = after;
    const [, ...reference] = evaluate(graph, [data, labels, [t], ...expected]);
    expected = reference;
    const arrays = await Promise.all(state.map((buffer) => backend.read(buffer)));
    arrays.forEach((array, i) => {
      array.forEach((value, j) => (worst = Math.max(worst, Math.abs(value - (reference[i]?.[j] as number)))));
    });
    backend.free(loss);
  }
  [bx, by, ...state].forEach((buffer) => backend.free(buffer));
  executable.dispose();
  return worst;
}

describe.each(['web', 'node'] as const)('training steps on onnx (%s)', (target) => {
  it('follow the float64 evaluator and leave nothing behind', async () => {
    const backend = await onnx({ target }).create();
    expect(await compare(backend, mlp(), 5)).toBeLessThan(1e-4);
    expect(await compare(backend, cnn(), 5)).toBeLessThan(1e-4);
    expect(backend.memory()).toMatchObject({ buffers: 0, bytes: 0, executables: 0 });
    await backend.dispose();
  });
});
