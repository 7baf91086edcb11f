/** Weft on one of its engines, as its users write it: `fit`, `predictOnBatch`, and one compiled product. */
import { configure, jit, ndarray, ops, setRandomSeed, type Model, type NDArray, type Tensor } from 'weftjs';
import type { BackendFactory } from '@weftjs/graph';
import { pseudoData } from '../../workloads/data.ts';
import { NETS } from '../../workloads/nets/index.ts';
import { labelsOf, samplesOf, weightValues } from '../../workloads/nets/net.ts';
import type { Inference, NetName, Product, Task, Training } from '../../workloads/workload.ts';
import { CHECKED_STEPS, type Contestant, type Prepared } from '../contestant.ts';
import { versionOf } from '../versions.ts';
import { MODELS, lossOf } from './models.ts';
import { recorded } from './recorder.ts';

export async function weft(engine: BackendFactory, packages: readonly string[]): Promise<Contestant> {
  const { factory, compileMs, report, work } = recorded(engine);
  await configure({ backend: factory });
  setRandomSeed(1);
  return {
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    prepare: async (task: Task) =>
      task.kind === 'dot' ? product(task) : task.kind === 'train' ? training(task) : inference(task),
    // ONNX Runtime and tfjs compile when a program first runs, which does not show here
    ...(engine.name === 'native' && { compileMs, report, work }),
  };
}

function product({ m, k, n, transposeA, transposeB }: Product): Prepared {
  const matrix = (rows: number, columns: number, seed: number): Tensor =>
    ops.add(ndarray(pseudoData(rows * columns, seed), { shape: [rows, columns] }), 0);
  const a = transposeA ? matrix(k, m, 1) : matrix(m, k, 1);
  const b = transposeB ? matrix(n, k, 2) : matrix(k, n, 2);
  const multiply = jit((x: Tensor, y: Tensor) =>
    ops.matmul(transposeA ? ops.transpose(x) : x, transposeB ? ops.transpose(y) : y),
  );
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

/** A network with the weights that all contestants share. */
function modelOf(name: NetName, dropout: number): Model {
  const { weights } = NETS[name];
  const model = MODELS[name](dropout);
  if (weights.length > 0)
    model.setWeights(
      weightValues(NETS[name]).map((values, i) => ndarray(values, { shape: [...(weights[i]?.shape ?? [])] })),
    );
  return model;
}

function training({ net: name, batch }: Training): Prepared {
  const net = NETS[name];
  const x = ndarray(samplesOf(net, batch), { shape: [batch, ...net.input] }) as NDArray;
  const y = ndarray(labelsOf(net, batch), { shape: [batch, ...net.labels] }) as NDArray;
  const make = (dropout: number): Model => {
    const model = modelOf(name, dropout);
    model.compile({ optimizer: 'adam', loss: lossOf(name) });
    return model;
  };
  const model = make(0.5);
  return {
    async run(times) {
      const batches = function* (): Iterable<unknown> {
        for (let i = 0; i < times; i++) yield [x, y];
      };
      await model.fit(batches, undefined, { verbose: 0, epochs: 1 });
    },
    async check() {
      const fresh = make(0);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await fresh.trainOnBatch(x, y)).loss ?? Number.NaN);
      return losses;
    },
  };
}

function inference({ net: name, batch }: Inference): Prepared {
  const net = NETS[name];
  const x = ndarray(samplesOf(net, batch), { shape: [batch, ...net.input] }) as NDArray;
  const model = modelOf(name, 0);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await model.predictOnBatch(x);
    },
    check: async () => (await model.predictOnBatch(x)).data as Float32Array,
  };
}
