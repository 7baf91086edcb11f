/**
 * What Weft wants to show: a floor that must hold, and an aim. What is measured comes from the results; it is null
 * where something that it needs was not measured.
 */
import { Evidence } from './evidence.ts';
import type { Results } from './results.ts';

interface Statement {
  readonly work: string;
  readonly against: string;
  /** What follows the number. */
  readonly unit: '×' | ' ms' | '';
  /** What must hold; absent where there is only an aim. */
  readonly floor?: number;
  readonly aim?: number;
  /** Whether less is better. */
  readonly most?: boolean;
  readonly measure: (evidence: Evidence) => number | null | undefined;
}

export interface Claim extends Omit<Statement, 'measure'> {
  readonly measured: number | null;
}

const OURS = 'weft-native-wasm';
const THREADED = 'weft-native-wasm-2';
const WEB = 'onnxruntime-web';
type Measure = Statement['measure'];

/** A ratio that should be large. */
const ratio = (
  work: string,
  against: string,
  [floor, aim]: readonly [number, number],
  measure: Measure,
): Statement => ({ work, against, unit: '×', floor, aim, measure });

/** A number that should be small. */
const most = (work: string, against: string, floor: number, unit: Statement['unit'], measure: Measure): Statement => ({
  work,
  against,
  unit,
  floor,
  most: true,
  measure,
});

const TRAINING: readonly Statement[] = [
  ratio('mlp step, batch 128', 'tfjs-layers wasm', [10, 14], (e) => e.faster('mlp-128', OURS, ['tfjs-layers-wasm'])),
  ratio('mlp step, batch 128', 'jax-js wasm, ours with Adam, theirs without', [1.4, 2], (e) =>
    e.faster('mlp-128', OURS, ['jax-js-wasm-sgd']),
  ),
  ratio('lstm step, batch 128', 'tfjs-layers wasm', [10, 20], (e) => e.faster('lstm-128', OURS, ['tfjs-layers-wasm'])),
  ratio('convnet step, batch 128', `the better of our graph and one written by hand, on ${WEB}`, [1.5, 2], (e) =>
    e.faster('convnet-128', OURS, ['weft-onnx-web', WEB]),
  ),
  ...[4, 32, 128].map((batch) =>
    ratio(`gpt step, batch ${batch}`, `the same graph on ${WEB}`, [1.3, 1.6], (e) =>
      e.faster(`gpt-${batch}`, OURS, ['weft-onnx-web']),
    ),
  ),
];

const INFERENCE: readonly Statement[] = [
  ...(['mlp', 'convnet', 'lstm', 'gpt'] as const).flatMap((net) =>
    [1, 32].map((batch) =>
      ratio(`${net}, inference, batch ${batch}`, WEB, [net === 'lstm' || net === 'gpt' ? 1 : 1.1, 1.5], (e) =>
        e.faster(`${net}-infer-${batch}`, OURS, [WEB]),
      ),
    ),
  ),
  ratio('mobilenet, inference, batch 1', WEB, [1.1, 1.5], (e) => e.faster('mobilenet-infer-1', OURS, [WEB])),
  most('mlp, predict at batch 1', 'a call', 0.1, ' ms', (e) => e.time('mlp-infer-1', OURS)),
];

const PRODUCTS: readonly Statement[] = [
  ...[512, 1024].map((size) =>
    ratio(`dot ${size}`, `the better of ${WEB} and tfjs wasm`, [1.3, 1.6], (e) =>
      e.faster(`dot-${size}`, OURS, [WEB, 'tfjs-layers-wasm']),
    ),
  ),
  ratio('dot 64', 'tfjs wasm', [1.5, 3], (e) => e.faster('dot-64', OURS, ['tfjs-layers-wasm'])),
  ...['1000', '1023', '1024-ta', '1024-tb', '1024-tab'].map((shape) =>
    ratio(`dot ${shape}`, 'our own 1024, by GFLOP/s', [0.85, 0.95], (e) => e.share('shapes-dot', `dot-${shape}`)),
  ),
];

