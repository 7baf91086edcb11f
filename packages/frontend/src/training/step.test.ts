/** Steps: what they tell the engine about their inputs, and that they see new weights. */
import type { Backend, BackendFactory, CompileOptions, Graph } from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { ndarray, type NDArray } from '../core/ndarray.ts';
import { batchNormalization, dense, input } from '../layers/index.ts';
import { Sequential } from '../models/sequential.ts';
import { reference } from '../testing/referenceBackend.ts';

interface Compiled {
  readonly graph: Graph;
  readonly options: CompileOptions;
}

/** The reference engine, and the steps it compiled. */
function watched(): { backend: BackendFactory; compiled: Compiled[] } {
  const compiled: Compiled[] = [];
  const create = async (): Promise<Backend> => {
    const backend = await reference.create();
    const compile = backend.compile.bind(backend);
    backend.compile = (graph, options = {}) => {
      compiled.push({ graph, options });
      return compile(graph, options);
    };
    return backend;
  };
  return { backend: { name: 'reference', create }, compiled };
}

const x = ndarray([[1, 2], [3, 4], [5, 7], [6, 8]]) as NDArray;
const y = ndarray([[1], [2], [3], [4]]) as NDArray;
const labels = ({ graph }: Compiled, positions: readonly number[] = []): (string | undefined)[] => positions.map((i) => graph.inputs[i]?.label);

function makeModel(backend: BackendFactory): Sequential {
  const model = new Sequential([input({ shape: [2] }), dense({ units: 3 }), batchNormalization(), dense({ units: 1, useBias: false })]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', backend });
  return model;
}

describe('a compiled step', () => {
  it('freezes the variables that it only reads, and no others', async () => {
    const { backend, compiled } = watched();
    const model = makeModel(backend);
    const weights = ['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance', 'kernel'];

    await model.predict(x);
    expect(labels(compiled.at(-1) as Compiled, compiled.at(-1)?.options.frozen).sort()).toEqual([...weights].sort());

    await model.evaluate(x, y, { verbose: 0 });
    const test = compiled.at(-1) as Compiled;
    expect(labels(test, test.options.frozen).sort()).toEqual([...weights].sort());
    // what the metrics count is assigned: it is donated instead
    expect(test.options.donate?.length).toBeGreaterThan(0);

    (model.layers[0] as { trainable: boolean }).trainable = false;
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', backend });
    await model.fit(x, y, { verbose: 0, batchSize: 4 });
    const train = compiled.filter(({ options }) => (options.donate?.length ?? 0) > 0).at(-1) as Compiled;
    expect(labels(train, train.options.frozen).sort()).toEqual(['bias', 'kernel']);
  });

  it('sees new weights after setWeights and training', async () => {
    const { backend } = watched();
    const model = makeModel(backend);
    const before = await model.predict(x);
    const { loss: lossBefore } = await model.evaluate(x, y, { verbose: 0 });
    const weights = await model.getWeights();

    model.setWeights(weights.map((weight) => weight.map((value) => value * 2) as NDArray));
    const doubled = await model.predict(x);
    expect(doubled.toArray()).not.toEqual(before.toArray());

    model.setWeights(weights);
    expect((await model.predict(x)).toArray()).toEqual(before.toArray());
    expect((await model.evaluate(x, y, { verbose: 0 })).loss).toBe(lossBefore);

    await model.fit(x, y, { epochs: 2, verbose: 0 });
    expect((await model.predict(x)).toArray()).not.toEqual(before.toArray());
    expect((await model.evaluate(x, y, { verbose: 0 })).loss).not.toBe(lossBefore);
  });

  it('finds weights that were used elsewhere in between', async () => {
    const shared = dense({ units: 3 });
    const model = new Sequential([input({ shape: [2] }), shared, dense({ units: 1 })]);
    model.compile({ backend: reference });
    const expected = await model.predict(x);
    await model.to(watched().backend);
    expect((await model.predict(x)).toArray()).toEqual(expected.toArray());
    // a second model takes a layer along to its own engine
    const other = new Sequential([input({ shape: [2] }), shared]);
    await other.to(watched().backend);
    await other.predict(x);
    expect((await model.predict(x)).toArray()).toEqual(expected.toArray());
  });
});
