/**
 * What Weft wants to show, as ratios with a floor that must hold and an aim; measured by what the results say. A
 * claim is null where something that it needs was not measured.
 */
import type { Results } from './results.ts';

export interface Claim {
  readonly work: string;
  readonly against: string;
  /** How the measured value reads: `12.3×`, `87 %`, `41 ms`. */
  readonly unit: '×' | ' ms' | '';
  readonly floor: number;
  readonly aim?: number;
  /** Whether less is better. */
  readonly most?: boolean;
  readonly measured: number | null;
}

const OURS = 'weft-native-wasm';

export function claimsOf(results: Results): Claim[] {
  const time = (workload: string, contestant: string): number | null =>
    results.timings.find((row) => row.workload === workload && row.contestant === contestant)?.medianMs ?? null;
  const divide = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a / b);
  /** How much faster we are than the fastest of those named, of which the first must have been measured. */
  const faster = (workload: string, others: readonly string[], ours = OURS): number | null => {
    const times = others.map((other) => time(workload, other));
    if (times[0] === null) return null;
    return divide(Math.min(...times.filter((each) => each !== null)), time(workload, ours));
  };
  const ratio = (work: string, against: string, floor: number, aim: number, measured: number | null): Claim => ({
    work,
    against,
    unit: '×',
    floor,
    aim,
    measured,
  });
  const most = (
    work: string,
    against: string,
    unit: Claim['unit'],
    floor: number,
    measured: number | null | undefined,
  ): Claim => ({ work, against, unit, floor, most: true, measured: measured ?? null });

  const web = 'onnxruntime-web';
  const inference = (['mlp', 'convnet', 'lstm', 'gpt'] as const).flatMap((net) =>
    [1, 32].map((batch) =>
      ratio(
        `${net}, inference, batch ${batch}`,
        `${web}, weights as initializers`,
        net === 'mlp' || net === 'convnet' ? 1.1 : 1,
        1.5,
        faster(`${net}-infer-${batch}`, [web]),
      ),
    ),
  );

  const rate = (size: string): number | null =>
    results.timings.find(({ workload, contestant }) => workload === `dot-${size}` && contestant === OURS)?.gflops ??
    null;
  const ownRates = ['1000', '1023', '1024-ta', '1024-tb', '1024-tab'].map((size) =>
    ratio(`dot ${size}`, 'our own 1024, by GFLOP/s', 0.85, 0.95, divide(rate(size), rate('1024'))),
  );

  const gain = (workload: string): number | null =>
    results.scalings.find((row) => row.workload === `scaling-${workload}`)?.ratio ?? null;
  const start = (net: string): Results['startups'][number] | undefined =>
    results.startups.find(({ workload, contestant }) => workload === `startup-${net}` && contestant === OURS);
  const plan = (net: string): number | null =>
    divide(start(net)?.report?.peakBytes ?? null, start(net)?.report?.lowerBoundBytes ?? null);
  const dispatches = (net: string): number | undefined => start(net)?.report?.dispatches ?? start(net)?.report?.kernels;

  return [
    ratio('mlp step, batch 128', 'tfjs-layers wasm', 10, 14, faster('mlp-128', ['tfjs-layers-wasm'])),
    ratio('mlp step, batch 128', 'jax-js wasm', 1.4, 2, faster('mlp-128', ['jax-js-wasm'])),
    ratio('lstm step, batch 128', 'tfjs-layers wasm', 10, 20, faster('lstm-128', ['tfjs-layers-wasm'])),
    ratio(
      'convnet step, batch 128',
      `the better of weft-onnx-web and a hand-written one on ${web}`,
      1.5,
      2,
      faster('convnet-128', ['weft-onnx-web', web]),
    ),
    ...[4, 32, 128].map((batch) =>
      ratio(
        `gpt step, batch ${batch}`,
        `the same graph on ${web}`,
        1.3,
        1.6,
        faster(`gpt-${batch}`, ['weft-onnx-web']),
      ),
    ),
    ...inference,
    ratio(
      'mobilenet, inference, batch 1',
      `${web}, weights as initializers`,
      1.1,
      1.5,
      faster('mobilenet-infer-1', [web]),
    ),
    ...[512, 1024].map((size) =>
      ratio(
        `dot ${size}`,
        `the better of ${web} and tfjs wasm`,
        1.3,
        1.6,
        faster(`dot-${size}`, [web, 'tfjs-layers-wasm']),
      ),
    ),
    ratio('dot 64', 'tfjs wasm', 1.5, 3, faster('dot-64', ['tfjs-layers-wasm'])),
    ...ownRates,
    ratio('2 threads, dot 1024', 'the gain of two copies', 0.85, 0.95, gain('dot-1024')),
    ratio('2 threads, convnet step', 'the gain of two copies', 0.85, 0.95, gain('convnet-128')),
    ratio('2 threads, mlp step', 'the gain of two copies', 0.65, 0.95, gain('mlp-128')),
    ratio(
      'mlp step, batch 128, 2 threads',
      'onnxruntime-node on the same graph, 2 threads',
      0.6,
      1,
      faster('mlp-128', ['weft-onnx-node-2'], 'weft-native-wasm-2'),
    ),
    ratio(
      'convnet step, batch 128, 2 threads',
      'onnxruntime-node on the same graph, 2 threads',
      0.5,
      1,
      faster('convnet-128', ['weft-onnx-node-2'], 'weft-native-wasm-2'),
    ),
    most('mlp step', 'dispatches', '', 8, dispatches('mlp')),
    most('convnet step', 'dispatches', '', 20, dispatches('convnet')),
    most('gpt step, 4 layers', 'dispatches', '', 4 * 28, dispatches('gpt')),
    ...['mlp', 'convnet', 'lstm', 'gpt'].map((net) =>
      most(`${net} step`, 'planned peak memory over its lower bound', '×', 1.2, plan(net)),
    ),
    most('mlp step', 'compiling', ' ms', 100, start('mlp')?.compileMs),
    most('convnet step', 'compiling', ' ms', 300, start('convnet')?.compileMs),
    most('ResNet-50 step at 224×224', 'compiling', ' ms', 3000, start('resnet50')?.compileMs),
    most('mlp, predict at batch 1', 'a call', ' ms', 0.1, time('mlp-infer-1', OURS)),
  ];
}

/** Whether the floor holds; null when it was not measured. */
export const holds = ({ floor, most, measured }: Claim): boolean | null =>
  measured === null ? null : most ? measured <= floor : measured >= floor;
