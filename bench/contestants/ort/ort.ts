/** ONNX Runtime by itself, in its build for the web or for Node: models written for it, weights as initializers. */
import type { InferenceSession as Session, Tensor as OrtTensor } from 'onnxruntime-web';
import { permuted, pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf } from '../../workloads/nets/net.ts';
import type { Inference, Product, Task, Training } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { convnetStep, convnetWeights, stateNames } from './convnetStep.ts';
import { Graph } from './graph.ts';
import { modelOf } from './models.ts';

interface Runtime {
  open(model: Uint8Array): Promise<Session>;
  floats(data: Float32Array, shape: readonly number[]): OrtTensor;
  ints(data: Int32Array, shape: readonly number[]): OrtTensor;
}

type Feeds = Record<string, OrtTensor>;

export async function ort(target: 'web' | 'node', threads: number): Promise<Contestant> {
  // both packages have the same interface
  const loaded = (
    target === 'web' ? await import('onnxruntime-web') : await import('onnxruntime-node')
  ) as typeof import('onnxruntime-web');
  const { InferenceSession, Tensor, env } = loaded;
  env.wasm.numThreads = threads;
  const runtime: Runtime = {
    open: (model) =>
      InferenceSession.create(model, target === 'node' ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
    floats: (data, shape) => new Tensor('float32', data, shape),
    ints: (data, shape) => new Tensor('int32', data, shape),
  };
  return {
    versions: { [`onnxruntime-${target}`]: versionOf(`onnxruntime-${target}`) },
    prepare: async (task: Task) => {
      if (task.kind === 'dot') return product(runtime, task);
      if (task.kind === 'infer') return inference(runtime, task);
      if (task.net === 'convnet') return training(runtime, task);
      return 'only the convnet has a step written by hand; the other steps are those of weft-onnx';
    },
  };
}

/** The second matrix is an initializer, as weights are. */
async function product(runtime: Runtime, { m, k, n, transposeA, transposeB }: Product): Promise<Prepared> {
  const g = new Graph();
  const shapeA = transposeA ? [k, m] : [m, k];
  const a = g.input('a', shapeA);
  const b = g.floats(pseudoData(k * n, 2), transposeB ? [n, k] : [k, n]);
  const plain = !transposeA && !transposeB;
  g.output(
    plain ? g.op('MatMul', [a, b]) : g.op('Gemm', [a, b], { transA: Number(transposeA), transB: Number(transposeB) }),
    'y',
    [m, n],
  );
  const session = await runtime.open(g.encode());
  const feeds: Feeds = { a: runtime.floats(pseudoData(m * k, 1), shapeA) };
  return outputsOf(session, () => feeds);
}

async function inference(runtime: Runtime, { net: name, batch }: Inference): Promise<Prepared | string> {
  const model = modelOf(name, batch);
  if (!model) return 'not written for it';
  const session = await runtime.open(model.bytes);
  const net = NETS[name];
  const samples = samplesOf(net, batch);
  if (samples instanceof Int32Array) return outputsOf(session, () => ({ x: runtime.ints(samples, model.input) }));
  // images with channels first
  const laid = name === 'mobilenet' ? permuted(samples, [batch, ...net.input], [0, 3, 1, 2]) : samples;
  return outputsOf(session, () => ({ x: runtime.floats(laid, model.input) }));
}

/** Runs a model whose output is y. */
function outputsOf(session: Session, feeds: () => Feeds): Prepared {
  const outputs = async (): Promise<Float32Array> => (await session.run(feeds())).y?.data as Float32Array;
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await outputs();
    },
    check: outputs,
  };
}

/** A step whose state goes in and comes out, as the runtime has no place of its own for it. */
async function training(runtime: Runtime, { net: name, batch }: Training): Promise<Prepared> {
  const net = NETS[name];
  const labels = labelsOf(net, batch);
  const oneHot = Float32Array.from({ length: batch * 10 }, (_, i) => (labels[Math.floor(i / 10)] === i % 10 ? 1 : 0));
  const data: Feeds = {
    x: runtime.floats(samplesOf(net, batch) as Float32Array, [batch, 1, 28, 28]),
    y: runtime.floats(oneHot, [batch, 10]),
  };
  const begin = async (dropout: number): Promise<() => Promise<number>> => {
    const session = await runtime.open(convnetStep(batch, dropout));
    const state: Feeds = {};
    convnetWeights().forEach(({ values, shape }, i) => {
      const [weight, mean, square] = stateNames(i);
      state[weight] = runtime.floats(values, shape);
      state[mean] = runtime.floats(new Float32Array(values.length), shape);
      state[square] = runtime.floats(new Float32Array(values.length), shape);
    });
    let count = 0;
    return async () => {
      count++;
      const rate = (0.001 * Math.sqrt(1 - 0.999 ** count)) / (1 - 0.9 ** count);
      const results = await session.run({ ...data, ...state, rate: runtime.floats(Float32Array.of(rate), []) });
      for (const key of Object.keys(state)) state[key] = results[`${key}_next`] as OrtTensor;
      return (results.loss?.data as Float32Array)[0] as number;
    };
  };
  const step = await begin(0.5);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await step();
    },
    async check() {
      const fresh = await begin(0);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push(await fresh());
      return losses;
    },
  };
}
