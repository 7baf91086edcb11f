import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor } from '../config/engines.ts';
import { withEngine } from '../core/engine/current.ts';
import { Engine } from '../core/engine/engine.ts';
import { grad, valueAndGrad } from '../core/gradient/grad.ts';
import { GradientTape } from '../core/gradient/tape.ts';
import { ndarray } from '../core/ndarray.ts';
import { SymbolicTensor } from '../core/symbolic.ts';
import { tensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { jit } from '../core/trace/jit.ts';
import { Variable } from '../core/variable.ts';
import { reference } from '../testing/referenceBackend.ts';
import * as ops from './index.ts';

beforeAll(() => useEngine(engineFor(reference)));

const int = (data: number[]): Tensor => tensor(Int32Array.from(data));

describe('arithmetic', () => {
  it('keeps whole numbers whole and lets numbers take the partner’s dtype', async () => {
    expect(await ops.add(int([1, 2]), 2).host()).toMatchObject({ dtype: 'int32' });
    expect(await ops.multiply(int([1, 2]), 0.5).array()).toEqual([0.5, 1]);
    expect((await ops.divide(int([1, 2]), int([2, 2])).host()).dtype).toBe('float32');
    expect(await ops.mod(int([-7, 7]), 3).array()).toEqual([2, 1]);
    expect(await ops.floorDivide([-7, 7], 2).array()).toEqual([-4, 3]);
    expect(await ops.power(int([-3, 2]), 3).array()).toEqual([-27, 8]);
    expect(await ops.power([4, 9], 0.5).array()).toEqual([2, 3]);
    expect(await ops.add([true, true], [true, false]).array()).toEqual([2, 1]);
    expect(await ops.clip([-3, 0.5, 3], 0, 1).array()).toEqual([0, 0.5, 1]);
    expect(await ops.round([0.5, 1.5, 2.347], { decimals: 0 }).array()).toEqual([0, 2, 2]);
    expect(await ops.divideNoNan([1, 2], [0, 4]).array()).toEqual([0, 0.5]);
  });

  it('treats host arrays by their own dtype, and refuses tensors of another engine', async () => {
    expect((await ops.add(ndarray(Int32Array.of(1, 2)), 2).host()).dtype).toBe('int32');
    const [low, none] = [-Infinity, NaN].map((value) => ops.where([true, false], [1, 2], value));
    expect([await low?.array(), await none?.array()]).toEqual([
      [1, -Infinity],
      [1, NaN],
    ]);
    const here = tensor([1]);
    const other = new Engine(reference);
    expect(() => withEngine(other, () => ops.add(here, 1))).toThrow(
      'Move it through JavaScript: tensor(await t.host())',
    );
  });

  it('has methods for operators', async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.add(1).sub(2).mul(x).div(2).array()).toEqual([
      [0, 1],
      [3, 6],
    ]);
    expect(await x.matmul(x).sum({ axis: 0 }).array()).toEqual([22, 32]);
    expect(await x.slice([0, 1], 1).array()).toEqual([2]);
    expect(await x.transpose().reshape([4]).array()).toEqual([1, 3, 2, 4]);
    expect(await x.greater(2).cast('int32').array()).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(await x.max().item()).toBe(4);
    expect(await x.pow(2).mean().item()).toBe(7.5);
  });
});

describe('comparison', () => {
  it('chooses with the dtype of what is chosen', async () => {
    const kept = await ops.where(tensor([true, false]), int([1, 2]), 0).host();
    expect([kept.dtype, kept.toArray()]).toEqual(['int32', [1, 0]]);
    expect((await ops.where(int([1, 0]), tensor([1, 2]), 7).host()).toArray()).toEqual([1, 7]);
    expect(await ops.logicalXor([true, false], [true, true]).array()).toEqual([0, 1].map(Boolean));
    expect(await ops.isinf([1, Infinity, NaN]).array()).toEqual([false, true, false]);
  });
});

