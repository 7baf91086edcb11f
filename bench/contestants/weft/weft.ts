/** Weft on one of its engines: `fit` for training, one compiled product for `dot`. */
import { Model, configure, jit, ndarray, ops, setRandomSeed, type Tensor } from 'weftjs';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { Product, Training, Workload } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { MODELS, lossOf } from './models.ts';

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  native: ['weftjs'],
  tfjs: ['weftjs', '@tensorflow/tfjs-core'],
  onnx: ['weftjs', 'onnxruntime-web', 'onnxruntime-node'],
};

export async function weft(backend: string, target: string): Promise<Contestant> {
  await configure({ backend, target });
  setRandomSeed(1);
  return {
    versions: Object.fromEntries((PACKAGES[backend] ?? []).map((name) => [name, versionOf(name)])),
    prepare: async (workload: Workload) => (workload.kind === 'dot' ? product(workload) : training(workload)),
  };
}

function product({ m, k, n, transposeA, transposeB }: Product): Prepared {
  const matrix = (rows: number, columns: number, seed: number): Tensor =>
    ops.add(ndarray(pseudoData(rows * columns, seed), { shape: [rows, columns] }), 0);
  const a = transposeA ? matrix(k, m, 1) : matrix(m, k, 1);
  const b = transposeB ? matrix(n, k, 2) : matrix(k, n, 2);
  const multiply = jit((x: Tensor, y: Tensor) =>
    ops.matmul(transposeA ? ops.transpose(x) : x, transposeB ? ops.transpose(y) : y));
  return {
    async run(times) {
      let last: Tensor | null = null;
      for (let i = 0; i < times; i++) {
        last?.dispose();
        last = multiply(a, b);
      }
      // work is done in order: one element of the last result is read when all is done
      await ops.slice(last as Tensor, [0, 0], [1, 1]).data();
      last?.dispose();
    },
    check: () => multiply(a, b).data(),
  };
}

function training({ net: name, batch }: Training): Prepared {
  const net = NETS[name];
  const data = [ndarray(samplesOf(net, batch), { shape: [batch, ...net.input] }), ndarray(labelsOf(net, batch), { shape: [batch, ...net.labels] })];
  const make = (dropout: number): Model => {
    const model = MODELS[name](dropout);
    model.setWeights(weightValues(net).map((values, i) => ndarray(values, { shape: [...(net.weights[i]?.shape ?? [])] })));
    model.compile({ optimizer: 'adam', loss: lossOf(name) });
    return model;
  };
  const model = make(0.5);
  return {
    async run(times) {
      const repeat = function* (): Iterable<unknown> {
        for (let i = 0; i < times; i++) yield data;
      };
      await model.fit(repeat, undefined, { verbose: 0, epochs: 1 });
    },
    async check() {
      const fresh = make(0);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) {
        const logs = await fresh.trainOnBatch(...(data as [never, never]));
        losses.push((logs as Record<string, number>).loss as number);
      }
      return losses;
    },
  };
}