const THREADS: readonly Statement[] = [
  ratio('2 threads, dot 1024', 'the gain of two copies', [0.85, 0.95], (e) => e.gain('dot-1024')),
  ratio('2 threads, convnet step', 'the gain of two copies', [0.85, 0.95], (e) => e.gain('convnet-128')),
  ratio('2 threads, mlp step', 'the gain of two copies', [0.65, 0.95], (e) => e.gain('mlp-128')),
  ...(
    [
      ['mlp', 0.6],
      ['convnet', 0.5],
    ] as const
  ).map(([net, floor]) =>
    ratio(`${net} step, batch 128, 2 threads`, 'onnxruntime-node on the same graph, 2 threads', [floor, 1], (e) =>
      e.faster(`${net}-128`, THREADED, ['weft-onnx-node-2']),
    ),
  ),
];

const ON_GPU = 'weft-native-webgpu';
const GPU_STEPS = [
  ['mlp', 32],
  ['mlp', 128],
  ['convnet', 32],
  ['convnet', 128],
  ['lstm', 32],
  ['lstm', 128],
  ['gpt', 4],
] as const;
const GPU_PRODUCTS = [2048, 4096] as const;
const beatsTfjs = (work: string, workload: string): Statement =>
  ratio(`${work}, WebGPU`, 'tfjs-layers webgpu on the same adapter', [1, 3], (e) =>
    e.faster(workload, ON_GPU, ['tfjs-layers-webgpu']),
  );

const ON_A_GPU: readonly Statement[] = [
  ...GPU_STEPS.map(([net, batch]) => beatsTfjs(`${net} step, batch ${batch}`, `gpu-${net}-${batch}`)),
  ...GPU_PRODUCTS.map((size) => beatsTfjs(`dot ${size}`, `gpu-dot-${size}`)),
  ...GPU_PRODUCTS.map((size): Statement => ({
    work: `dot ${size}, WebGPU`,
    against: 'multiplying and adding in registers on the same adapter',
    unit: '×',
    aim: 0.6,
    measure: (e) => e.shareOfRegisters(`gpu-dot-${size}`, ON_GPU),
  })),
  ...GPU_STEPS.map(([net, batch]): Statement => ({
    work: `${net} step, batch ${batch}, WebGPU`,
    against: 'copying its bytes or doing its operations in registers, kernel by kernel, on the same adapter',
    unit: '×',
    aim: 0.6,
    measure: (e) => e.shareOfCeilings(`gpu-${net}-${batch}`, ON_GPU),
  })),
];

const dispatches =
  (net: string): Measure =>
  (e) => {
    const report = e.start(net, OURS)?.report;
    return report?.dispatches ?? report?.kernels;
  };
const planned =
  (net: string): Measure =>
  (e) => {
    const { peakBytes, lowerBoundBytes } = e.start(net, OURS)?.report ?? {};
    return peakBytes === undefined || !lowerBoundBytes ? null : peakBytes / lowerBoundBytes;
  };
const compiling =
  (net: string): Measure =>
  (e) =>
    e.start(net, OURS)?.compileMs;

const COMPILER: readonly Statement[] = [
  most('mlp step', 'dispatches', 8, '', dispatches('mlp')),
  most('convnet step', 'dispatches', 20, '', dispatches('convnet')),
  most('gpt step, 4 layers', 'dispatches', 4 * 28, '', dispatches('gpt')),
  ...['mlp', 'convnet', 'lstm', 'gpt'].map((net) =>
    most(`${net} step`, 'planned peak memory over its lower bound', 1.2, '×', planned(net)),
  ),
  most('mlp step', 'compiling', 100, ' ms', compiling('mlp')),
  most('convnet step', 'compiling', 300, ' ms', compiling('convnet')),
  most('ResNet-50 step at 224×224', 'compiling', 3000, ' ms', compiling('resnet50')),
];

const STATEMENTS: readonly Statement[] = [...TRAINING, ...INFERENCE, ...PRODUCTS, ...THREADS, ...COMPILER, ...ON_A_GPU];

export function claimsOf(results: Results): Claim[] {
  const evidence = new Evidence(results);
  return STATEMENTS.map(({ measure, ...claim }) => ({ ...claim, measured: measure(evidence) ?? null }));
}

/** Who must do what for all claims to be measured: contestants by workload. */
export function neededForClaims(): ReadonlyMap<string, ReadonlySet<string>> {
  const evidence = new Evidence();
  for (const { measure } of STATEMENTS) measure(evidence);
  return evidence.asked;
}

/** Whether the floor holds; null when there is none, or when it was not measured. */
export const holds = ({ floor, most: less, measured }: Claim): boolean | null =>
  measured === null || floor === undefined ? null : less ? measured <= floor : measured >= floor;
