/** Whole training steps against the reference evaluator, many times over, on the engines that Node has. */
import * as core from '@tensorflow/tfjs-core';
import {
  add,
  conv,
  dot,
  evaluate,
  gather,
  gradients,
  graphOf,
  hostArray,
  inputValue,
  maxPool,
  mul,
  randomWords,
  reduceSum,
  relu,
  reshape,
  sizeOf,
  softmaxCrossEntropy,
  sub,
  tensorType,
  type Backend,
  type Buffer,
  type Graph,
  type TypedArray,
  type Value,
} from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { tfjs } from '../factory.ts';

interface Model {
  readonly weights: Value[];
  readonly data: Value[];
  readonly loss: (weights: readonly Value[], data: readonly Value[]) => Value;
}

const float = (...shape: number[]): Value => inputValue(tensorType('float32', shape));

const matmul = (a: Value, b: Value): Value => dot(a, b, { contractA: [1], contractB: [0] });

const MODELS: Record<string, Model> = {
  mlp: {
    weights: [float(12, 16), float(16), float(16, 5), float(5)],
    data: [float(8, 12), float(8, 5)],
    loss: ([w1, b1, w2, b2], [x, y]) => {
      const hidden = relu(add(matmul(x as Value, w1 as Value), b1 as Value));
      return mul(reduceSum(softmaxCrossEntropy(add(matmul(hidden, w2 as Value), b2 as Value), y as Value)), 1 / 8);
    },
  },
  cnn: {
    weights: [float(3, 3, 1, 4), float(4), float(3, 3, 4, 6), float(6), float(24, 3)],
    data: [float(4, 8, 8, 1), float(4, 3)],
    loss: ([k1, b1, k2, b2, w], [x, y]) => {
      const same = {
        strides: [1, 1],
        padding: [
          [1, 1],
          [1, 1],
        ] as const,
        dilations: [1, 1],
        groups: 1,
      };
      const first = relu(add(conv(x as Value, k1 as Value, same), b1 as Value));
      const pooled = maxPool(first, {
        window: [2, 2],
        strides: [2, 2],
        padding: [
          [0, 0],
          [0, 0],
        ],
        dilations: [1, 1],
      }).values;
      const second = relu(add(conv(pooled, k2 as Value, { ...same, strides: [2, 2] }), b2 as Value));
      return mul(reduceSum(softmaxCrossEntropy(matmul(reshape(second, [4, 24]), w as Value), y as Value)), 1 / 4);
    },
  },
  embedding: {
    weights: [float(11, 6), float(6, 3)],
    data: [inputValue(tensorType('int32', [7])), float(7, 3)],
    loss: ([table, w], [ids, y]) =>
      mul(reduceSum(softmaxCrossEntropy(matmul(gather(table as Value, ids as Value), w as Value), y as Value)), 1 / 7),
  },
};

/** weights, data, learning rate -> new weights, loss */
function trainingStep({ weights, data, loss }: Model): Graph {
  const rate = float();
  const value = loss(weights, data);
  const next = gradients(value, weights).map((grad, i) => sub(weights[i] as Value, mul(rate, grad)));
  return graphOf([...weights, ...data, rate], [...next, value]);
}

/** Reproducible data: small floats, or small whole numbers. */
function dataFor({ type }: Value, seed: number): TypedArray {
  const host = hostArray(type.dtype, sizeOf(type.shape));
  randomWords([7, seed], host.length).forEach(
    (word, i) => (host[i] = type.dtype === 'int32' ? word % 11 : (word / 2 ** 32 - 0.5) * 0.8),
  );
  return host;
}

async function trained(
  backend: Backend,
  graph: Graph,
  model: Model,
  steps: number,
): Promise<{ weights: TypedArray[]; grew: number[] }> {
  const count = model.weights.length;
  const step = await backend.compile(graph, {
    donate: model.weights.map((_, i) => ({ input: i, output: i })),
    host: [graph.inputs.length - 1],
  });
  const upload = (value: Value, i: number): Buffer => backend.upload(dataFor(value, i), value.type);
  let weights = model.weights.map(upload);
  const data = model.data.map((value, i) => upload(value, count + i));
  const sizes = (): number[] => [
    backend.memory().bytes,
    backend.memory().reservedBytes,
    core.memory().numTensors,
    core.findBackend(backend.device.target).numDataIds(),
  ];
  const before = sizes();
  for (let i = 0; i < steps; i++) {
    const outputs = step.run([...weights, ...data, 0.1]);
    weights = outputs.slice(0, count);
    backend.free(outputs[count] as Buffer);
  }
  const after = sizes();
  const result = await Promise.all(weights.map((buffer) => backend.read(buffer)));
  [...weights, ...data].forEach((buffer) => backend.free(buffer));
  step.dispose();
  return { weights: result, grew: after.map((size, i) => size - (before[i] as number)) };
}

describe.each(['cpu', 'wasm'])('training on tfjs %s', (target) => {
  it.each(Object.keys(MODELS))('%s: three steps as the evaluator does them', async (name) => {
    const model = MODELS[name] as Model;
    const backend = await tfjs({ target }).create();
    const graph = trainingStep(model);
    const { weights } = await trained(backend, graph, model, 3);
    let expected: ArrayLike<number>[] = model.weights.map(dataFor);
    const data = model.data.map((value, i) => dataFor(value, model.weights.length + i));
    for (let i = 0; i < 3; i++)
      expected = evaluate(graph, [...expected, ...data, [0.1]]).slice(0, model.weights.length);
    weights.forEach((got, w) => {
      const worst = Array.from(got).reduce(
        (most, x, i) => Math.max(most, Math.abs(x - ((expected[w] as ArrayLike<number>)[i] as number))),
        0,
      );
      expect(worst).toBeLessThan(1e-5);
    });
    await backend.dispose();
  });

  it.each(Object.keys(MODELS))('%s: five hundred steps leave nothing behind', async (name) => {
    const model = MODELS[name] as Model;
    const backend = await tfjs({ target }).create();
    const { grew } = await trained(backend, trainingStep(model), model, 500);
    expect(grew).toEqual([0, 0, 0, 0]);
    expect(backend.memory()).toEqual({ buffers: 0, bytes: 0, reservedBytes: 0, executables: 0 });
    await backend.dispose();
  });
});
