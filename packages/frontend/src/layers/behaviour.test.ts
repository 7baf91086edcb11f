/**
 * What layers do beyond one call: states, symbolic states, masks between layers, functional forms, and errors that
 * teach.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor } from '../config/engines.ts';
import { GradientTape } from '../core/gradient/tape.ts';
import type { NDArray } from '../core/ndarray.ts';
import { setRandomSeed } from '../core/random.ts';
import type { SymbolicTensor } from '../core/symbolic.ts';
import { tensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import type { Variable } from '../core/variable.ts';
import { Model } from '../models/model.ts';
import * as ops from '../ops/index.ts';
import { reference } from '../testing/referenceBackend.ts';
import * as layers from './index.ts';

beforeAll(() => useEngine(engineFor(reference)));

const sequence = (): Tensor => ops.reshape(ops.linspace(-1, 1, { num: 24 }), [2, 3, 4]);

describe('recurrent layers', () => {
  it('take states as inputs, also symbolic ones', async () => {
    setRandomSeed(1);
    const encoder = layers.lstm({ units: 5, returnState: true });
    const decoder = layers.lstm({ units: 5 });
    const source = layers.input({ shape: [3, 4] });
    const target = layers.input({ shape: [2, 4] });
    const [, h, c] = encoder(source);
    const output: SymbolicTensor = decoder(target, { initialState: [h, c] });
    expect(output.shape).toEqual([null, 5]);
    const model = new Model({ inputs: [source, target], outputs: output });
    const short = ops.reshape(ops.linspace(0, 1, { num: 16 }), [2, 2, 4]);
    const together = (await model.predict([await sequence().host(), await short.host()])) as NDArray;
    const states = encoder(sequence()).slice(1);
    const apart = await decoder(short, { initialState: states }).data();
    Array.from(together.data).forEach((value, i) => expect(apart[i]).toBeCloseTo(Number(value), 5));
  });

  it('carry states on when stateful, and start anew', async () => {
    const gru = layers.gru({ units: 3, stateful: true });
    const first = await gru(sequence()).array();
    const second = await gru(sequence()).array();
    expect(second).not.toEqual(first);
    gru.resetState();
    expect(await gru(sequence()).array()).toEqual(first);
    expect(gru.weights).toHaveLength(3);
    expect(gru.carriedState).toHaveLength(1);
    expect(() => gru(ops.zeros([5, 3, 4]))).toThrow('A stateful layer keeps the batch size');
    expect(() => layers.gru({ units: 3 }).resetState()).toThrow('needs a layer with `stateful: true`');
    expect(() => layers.lstm({ units: 2, stateful: true })(layers.input({ shape: [3, 4] }))).toThrow(
      'layers.input({ shape, batchSize })',
    );
  });

  it('are not made for a batch that only stands for an open one', async () => {
    class Reader extends Model {
      reader = layers.gru({ units: 3, stateful: true });
      override call(inputs: never): never {
        return this.reader(inputs) as never;
      }
    }
    const model = new Reader();
    expect(() => model.computeOutputShape([null, 3, 4])).toThrow('is stateful and needs a fixed batch size. Received: an open one.');
    expect(model.reader.built).toBe(false);
    expect(model.computeOutputShape([2, 3, 4])).toEqual([2, 3]);
    expect(model.reader.states?.map(({ shape }) => shape)).toEqual([[2, 3]]);

    const later = new Reader();
    expect(() => later.build([null, 3, 4])).toThrow('needs a fixed batch size');
    expect((await later.predict(ops.zeros([2, 3, 4]))).shape).toEqual([2, 3]);
  });

  it('skip masked steps', async () => {
    const rnn = layers.simpleRnn({ units: 3 });
    const x = tensor([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ]);
    const whole = await rnn(
      tensor([
        [
          [1, 2],
          [5, 6],
        ],
      ]),
    ).array();
    expect(await rnn(x, { mask: tensor([[true, false, true]]) }).array()).toEqual(whole);
    const masked = layers.embedding({ inputDim: 5, outputDim: 2, maskZero: true })(
      tensor(Int32Array.from([3, 0, 4])).reshape([1, 3]),
    );
    expect(await (masked.mask as Tensor).array()).toEqual([[true, false, true]]);
    expect(rnn(masked).mask).toBeNull();
  });

  it('are seen by a tape', async () => {
    const lstm = layers.lstm({ units: 2 });
    const x = sequence();
    lstm(x);
    const tape = new GradientTape();
    const loss = tape.run(() => ops.sum(lstm(x)));
    for (const gradient of tape.gradient(loss, lstm.trainableWeights as Variable[])) {
      expect(await ops.max(ops.abs(gradient)).item()).toBeGreaterThan(0);
    }
  });

  it('draw one dropout mask for all steps', async () => {
    setRandomSeed(4);
    const rnn = layers.simpleRnn({
      units: 4,
      dropout: 0.5,
      returnSequences: true,
      activation: 'linear',
      recurrentInitializer: 'zeros',
    });
    const rows = (await rnn(ops.ones([1, 5, 6]), { training: true }).array()) as number[][][];
    for (const step of rows[0] ?? []) expect(step).toEqual(rows[0]?.[0]);
  });
});

describe('merging layers', () => {
  it('compute at once on data, and become steps on symbolic tensors', async () => {
    expect(await layers.add([tensor([[1, 2]]), tensor([[3, 4]])]).array()).toEqual([[4, 6]]);
    expect(await layers.concatenate([tensor([[1]]), tensor([[2]])]).array()).toEqual([[1, 2]]);
    expect(await layers.dot([tensor([[1, 2]]), tensor([[3, 4]])], { axes: 1 }).array()).toEqual([[11]]);
    const symbol: SymbolicTensor = layers.maximum([layers.input({ shape: [3] }), layers.input({ shape: [1] })]);
    expect(symbol.shape).toEqual([null, 3]);
    expect(layers.multiply({ name: 'product' }).name).toBe('product');
  });

  it('refuse what does not fit', () => {
    expect(() => layers.concatenate([ops.zeros([2, 3, 1]), ops.zeros([2, 4, 1])])).toThrow(
      'joins tensors whose extents agree except along axis -1',
    );
    expect(() => layers.subtract([ops.zeros([1, 2])])).toThrow('subtracts one tensor from another. Received: 1 inputs');
  });
});

describe('batch normalisation', () => {
  it('follows the batch in training and keeps still when frozen', async () => {
    const norm = layers.batchNormalization({ momentum: 0.5 });
    const x = tensor([
      [0, 4],
      [2, 8],
    ]);
    norm(x, { training: true });
    expect((await (norm.movingMean as Variable).read()).toArray()).toEqual([0.5, 3]);
    expect((await (norm.movingVariance as Variable).read()).toArray()).toEqual([1, 2.5]);
    norm.trainable = false;
    norm(x, { training: true });
    expect((await (norm.movingMean as Variable).read()).toArray()).toEqual([0.5, 3]);
  });
});

describe('wrong options', () => {
  it.each([
    [
      () => layers.dense(64 as never),
      'dense takes one object of named options. Received: 64. Write `dense({ units: 64 })`.',
    ],
    [
      () => layers.dense({} as never),
      'dense: `units` must be a whole number >= 1. Received: undefined. Write `{ units: … }`.',
    ],
    [() => layers.dense({ units: 2, kernel_initializer: 'zeros' } as never), 'Did you mean `kernelInitializer`?'],
    [() => layers.dense({ units: 2, activation: 'rleu' as never }), "Did you mean `'relu'`?"],
    [
      () => layers.conv2d({ filters: 3, kernelSize: 2, groups: 2 }),
      'conv2d: `filters` must be a multiple of `groups` = 2. Received: 3.',
    ],
    [
      () => layers.conv2d({ filters: 2, kernelSize: 2, strides: 2, dilationRate: 2 }),
      'conv2d: `strides` must be 1 where `dilationRate` is above 1.',
    ],
    [
      () => layers.conv2d({ filters: 2, kernelSize: 2, padding: 'causal' as never }),
      "conv2d: `padding` must be 'valid' or 'same'.",
    ],
    [() => layers.dropout({ rate: 50 }), 'For 50 percent write 0.5.'],
    [() => layers.input({} as never), 'Write `input({ shape: [28, 28, 1] })`.'],
    [() => layers.input({ shape: 4 as never }), 'Write `input({ shape: [4] })`.'],
    [() => layers.permute({ dims: [0, 1] }), 'the numbers 1 to the number of axes of a sample'],
    [() => layers.bidirectional({ layer: layers.dense({ units: 1 }) }), 'must be a recurrent layer'],
    [
      () => layers.timeDistributed({ layer: 3 as never }),
      'Write `timeDistributed({ layer: layers.dense({ units: 8 }) })`.',
    ],
    [() => layers.dense({ units: 2 })(ops.zeros([3])), 'A batch axis may be missing'],
    [
      () => layers.conv2d({ filters: 2, kernelSize: 3 })(layers.input({ shape: [8, 8, null] })),
      'needs to know the extent of axis -1',
    ],
    [() => layers.cropping2d({ cropping: 3 })(ops.zeros([1, 5, 5, 1])), 'must leave something of its inputs'],
  ])('%#', (make, text) => {
    expect(make).toThrow(text);
  });
});
