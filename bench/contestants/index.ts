/** Who takes part. Modules are loaded only in the process of their contestant. */
import type { Product, Task } from '../workloads/workload.ts';
import type { Contestant } from './contestant.ts';
import type { Rule } from './jax/training.ts';

export interface Entry {
  readonly name: string;
  /** What it is, for people. */
  readonly is: string;
  /** Absent when its process is not one of Node. */
  readonly load?: () => Promise<Contestant>;
  /** Computes on a GPU, real or simulated: takes part in the workloads for those, and in no others. */
  readonly onGpu?: boolean;
  /** Why it is left out of a task; null when it is not. */
  readonly leftOut?: (task: Task) => string | null;
}

/** Multiplications and additions of a product. */
const work = ({ m, k, n }: Product): number => 2 * m * k * n;

/** Plain JavaScript: what takes it seconds to minutes is left out. */
function small(task: Task): string | null {
  const is =
    task.kind === 'dot' ? work(task) <= 2 * 256 ** 3 : task.net === 'mlp' || (task.net === 'lstm' && task.batch === 1);
  return is ? null : 'left out: plain JavaScript takes seconds to minutes';
}

/** Two threads are compared where threads matter. */
function large(task: Task): string | null {
  const least = task.kind === 'train' && task.net !== 'gpt' ? 128 : 32;
  const is = task.kind === 'dot' ? work(task) >= 2 * 512 ** 3 : task.batch >= least;
  return is ? null : 'left out: two threads are compared on larger work';
}

/** A step of tfjs-layers on the GPT takes about a second for each sequence. */
const short = (task: Task): string | null =>
  task.kind === 'train' && task.net === 'gpt' && task.batch > 4
    ? 'left out: a second or more a sequence, see gpt-4'
    : null;

/** Modules that several entries share. */
const engines = (): Promise<typeof import('./weft/engines.ts')> => import('./weft/engines.ts');
const ort = async (target: 'web' | 'node', threads: number): Promise<Contestant> =>
  (await import('./ort/ort.ts')).ort(target, threads);
const jax = async (rule: Rule): Promise<Contestant> => (await import('./jax/jax.ts')).jax(rule);
const tfjs = async (target: 'wasm' | 'cpu' | 'webgpu'): Promise<Contestant> =>
  (await import('./tfjs/tfjsLayers.ts')).tfjsLayers(target);

export const CONTESTANTS: readonly Entry[] = [
  {
    name: 'weft-native-wasm',
    is: 'Weft, its own compiler to WebAssembly, 1 thread',
    load: async () => (await engines()).nativeWasm(1),
  },
  {
    name: 'weft-native-wasm-2',
    is: 'the same on 2 threads',
    load: async () => (await engines()).nativeWasm(2),
    leftOut: large,
  },
  {
    name: 'weft-native-webgpu',
    is: 'Weft, its own compiler to WebGPU',
    load: async () => (await engines()).nativeWebgpu(),
    onGpu: true,
  },
  {
    name: 'weft-onnx-web',
    is: "Weft's graphs on onnxruntime-web, 1 thread",
    load: async () => (await engines()).onnxEngine('web', 1),
  },
  {
    name: 'weft-onnx-web-2',
    is: 'the same on 2 threads',
    load: async () => (await engines()).onnxEngine('web', 2),
    leftOut: large,
  },
  {
    name: 'weft-onnx-node',
    is: "Weft's graphs on onnxruntime-node, 1 thread",
    load: async () => (await engines()).onnxEngine('node', 1),
  },
  {
    name: 'weft-onnx-node-2',
    is: 'the same on 2 threads',
    load: async () => (await engines()).onnxEngine('node', 2),
    leftOut: large,
  },
  { name: 'weft-tfjs-wasm', is: "Weft's graphs on tfjs-wasm", load: async () => (await engines()).tfjsEngine('wasm') },
  {
    name: 'weft-tfjs-cpu',
    is: "Weft's graphs on tfjs in plain JavaScript",
    load: async () => (await engines()).tfjsEngine('cpu'),
    leftOut: small,
  },
  {
    name: 'tfjs-layers-wasm',
    is: '@tensorflow/tfjs layers on its WebAssembly engine',
    load: () => tfjs('wasm'),
    leftOut: short,
  },
  {
    name: 'tfjs-layers-cpu',
    is: '@tensorflow/tfjs layers in plain JavaScript',
    load: () => tfjs('cpu'),
    leftOut: small,
  },
  {
    name: 'tfjs-layers-webgpu',
    is: '@tensorflow/tfjs layers on its WebGPU engine',
    load: () => tfjs('webgpu'),
    onGpu: true,
  },
  {
    name: 'jax-js-wasm',
    is: '@jax-js/jax, jitted, on WebAssembly',
    load: () => jax('adam'),
  },
  {
    name: 'jax-js-wasm-sgd',
    is: 'the same with plain gradient descent in place of Adam, on the MLP',
    load: () => jax('sgd'),
    leftOut: (task) => (task.kind === 'train' && task.net === 'mlp' ? null : 'left out: it trains the MLP only'),
  },
  { name: 'onnxruntime-web', is: 'onnxruntime-web on models written for it, 1 thread', load: () => ort('web', 1) },
  { name: 'onnxruntime-web-2', is: 'the same on 2 threads', load: () => ort('web', 2), leftOut: large },
  { name: 'onnxruntime-node', is: 'onnxruntime-node on models written for it, 1 thread', load: () => ort('node', 1) },
  { name: 'onnxruntime-node-2', is: 'the same on 2 threads', load: () => ort('node', 2), leftOut: large },
  { name: 'pytorch', is: 'PyTorch on the processor, 1 thread, in the Python that WEFT_PYTHON names' },
];

/** Those whom a task is meant for: it runs on what they compute on. */
export const meantFor = (task: Task, entries: readonly Entry[]): Entry[] =>
  entries.filter(({ onGpu = false }) => onGpu === (task.onGpu ?? false));

/** Why a contestant does not take part in a task that is meant for it; null when it does. */
export const leftOutOf = ({ leftOut }: Entry, task: Task): string | null => leftOut?.(task) ?? null;
