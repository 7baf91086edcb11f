/**
 * Models for inference as converters write them: channels first, weights as initializers, one op for an LSTM and for
 * each normalization, so that the runtime can fold and pack what it knows.
 */
import { permuted } from '../../workloads/data.ts';
import { GPT } from '../../workloads/nets/gpt.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { BLOCKS, EPSILON } from '../../workloads/nets/mobilenet.ts';
import { weightValues } from '../../workloads/nets/net.ts';
import type { NetName } from '../../workloads/workload.ts';
import { Graph } from './graph.ts';

interface Weight {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** The weights of a network, one after the other. */
export function weightReader(net: NetName): () => Weight {
  const { weights } = NETS[net];
  const values = weightValues(NETS[net]);
  let next = 0;
  return () => {
    const at = next++;
    return { values: values[at] as Float32Array, shape: weights[at]?.shape ?? [] };
  };
}

/**
 * A kernel [rows, columns, in, out] with its outputs first; a depthwise one [rows, columns, channels, 1] with its
 * channels first.
 */
export function kernelOf({ values, shape }: Weight, depthwise = false): Weight {
  const axes = depthwise ? [2, 3, 0, 1] : [3, 2, 0, 1];
  return { values: permuted(values, shape, axes), shape: axes.map((axis) => shape[axis] as number) };
}

/**
 * Rows of a dense kernel that follows a flattened image: from [rows, columns, channels] to [channels, rows, columns].
 */
export function channelsFirstRows({ values, shape }: Weight, rows: number, columns: number): Weight {
  const [inputs = 0, units = 0] = shape;
  const channels = inputs / (rows * columns);
  return { values: permuted(values, [rows, columns, channels, units], [2, 0, 1, 3]), shape };
}

/** Gates in the order input, output, forget, cell; Keras has input, forget, cell, output. Of a matrix, transposed. */
function gates({ values, shape }: Weight): Float32Array {
  const columns = shape.at(-1) as number;
  const rows = values.length / columns;
  const blocks = permuted(values, [rows, 4, columns / 4], [1, 2, 0]);
  const block = blocks.length / 4;
  return Float32Array.from([0, 3, 1, 2].flatMap((gate) => [...blocks.subarray(gate * block, (gate + 1) * block)]));
}

/** The model y of x, and the shape of x. */
export function modelOf(net: NetName, batch: number): { bytes: Uint8Array; input: readonly number[] } | null {
  const g = new Graph();
  const next = weightReader(net);
  const weight = (transform: (given: Weight) => Weight = (given) => given): string => {
    const { values, shape } = transform(next());
    return g.floats(values, shape);
  };
  const finish = (
    y: string,
    shape: readonly number[],
    input: readonly number[],
  ): { bytes: Uint8Array; input: readonly number[] } => {
    g.output(y, 'y', shape);
    return { bytes: g.encode(), input };
  };
  const gemm = (x: string): string => g.op('Gemm', [x, weight(), weight()]);

  switch (net) {
    case 'mlp': {
      const hidden = g.op('Relu', [gemm(g.input('x', [batch, 784]))]);
      return finish(g.op('Softmax', [gemm(hidden)]), [batch, 10], [batch, 784]);
    }
    case 'convnet': {
      let x = g.input('x', [batch, 1, 28, 28]);
      for (let i = 0; i < 2; i++) {
        const conv = g.op('Relu', [g.op('Conv', [x, weight(kernelOf), weight()])]);
        x = g.op('MaxPool', [conv], { kernel_shape: [2, 2], strides: [2, 2] });
      }
      const scores = g.op('Gemm', [g.op('Flatten', [x]), weight((given) => channelsFirstRows(given, 5, 5)), weight()]);
      return finish(g.op('Softmax', [scores]), [batch, 10], [batch, 1, 28, 28]);
    }
    case 'lstm': {
      const x = g.op('Transpose', [g.input('x', [batch, 28, 28])], { perm: [1, 0, 2] });
      const [kernel, recurrent, bias] = [gates(next()), gates(next()), gates(next())];
      const parts = [
        g.floats(kernel, [1, 256, 28]),
        g.floats(recurrent, [1, 256, 64]),
        g.floats([...bias, ...bias.map(() => 0)], [1, 512]),
      ];
      const [, last] = g.ops('LSTM', [x, ...parts], 2, { hidden_size: 64 });
      const h = g.op('Reshape', [last as string, g.ints([batch, 64])]);
      return finish(g.op('Softmax', [gemm(h)]), [batch, 10], [batch, 28, 28]);
    }
    case 'gpt':
      return finish(gpt(g, weight, batch), [batch, GPT.steps, GPT.vocabulary], [batch, GPT.steps]);
    case 'mobilenet': {
      const convolve = (x: string, stride: number, group = 1): string => {
        const kernel = weight((given) => kernelOf(given, group > 1));
        const y = g.op('Conv', [x, kernel], { auto_pad: 'SAME_UPPER', strides: [stride, stride], group });
        const parts = [weight(), weight(), weight(), weight()];
        const normalized = g.op('BatchNormalization', [y, ...parts], { epsilon: { float: EPSILON } });
        return g.op('Clip', [normalized, g.scalar(0), g.scalar(6)]);
      };
      let x = convolve(g.input('x', [batch, 3, 224, 224]), 2);
      let channels = 32;
      for (const [stride, filters] of BLOCKS) {
        x = convolve(convolve(x, stride, channels), 1);
        channels = filters;
      }
      const features = g.op('Flatten', [g.op('GlobalAveragePool', [x])]);
      return finish(g.op('Softmax', [gemm(features)]), [batch, 1000], [batch, 3, 224, 224]);
    }
    case 'resnet50':
      return null;
  }
}

function gpt(g: Graph, weight: () => string, batch: number): string {
  const { steps, width, heads } = GPT;
  const dense = (x: string): string => {
    const product = g.op('MatMul', [x, weight()]);
    return g.op('Add', [product, weight()]);
  };
  const norm = (x: string): string =>
    g.op('LayerNormalization', [x, weight(), weight()], { epsilon: { float: GPT.epsilon } });
  const headed = g.ints([batch, steps, heads, width / heads]);
  const merged = g.ints([batch, steps, width]);
  const ahead = g.floats(
    Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? -1e9 : 0)),
    [steps, steps],
  );
  const scale = g.scalar(1 / Math.sqrt(width / heads));

  let x = g.op('Gather', [weight(), g.input('x', [batch, steps], 'int32')]);
  x = g.op('Add', [x, weight()]);
  for (let i = 0; i < GPT.layers; i++) {
    const parts = g
      .ops('Split', [dense(norm(x))], 3, { axis: 2, num_outputs: 3 })
      .map((part) => g.op('Reshape', [part, headed]));
    const [q, k, v] = parts.map((part, at) =>
      g.op('Transpose', [part], { perm: at === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3] }),
    ) as [string, string, string];
    const scores = g.op('Add', [g.op('Mul', [g.op('MatMul', [q, k]), scale]), ahead]);
    const mixed = g.op('Transpose', [g.op('MatMul', [g.op('Softmax', [scores]), v])], { perm: [0, 2, 1, 3] });
    x = g.op('Add', [x, dense(g.op('Reshape', [mixed, merged]))]);
    x = g.op('Add', [x, dense(g.op('Gelu', [dense(norm(x))], { approximate: 'tanh' }))]);
  }
  return dense(norm(x));
}
