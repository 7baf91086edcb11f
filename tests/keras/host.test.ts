/**
 * What needs no engine: initializers, learning-rate schedules, helpers for data, callbacks, progress bars, summaries.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  Sequential,
  initializers,
  normalize,
  padSequences,
  toCategorical,
  type CompileOptions,
  type Model,
  type NDArray,
} from 'weftjs';
import * as callbacks from 'weftjs/callbacks';
import * as layers from 'weftjs/layers';
import * as optimizers from 'weftjs/optimizers';
import { ProgressBar } from '../../packages/frontend/src/looks/progressBar.ts';
import { isFixtureTensor, loadFixtures, type CallbackCase, type InitializerCase, type SummaryCase } from './load.ts';
import { buildModel } from './support/buildModel.ts';
import { differences, scalarDifferences } from './support/compare.ts';
import { host } from './support/data.ts';
import { make } from './support/make.ts';

type Initialize = (shape: readonly number[]) => NDArray;
const initializer = (item: InitializerCase): Initialize => make<Initialize>([initializers], item);

describe('initializers', () => {
  it.each(loadFixtures('initializers/exact'))('$class $options', (item) => {
    expect(differences('value', initializer(item)(item.shape), item.value as NonNullable<typeof item.value>)).toEqual(
      [],
    );
  });

  it.each(loadFixtures('initializers/random'))('$class $options, shape $shape', (item) => {
    const { mean = 0, stddev = 0, smallest = 0, largest = 0 } = item;
    const data = Float64Array.from(initializer(item)(item.shape).data);
    const average = data.reduce((sum, x) => sum + x, 0) / data.length;
    const spread = Math.sqrt(data.reduce((sum, x) => sum + (x - average) ** 2, 0) / data.length);
    expect(Math.abs(average - mean)).toBeLessThan((6 * stddev) / Math.sqrt(data.length / 2));
    expect(Math.abs(spread / stddev - 1)).toBeLessThan(0.02);
    // the tails of a normal distribution end where chance wants, all others at a sharp limit
    const slack = /^RandomNormal|untruncated/.test(`${item.class}${String(item.options.distribution)}`)
      ? 1.5 * stddev
      : 0.02 * stddev;
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
          const at = (vector: number): number =>
            Number(data[rows < columns ? vector * columns + k : k * columns + vector]);
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
  it.each(loadFixtures('looks/progressBars'))(
    '$name',
    ({ target, verbose, redraws, startSeconds, updates, written }) => {
      let seconds = 0;
      let text = '';
      const terminal = { redraws, colours: true, write: (part: string) => void (text += part) };
      const bar = new ProgressBar({ target, verbose, terminal, now: () => startSeconds + seconds });
      for (const update of updates) {
        ({ seconds } = update);
        bar.update(update.current, Object.entries(update.logs), update.finalize);
      }
      expect(text).toBe(written);
    },
  );
});

/** The functions of the LearningRateScheduler cases, by the names that the fixtures give them. */
const SCHEDULES: Readonly<Record<string, (epoch: number, rate: number) => number>> = {
  'halve after two': (epoch, rate) => (epoch < 2 ? rate : rate * 0.5),
  'by epoch': (epoch) => 0.1 / (epoch + 1),
};

/** As much of a model as callbacks look at; its weight is the number of the epoch. */
function standIn(
  learningRate: number,
): { stopTraining: boolean; optimizer: { learningRate: number }; weight: number } & Pick<
  Model,
  'getWeights' | 'setWeights'
> {
  return {
    stopTraining: false,
    optimizer: { learningRate },
    weight: 0,
    getWeights(): Promise<NDArray[]> {
      return Promise.resolve([this.weight as unknown as NDArray]);
    },
    setWeights(values): void {
      [this.weight] = values as unknown as [number];
    },
  };
}

function makeCallback(item: CallbackCase): callbacks.Callback {
  if (item.schedule === undefined) return make<callbacks.Callback>([callbacks], item);
  return new callbacks.LearningRateScheduler(
    SCHEDULES[item.schedule] as (epoch: number, rate: number) => number,
    item.options,
  );
}

