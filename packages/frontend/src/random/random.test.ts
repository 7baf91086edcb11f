import { beforeAll, describe, expect, it } from 'vitest';
import { useEngine } from '../config/configure.ts';
import { engineFor } from '../config/engines.ts';
import { tensor } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { jit } from '../core/trace/jit.ts';
import { reference } from '../testing/referenceBackend.ts';
import * as ops from '../ops/index.ts';
import { inverseErf, normalOf, truncatedNormalOf, unitOf } from './distributions.ts';
import * as random from './index.ts';
import { SeedGenerator } from './index.ts';
import { randomWords } from '@weftjs/graph';

beforeAll(() => useEngine(engineFor(reference)));

const spread = async (x: Tensor): Promise<{ mean: number; deviation: number }> => ({
  mean: await ops.mean(x).item(),
  deviation: await ops.std(x).item(),
});

describe('random', () => {
  it('inverts the error function', async () => {
    for (const x of [-2.5, -1, -0.3, 0, 0.01, 0.7, 1.5, 3]) {
      const y = await ops.erf(x).item();
      expect(inverseErf(y)).toBeCloseTo(x, Math.abs(x) > 2 ? 2 : 5);
      expect(await ops.erfinv(Math.fround(y)).item()).toBeCloseTo(x, Math.abs(x) > 2 ? 1 : 4);
    }
  });

  it('draws the same numbers on the host and on the device', async () => {
    const words = randomWords(new SeedGenerator(5).nextKey(), 1000);
    const close = (a: ArrayLike<number>, b: (word: number) => number): void =>
      Array.from(words, b).forEach((x, i) => expect(a[i]).toBeCloseTo(x, 5));
    close(await random.uniform([1000], { seed: 5 }).data(), unitOf);
    close(await random.normal([1000], { seed: 5 }).data(), normalOf);
    close(await random.truncatedNormal([1000], { seed: 5 }).data(), truncatedNormalOf);
  });

  it('has the spread it should', async () => {
    const normal = await spread(random.normal([20000], { mean: 2, stddev: 3, seed: 1 }));
    expect(normal.mean).toBeCloseTo(2, 1);
    expect(normal.deviation).toBeCloseTo(3, 1);
    const uniform = await spread(random.uniform([20000], { minval: -1, maxval: 1, seed: 2 }));
    expect(uniform.deviation).toBeCloseTo(1 / Math.sqrt(3), 2);
    const whole = await random.randint([5000], -2, 3, { seed: 3 }).data();
    expect([Math.min(...whole), Math.max(...whole)]).toEqual([-2, 2]);
    expect((await spread(random.bernoulli([20000], { probability: 0.3, seed: 4 }))).mean).toBeCloseTo(0.3, 2);
    const drawn = await random.categorical([[0, Math.log(3)]], 20000, { seed: 6 }).data();
    expect(Array.from(drawn).reduce((a, b) => a + b, 0) / 20000).toBeCloseTo(0.75, 2);
  });

  it('drops out and keeps sums on average', async () => {
    const dropped = await random.dropout(ops.ones([100, 100]), 0.2, { seed: 1 }).data();
    const zeros = Array.from(dropped).filter((x) => x === 0).length;
    expect(zeros / 10000).toBeCloseTo(0.2, 1);
    expect(new Set(dropped)).toEqual(new Set([0, 1.25]));
    const rows = await random.dropout(ops.ones([4, 3]), 0.5, { noiseShape: [null, 1], seed: 1 }).array();
    for (const row of rows as number[][]) expect(new Set(row).size).toBe(1);
    expect(await random.dropout([1, 2], 0).array()).toEqual([1, 2]);
  });

  it('shuffles', async () => {
    const data = await random.shuffle(tensor([1, 2, 3, 4, 5, 6]), { seed: 3 }).data();
    expect(Array.from(data).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(data)).not.toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on from draw to draw, also in compiled functions', async () => {
    const seed = new SeedGenerator(9);
    const draw = jit(() => random.uniform([2], { seed }));
    const [a, b] = [await draw().array(), await draw().array()];
    expect(a).not.toEqual(b);
    const again = new SeedGenerator(9);
    expect(await random.uniform([2], { seed: again }).array()).toEqual(a);
  });
});
