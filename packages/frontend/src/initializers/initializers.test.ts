import { describe, expect, it } from 'vitest';
import { setRandomSeed, SeedGenerator } from '../core/random.ts';
import { savedForm } from '../options/named.ts';
import * as initializers from './index.ts';
import { initializerFrom } from './index.ts';
import { fansOf } from './varianceScaling.ts';

const moments = (data: ArrayLike<number>): { mean: number; deviation: number; least: number; greatest: number } => {
  const values = Array.from(data);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { mean, deviation, least: Math.min(...values), greatest: Math.max(...values) };
};

describe('initializers', () => {
  it('count fans as Keras does', () => {
    expect(fansOf([])).toEqual({ fanIn: 1, fanOut: 1 });
    expect(fansOf([7])).toEqual({ fanIn: 7, fanOut: 7 });
    expect(fansOf([3, 5])).toEqual({ fanIn: 3, fanOut: 5 });
    expect(fansOf([3, 4, 2, 8])).toEqual({ fanIn: 24, fanOut: 96 });
  });

  it.each([
    ['glorotUniform', Math.sqrt(2 / 300), Math.sqrt(6 / 300)],
    ['heUniform', Math.sqrt(2 / 200), Math.sqrt(6 / 200)],
    ['lecunUniform', Math.sqrt(1 / 200), Math.sqrt(3 / 200)],
    ['glorotNormal', Math.sqrt(2 / 300), (2 * Math.sqrt(2 / 300)) / 0.87962566],
    ['heNormal', Math.sqrt(2 / 200), (2 * Math.sqrt(2 / 200)) / 0.87962566],
    ['lecunNormal', Math.sqrt(1 / 200), (2 * Math.sqrt(1 / 200)) / 0.87962566],
    ['randomUniform', 0.1 / Math.sqrt(12), 0.05],
    ['randomNormal', 0.05, Infinity],
    ['truncatedNormal', 0.05 * 0.87962566, 0.1],
  ] as const)('%s has its spread and bounds', (name, deviation, bound) => {
    setRandomSeed(3);
    const made = initializerFrom(name)([200, 100], 'float32');
    const found = moments(made.data);
    expect(found.mean).toBeCloseTo(0, 2);
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(0.02);
    expect(Math.max(-found.least, found.greatest)).toBeLessThanOrEqual(bound);
  });

  it('make orthogonal matrices, also wide ones and kernels', () => {
    for (const shape of [
      [6, 4],
      [4, 6],
      [3, 2, 4],
    ]) {
      const made = initializers.orthogonal({ seed: 1, gain: 2 })(shape);
      const columns = shape[shape.length - 1] as number;
      const rows = made.size / columns;
      const at = (i: number, j: number): number => made.data[i * columns + j] as number;
      const few = Math.min(rows, columns);
      for (let a = 0; a < few; a++) {
        for (let b = 0; b < few; b++) {
          let sum = 0;
          for (let k = 0; k < Math.max(rows, columns); k++)
            sum += rows >= columns ? at(k, a) * at(k, b) : at(a, k) * at(b, k);
          expect(sum).toBeCloseTo(a === b ? 4 : 0, 5);
        }
      }
    }
  });

  it('repeat by seed, differ by object, and go on with a generator', () => {
    const draw = (): number[] => Array.from(initializers.heNormal()([3], 'float32').data);
    setRandomSeed(5);
    const first = [draw(), draw()];
    setRandomSeed(5);
    expect([draw(), draw()]).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    const fixed = initializers.randomUniform({ seed: 7 });
    expect(fixed([4]).toArray()).toEqual(fixed([4]).toArray());
    const going = initializers.randomUniform({ seed: new SeedGenerator(7) });
    expect(going([4]).toArray()).not.toEqual(going([4]).toArray());
  });

  it('are found by name, saved and made anew', () => {
    for (const id of ['zeros', 'glorot_uniform', 'HeNormal', 'Constant', 'orthogonal'] as const) {
      const made = initializerFrom(id as 'zeros');
      const saved = savedForm(made);
      expect(savedForm(initializerFrom(saved as { className: string; config: Record<string, unknown> }))).toEqual(
        saved,
      );
    }
    expect(savedForm(initializers.varianceScaling({ scale: 2, mode: 'fan_out' as never }))).toEqual({
      className: 'VarianceScaling',
      config: { scale: 2, mode: 'fanOut', distribution: 'truncatedNormal', seed: null },
    });
    expect(() => initializerFrom('glorotUnifrom' as never)).toThrow("Did you mean `'glorotUniform'`?");
    expect(() => initializers.heNormal({ sede: 1 } as never)).toThrow(
      'heNormal: unknown option `sede`. Did you mean `seed`?',
    );
    expect(initializerFrom('identity')([2, 3], 'float32').toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(initializerFrom(initializers.constant({ value: 0.5 }))([2], 'float16').toArray()).toEqual([0.5, 0.5]);
  });
});
