/** What needs no engine: initializers, learning-rate schedules, helpers for data, progress bars. */
import { describe, expect, it } from 'vitest';
import { initializers, normalize, padSequences, toCategorical, type NDArray } from 'weftjs';
import * as optimizers from 'weftjs/optimizers';
import { ProgressBar } from '../../packages/frontend/src/looks/progressBar.ts';
import { isFixtureTensor, loadFixtures, type InitializerCase } from './load.ts';
import { differences } from './support/compare.ts';
import { host } from './support/data.ts';
import { make } from './support/make.ts';

type Initialize = (shape: readonly number[]) => NDArray;
const initializer = (item: InitializerCase): Initialize => make<Initialize>([initializers], item);

describe('initializers', () => {
  it.each(loadFixtures('initializers/exact'))('$class $options', (item) => {
    expect(differences('value', initializer(item)(item.shape), item.value as NonNullable<typeof item.value>)).toEqual([]);
  });

  it.each(loadFixtures('initializers/random'))('$class $options, shape $shape', (item) => {
    const { mean = 0, stddev = 0, smallest = 0, largest = 0 } = item;
    const data = Float64Array.from(initializer(item)(item.shape).data);
    const average = data.reduce((sum, x) => sum + x, 0) / data.length;
    const spread = Math.sqrt(data.reduce((sum, x) => sum + (x - average) ** 2, 0) / data.length);
    expect(Math.abs(average - mean)).toBeLessThan((6 * stddev) / Math.sqrt(data.length / 2));
    expect(Math.abs(spread / stddev - 1)).toBeLessThan(0.02);
    // the tails of a normal distribution end where chance wants, all others at a sharp limit
    const slack = /^RandomNormal|untruncated/.test(`${item.class}${String(item.options.distribution)}`) ? 1.5 * stddev : 0.02 * stddev;
    expect(Math.abs(data.reduce((least, x) => Math.min(least, x)) - smallest)).toBeLessThan(slack);
    expect(Math.abs(data.reduce((most, x) => Math.max(most, x)) - largest)).toBeLessThan(slack);
  });

  it.each(loadFixtures('initializers/orthogonal'))('$class $options, shape $shape', (item) => {
    const { data } = initializer(item)(item.shape);
    const columns = item.shape.at(-1) as number;
    const rows = data.length / columns;
    const size = Math.min(rows, columns);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let product = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) {
          const at = (vector: number): number => Number(data[rows < columns ? vector * columns + k : k * columns + vector]);
          product += at(i) * at(j);
        }
        expect(product).toBeCloseTo(i === j ? (item.gain ?? 1) ** 2 : 0, 5);
      }
    }
  });
});

describe('schedules', () => {
  it.each(loadFixtures('schedules'))('$class $options', (item) => {
    const schedule = make<optimizers.LearningRateSchedule>([optimizers], item);
    const data = item.steps.map((step) => schedule.at(step));
    expect(differences('rates', { shape: [data.length], data }, item.values)).toEqual([]);
  });
});

describe('helpers for data', () => {
  it.each(loadFixtures('utils'))('$function $options', ({ function: name, args: [argument], options, value }) => {
    const array = isFixtureTensor(argument) ? host(argument) : [];
    const { numClasses, axis, order } = options as { numClasses?: number; axis?: number; order?: 1 | 2 };
    const run = {
      toCategorical: () => toCategorical(array, numClasses),
      normalize: () => normalize(array, axis, order),
      padSequences: () => padSequences(argument as number[][], options),
    };
    expect(differences('value', run[name](), value)).toEqual([]);
  });
});

describe('progress bars', () => {
  it.each(loadFixtures('looks/progressBars'))('$name', ({ target, verbose, redraws, startSeconds, updates, written }) => {
    let seconds = 0;
    let text = '';
    const terminal = { redraws, colours: true, write: (part: string) => void (text += part) };
    const bar = new ProgressBar({ target, verbose, terminal, now: () => startSeconds + seconds });
    for (const update of updates) {
      ({ seconds } = update);
      bar.update(update.current, Object.entries(update.logs), update.finalize);
    }
    expect(text).toBe(written);
  });
});