describe('callbacks', () => {
  afterEach(() => void vi.restoreAllMocks());

  it.each(loadFixtures('callbacks').filter(({ epochs }) => epochs))('$class $options', async (item) => {
    let printed = '';
    vi.spyOn(console, 'log').mockImplementation((text: string) => void (printed += `${text}\n`));
    const [callback, model] = [makeCallback(item), standIn(item.initialLearningRate)];
    callback.setModel(model as unknown as Model);
    await callback.onTrainBegin?.();
    const found: string[] = [];
    for (const [epoch, expected] of item.states.entries()) {
      await callback.onEpochBegin?.(epoch);
      model.weight = epoch;
      const logs = { ...item.epochs[epoch] };
      await callback.onEpochEnd?.(epoch, logs);
      expect(model.stopTraining).toBe(expected.stopTraining);
      expect(model.optimizer.learningRate).toBeCloseTo(expected.learningRate, 6);
      expect(Object.keys(logs)).toEqual(Object.keys(expected.logs));
      found.push(
        ...Object.entries(expected.logs).flatMap(([name, value]) =>
          scalarDifferences(name, logs[name] as number, value),
        ),
      );
    }
    await callback.onTrainEnd?.({});
    expect(found).toEqual([]);
    expect(model.weight).toBe(item.weightsOfEpoch);
    expect(shortened(printed)).toBe(shortened(item.printed));
  });

  it.each(loadFixtures('callbacks').filter(({ losses }) => losses))(
    '$class, losses $losses',
    async ({ losses = [], stops, printed }) => {
      let text = '';
      vi.spyOn(console, 'log').mockImplementation((line: string) => void (text += `${line}\n`));
      const [callback, model] = [new callbacks.TerminateOnNaN(), standIn(0.5)];
      callback.setModel(model as unknown as Model);
      for (const [batch, loss] of losses.entries()) {
        await callback.onTrainBatchEnd?.(batch, { loss });
        expect(model.stopTraining).toBe(stops?.[batch]);
      }
      expect(text).toBe(printed);
    },
  );
});

/** Keras prints rates as float32 in float64; five digits are enough. */
const shortened = (text: string): string => text.replace(/\d+\.\d+/g, (digits) => Number(digits).toPrecision(5));

describe('summaries', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  function model(item: SummaryCase): Model {
    if (item.model) return buildModel(item.model, 'model');
    const inner = buildModel(item.nested as NonNullable<typeof item.nested>, 'inner');
    return new Sequential([layers.input({ shape: [4] }), inner as never, layers.dense({ units: 1, name: 'last' })], {
      name: 'model',
    });
  }

  it.each(loadFixtures('looks/summaries'))('$name', (item) => {
    vi.stubEnv('COLUMNS', String(item.columns));
    const shown = model(item);
    if (item.optimizer) {
      shown.compile({
        optimizer: make<NonNullable<CompileOptions['optimizer']>>([optimizers], item.optimizer),
        loss: 'meanSquaredError',
      });
      shown.optimizer.build(shown.trainableWeights);
    }
    let text = '';
    shown.summary({ ...item.options, printFn: (part) => void (text += part) });
    expect(text).toBe(item.plain);
    expect(onTerminal(() => shown.summary(item.options))).toBe(item.colours);
  });
});

/** What `print` writes to a terminal with colours. */
function onTerminal(print: () => void): string {
  let text = '';
  for (const [name, value] of [
    ['CI', ''],
    ['NO_COLOR', ''],
    ['TERM', 'xterm'],
  ] as const)
    vi.stubEnv(name, value);
  const isTTY = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true });
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  try {
    print();
  } finally {
    write.mockRestore();
    if (isTTY) Object.defineProperty(process.stdout, 'isTTY', isTTY);
    else Reflect.deleteProperty(process.stdout, 'isTTY');
  }
  return text;
}