describe('reductions', () => {
  const x = ndarray([
    [1, 2, 3],
    [4, 5, 7],
  ]);

  it('reduce axes', async () => {
    expect(await ops.sum(x, 0).array()).toEqual([5, 7, 10]);
    expect(await ops.mean(x, { axis: 1, keepdims: true }).array()).toEqual([[2], [Math.fround(16 / 3)]]);
    expect(await ops.variance([1, 2, 3, 4]).item()).toBe(1.25);
    expect(await ops.argmax(x, 1).array()).toEqual([2, 2]);
    expect(await ops.argmax(x).item()).toBe(5);
    expect(
      await ops
        .any(
          [
            [0, 0],
            [0, 2],
          ],
          { axis: 1 },
        )
        .array(),
    ).toEqual([false, true]);
    expect(await ops.countNonzero([0, 3, 0, 1]).item()).toBe(2);
    expect(await ops.cumsum([1, 2, 3]).array()).toEqual([1, 3, 6]);
    expect(await ops.logsumexp([1000, 1000]).item()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(await ops.norm([3, 4]).item()).toBe(5);
    expect(
      await ops
        .std(
          [
            [1, 1],
            [3, 5],
          ],
          { axis: 0 },
        )
        .array(),
    ).toEqual([1, 2]);
  });
});

describe('shapes', () => {
  const x = ndarray([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it('move elements', async () => {
    expect(ops.expandDims(x, [0, -1]).shape).toEqual([1, 2, 3, 1]);
    expect(ops.squeeze(ops.zeros([1, 3, 1])).shape).toEqual([3]);
    expect(await ops.tile([1, 2], [2, 2]).array()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    expect(await ops.repeat([[1, 2]], 2, { axis: 1 }).array()).toEqual([[1, 1, 2, 2]]);
    expect(await ops.roll([1, 2, 3, 4], 1).array()).toEqual([4, 1, 2, 3]);
    expect(await ops.flip(x, 1).array()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(ops.moveaxis(ops.zeros([2, 3, 4]), 0, -1).shape).toEqual([3, 4, 2]);
    expect(await ops.pad([1], [[1, 2]], { constantValues: 9 }).array()).toEqual([9, 1, 9, 9]);
    const [a, b] = ops.split(x, [1], 1);
    expect([await a?.array(), await b?.array()]).toEqual([
      [[1], [4]],
      [
        [2, 3],
        [5, 6],
      ],
    ]);
    expect(
      await ops
        .stack(
          [
            [1, 2],
            [3, 4],
          ].map((row) => tensor(row)),
          1,
        )
        .array(),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(await ops.concatenate([x, x], 1).array()).toEqual([
      [1, 2, 3, 1, 2, 3],
      [4, 5, 6, 4, 5, 6],
    ]);
  });

  it('read by position', async () => {
    expect(await ops.take(x, [-1, 0], { axis: 1 }).array()).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(await ops.takeAlongAxis(x, ndarray(Int32Array.from([2, 0]), { shape: [2, 1] }), 1).array()).toEqual([
      [3],
      [4],
    ]);
    expect(await ops.slice(x, [0, 1], [2, 2]).array()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(await ops.getItem(x, 1, [0, null, 2]).array()).toEqual([4, 6]);
    expect(await ops.oneHot([0, 2], 3).array()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ]);
    expect(await ops.oneHot([1], 2, { axis: 0 }).array()).toEqual([[0], [1]]);
    expect(await ops.bincount([0, 1, 1, 3], { length: 4 }).array()).toEqual([1, 2, 0, 1]);
    expect(await ops.segmentSum([1, 2, 3], [0, 1, 0], 2).array()).toEqual([4, 2]);
    expect(() => ops.getItem(x, 5)).toThrow('A position along axis 0 must lie in [-2, 2). Received: 5.');
  });

  it('make tensors', async () => {
    expect(await ops.arange(1, 2, 0.25).array()).toEqual([1, 1.25, 1.5, 1.75]);
    expect((await ops.arange(3).host()).dtype).toBe('int32');
    expect(await ops.linspace(0, 1, { num: 3 }).array()).toEqual([0, 0.5, 1]);
    expect(await ops.eye(2, 3, { k: 1 }).array()).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(
      await ops
        .tril([
          [1, 2],
          [3, 4],
        ])
        .array(),
    ).toEqual([
      [1, 0],
      [3, 4],
    ]);
    expect(
      await ops
        .triu(
          [
            [1, 2],
            [3, 4],
          ],
          { k: 1 },
        )
        .array(),
    ).toEqual([
      [0, 2],
      [0, 0],
    ]);
  });

  it('sort', async () => {
    expect(await ops.argsort([3, 1, 2]).array()).toEqual([1, 2, 0]);
    const [values, indices] = ops.topK([[1, 9, 5]], 2);
    expect([await values.array(), await indices.array()]).toEqual([[[9, 5]], [[1, 2]]]);
    expect(
      await ops
        .inTopK(
          [2, 0],
          [
            [1, 9, 5],
            [1, 9, 5],
          ],
          2,
        )
        .array(),
    ).toEqual([true, false]);
  });
});

describe('products', () => {
  it('follow NumPy', async () => {
    const batch = ops.reshape(ops.arange(12, undefined, 1, { dtype: 'float32' }), [2, 2, 3]);
    expect(ops.matmul(batch, ops.ones([3, 4])).shape).toEqual([2, 2, 4]);
    expect(ops.matmul(batch, ops.ones([1, 3, 5])).shape).toEqual([2, 2, 5]);
    expect(await ops.matmul([1, 2], [[1], [10]]).array()).toEqual([21]);
    expect(ops.matmul(ops.ones([3]), ops.ones([2, 3, 4])).shape).toEqual([2, 4]);
    expect(await ops.tensordot(batch, batch, { axes: 3 }).item()).toBe(506);
    expect(await ops.outer([1, 2], [3, 4]).array()).toEqual([
      [3, 4],
      [6, 8],
    ]);
  });

  it('follow Einstein', async () => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(await ops.einsum('ij,jk->ik', a, a).array()).toEqual([
      [7, 10],
      [15, 22],
    ]);
    expect(await ops.einsum('ii', a).item()).toBe(5);
    expect(await ops.einsum('ij->j', a).array()).toEqual([4, 6]);
    expect(await ops.einsum('ij,ij->i', a, a).array()).toEqual([5, 25]);
    expect(await ops.einsum('i,j->ji', [1, 2], [3, 4]).array()).toEqual([
      [3, 6],
      [4, 8],
    ]);
    expect(await ops.einsum('ij,jk,kl->il', a, a, a).array()).toEqual(await a.matmul(a).matmul(a).array());
    expect(() => ops.einsum('ij,jk', a)).toThrow('einsum needs letters');
  });
});

describe('normalisation and cross-entropy', () => {
  it('computes', async () => {
    expect(await ops.normalize([3, 4]).array()).toEqual([0.6, 0.8].map(Math.fround));
    expect(await ops.sparseCategoricalCrossentropy([1], [[0.25, 0.5, 0.25]]).array()).toEqual([Math.fround(Math.LN2)]);
    const scores = tensor([[1, 2, 3]]);
    const [dense, sparse] = [
      ops.categoricalCrossentropy([[0, 0, 1]], scores, { fromLogits: true }),
      ops.sparseCategoricalCrossentropy([2], scores, { fromLogits: true }),
    ];
    expect(await dense.array()).toEqual(await sparse.array());
    expect(await ops.binaryCrossentropy([1, 0], [0.5, 0.5]).array()).toEqual([Math.LN2, Math.LN2].map(Math.fround));
  });
});

describe('matrices and statistics', () => {
  const x = ndarray([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it('reads diagonals and joins rows', async () => {
    expect(await ops.diagonal(x).array()).toEqual([1, 5]);
    expect(await ops.diagonal(x, { offset: 1 }).array()).toEqual([2, 6]);
    expect(await ops.diagonal(x, { offset: -1 }).array()).toEqual([4]);
    expect(await ops.trace(x).item()).toBe(6);
    expect(await ops.diag([1, 2]).array()).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(await ops.diag(x).array()).toEqual([1, 5]);
    expect(await ops.vstack([tensor([1, 2]), tensor([3, 4])]).array()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await ops.hstack([tensor([1]), tensor([2, 3])]).array()).toEqual([1, 2, 3]);
    const [a, b] = ops.meshgrid([tensor([1, 2, 3]), tensor([7, 8])]);
    expect([await a?.array(), await b?.array()]).toEqual([
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      [
        [7, 7, 7],
        [8, 8, 8],
      ],
    ]);
    expect(ops.meshgrid([tensor([1, 2, 3]), tensor([7, 8])], { indexing: 'ij' })[0]?.shape).toEqual([3, 2]);
  });

  it('summarises', async () => {
    expect(await ops.average([1, 3], { weights: [3, 1] }).item()).toBe(1.5);
    expect(await ops.average(x, { axis: 1, weights: [1, 0, 1] }).array()).toEqual([2, 5]);
    expect(await ops.median([4, 1, 3, 2]).item()).toBe(2.5);
    expect(await ops.quantile(x, 0.25, { axis: 1 }).array()).toEqual([1.5, 4.5]);
    expect(await ops.diff([1, 4, 9]).array()).toEqual([3, 5]);
    expect(await ops.isclose([1, Infinity, NaN], [1 + 1e-6, Infinity, NaN]).array()).toEqual([true, true, false]);
    expect(await ops.allclose([1, 2], [1, 2.1]).item()).toBe(0);
    expect(await ops.nanToNum([NaN, 2]).array()).toEqual([0, 2]);
  });
});

describe('control flow', () => {
  it('scans, also over variables and with gradients', async () => {
    const step = new Variable(ndarray(2) as never, { name: 'step' });
    const run = (x: Tensor): Tensor => {
      const [total] = ops.scan(
        (carry: Tensor, each: Tensor) => [carry.mul(step.value).add(each), null] as const,
        ops.zeros([]),
        x,
      );
      return total;
    };
    expect(await run(tensor([1, 2, 3])).item()).toBe(11);
    expect(await grad(run)([1, 2, 3]).array()).toEqual([4, 2, 1]);
    const [last, sums] = ops.scan(
      (carry: Tensor, x: Tensor) => [carry.add(x), carry.add(x)] as const,
      ops.zeros([]),
      tensor([1, 2, 3]),
    );
    expect([await last.item(), await sums.array()]).toEqual([6, [1, 3, 6]]);
    const [, seen] = ops.scan((c: Tensor, x: { a: Tensor }) => [c, { b: x.a.mul(2) }] as const, ops.zeros([]), {
      a: tensor([1, 2]),
    });
    expect(await seen.b.array()).toEqual([2, 4]);
  });

  it('is seen by a tape', async () => {
    const factor = new Variable(ndarray(2) as never, { name: 'factor' });
    const x = tensor([1, 2, 3]);
    const tape = new GradientTape();
    const total = tape.run(
      () =>
        ops.scan(
          (carry: Tensor, each: Tensor) => [carry.mul(factor.value).add(each), null] as const,
          ops.zeros([]),
          x,
        )[0],
    );
    const [byX, byFactor] = tape.gradient(total, [x, factor]);
    expect([await byX?.array(), await byFactor?.item()]).toEqual([[4, 2, 1], 6]);
  });

  it('loops and branches', async () => {
    expect(
      await ops
        .whileLoop(
          (x) => x.less(100),
          (x) => x.mul(2),
          tensor(1),
        )
        .item(),
    ).toBe(128);
    const absolute = jit((x: Tensor) =>
      ops.cond(
        x.sum().greater(0),
        () => x,
        () => x.neg(),
      ),
    );
    expect(await absolute(tensor([-1, -2])).array()).toEqual([1, 2]);
    expect(await absolute(tensor([1, -0.5])).array()).toEqual([1, -0.5]);
    expect(await ops.foriLoop(1, 4, (i, carry: Tensor) => carry.add(i), ops.zeros([])).item()).toBe(6);
    expect(
      await ops
        .map(
          (x: Tensor) => x.sum(),
          tensor([
            [1, 2],
            [3, 4],
          ]),
        )
        .array(),
    ).toEqual([3, 7]);
  });

  it('stops gradients', async () => {
    const { value, grad: slope } = valueAndGrad((x: Tensor) => x.mul(ops.stopGradient(x)).sum())([3]);
    expect([await value.item(), await slope.array()]).toEqual([9, [3]]);
  });
});

describe('symbolic tensors', () => {
  it('become steps of a model', () => {
    const x = new SymbolicTensor('float32', [null, 4], 'x');
    const y = ops.sum(ops.multiply(x, 2), { axis: 1 });
    expect(y).toBeInstanceOf(SymbolicTensor);
    expect(y.shape).toEqual([null]);
    expect(ops.concatenate([x, x], 1).shape).toEqual([null, 8]);
  });
});

describe('dotProductAttention', () => {
  it('mixes values by how queries match keys, and looks back only when causal', async () => {
    const q = ndarray([1, 0, 0, 1], { shape: [1, 2, 1, 2] });
    const v = ndarray([1, 2, 3, 4], { shape: [1, 2, 1, 2] });
    const weight = 1 / (1 + Math.exp(-1));
    const mixed = await ops.dotProductAttention(q, q, v, { scale: 1 }).host();
    const expected = [3 - 2 * weight, 4 - 2 * weight, 1 + 2 * weight, 2 + 2 * weight];
    expected.forEach((value, i) => expect(mixed.data[i]).toBeCloseTo(value, 5));
    const causal = await ops.dotProductAttention(q, q, v, { scale: 1, isCausal: true }).host();
    expect([...causal.data].map((x) => Number(x.toFixed(4)))).toEqual([1, 2, ...expected.slice(2).map((x) => Number(x.toFixed(4)))]);
    const mask = ndarray([1, 0, 0, 1], { shape: [1, 1, 2, 2], dtype: 'bool' });
    expect([...(await ops.dotProductAttention(q, q, v, { mask }).host()).data]).toEqual([1, 2, 3, 4]);
  });
});
