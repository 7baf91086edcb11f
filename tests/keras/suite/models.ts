/** Whole models: three steps of training, `fit` with its history, `evaluate`, `predict`. */
import { describe, expect, it } from 'vitest';
import type { Model, NDArray } from 'weftjs';
import * as losses from 'weftjs/losses';
import * as metrics from 'weftjs/metrics';
import * as optimizers from 'weftjs/optimizers';
import { loadFixtures, type FixtureData, type FixtureLogs, type FixtureWeights, type ModelCase } from '../load.ts';
import { buildModel } from '../support/buildModel.ts';
import { TRAINED, differences, scalarDifferences } from '../support/compare.ts';
import { host, hostData, rows } from '../support/data.ts';
import { madeOptions } from '../support/make.ts';
import { NOT_YET } from '../support/notYet.ts';

export function checkModels(): void {
  describe('models', () => {
    it.each(loadFixtures('models'))('$name', async (item) => {
      expect([...(await stepDifferences(item)), ...(await fitDifferences(item))]).toEqual([]);
    });
  });
}

/** The model, compiled, with the fixture's weights. */
function prepared(item: ModelCase): Model {
  const model = buildModel(item.model, 'model');
  model.compile(compileOptions(item));
  model.setWeights(item.weights.map(({ value }) => host(value)));
  return model;
}

async function stepDifferences(item: ModelCase): Promise<string[]> {
  const model = prepared(item);
  const found: string[] = [];
  for (const [step, expected] of item.trainOnBatch.entries()) {
    const [start, stop] = [step * item.batchSize, (step + 1) * item.batchSize];
    const take = (data: FixtureData): never => hostData(rows(data, start, stop)) as never;
    const options = {
      ...(item.sampleWeight ? { sampleWeight: take(item.sampleWeight) } : {}),
      ...(item.classWeight ? { classWeight: item.classWeight } : {}),
    };
    found.push(
      ...logDifferences(
        `step ${step}`,
        training(item, await model.trainOnBatch(take(item.x), take(item.y), options)),
        training(item, known(item, expected)),
      ),
    );
  }
  return [...found, ...(await weightDifferences('after three steps', model, item.weightsAfterSteps))];
}

async function fitDifferences(item: ModelCase): Promise<string[]> {
  const model = prepared(item);
  const [x, y] = [hostData(item.x), hostData(item.y)] as [never, never];
  const sampleWeight = item.sampleWeight ? { sampleWeight: host(item.sampleWeight) as never } : {};
  const classWeight = item.classWeight ? { classWeight: item.classWeight } : {};
  const { history } = await model.fit(x, y, { ...item.fit, ...sampleWeight, ...classWeight, verbose: 0 });
  const found: string[] = [];
  for (let epoch = 0; epoch < (item.fit.epochs as number); epoch++) {
    const at = (values: Readonly<Record<string, readonly number[]>>): FixtureLogs =>
      Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list[epoch] as number]));
    found.push(
      ...logDifferences(`epoch ${epoch}`, training(item, at(history)), training(item, known(item, at(item.history)))),
    );
  }
  found.push(...(await weightDifferences('after fit', model, item.weightsAfterFit)));
  const evaluated = await model.evaluate(x, y, { batchSize: item.batchSize, verbose: 0, ...sampleWeight });
  found.push(...logDifferences('evaluate', evaluated, known(item, item.evaluate)));
  const predicted: unknown = await model.predict(x, { batchSize: item.batchSize, verbose: 0 });
  const outputs = (Array.isArray(predicted) ? predicted : [predicted]) as NDArray[];
  item.predict.forEach((expected, i) =>
    found.push(...differences(`prediction ${i}`, outputs[i] as NDArray, expected, TRAINED)),
  );
  return found;
}

function logDifferences(when: string, actual: FixtureLogs, expected: FixtureLogs): string[] {
  // Keras sorts `history` by name; the names are compared, not their order
  const names = [Object.keys(actual).sort(), Object.keys(expected).sort()];
  if (String(names[0]) !== String(names[1])) return [`${when}: logs are ${names[0]} instead of ${names[1]}`];
  return Object.entries(expected).flatMap(([name, value]) =>
    scalarDifferences(`${when}: ${name}`, actual[name] as number, value, TRAINED),
  );
}

async function weightDifferences(when: string, model: Model, expected: FixtureWeights): Promise<string[]> {
  const actual = await model.getWeights();
  return expected.flatMap(({ path, value }, i) => differences(`${path} ${when}`, actual[i] as NDArray, value, TRAINED));
}

const isMissing = (metric: unknown): boolean =>
  typeof metric === 'object' &&
  metric !== null &&
  'class' in metric &&
  NOT_YET.metrics.includes(metric.class as string);

/** Compile options, without the metrics that Weft does not have yet. */
function compileOptions(item: ModelCase): object {
  const without = (value: unknown): unknown =>
    Array.isArray(value) ? value.filter((metric) => !isMissing(metric)) : value;
  const { optimizer, loss, metrics: plain, weightedMetrics, ...rest } = item.compile;
  return {
    ...rest,
    ...madeOptions([optimizers], { optimizer }),
    ...madeOptions([losses], { loss }),
    ...madeOptions([metrics], { metrics: without(plain) }),
    ...(weightedMetrics === undefined ? {} : madeOptions([metrics], { weightedMetrics: without(weightedMetrics) })),
  };
}

/** The logs that Weft has, where it lacks a metric. */
function known(item: ModelCase, logs: FixtureLogs): FixtureLogs {
  const list = Array.isArray(item.compile.metrics) ? item.compile.metrics : [];
  const names = list.filter(isMissing).map((metric) => LOG_NAMES[(metric as { class: string }).class] ?? '');
  return Object.fromEntries(Object.entries(logs).filter(([name]) => !names.includes(name.replace(/^val_/, ''))));
}

/**
 * Keras on JAX loses the mask of the predictions between gradient and metrics while it trains (in `evaluate`, and on
 * TensorFlow, it does
 * not). Weft keeps it, so that the training metrics of masked outputs are left out here.
 */
function training(item: ModelCase, logs: FixtureLogs): FixtureLogs {
  if (item.name !== 'masked sequence tagger') return logs;
  return Object.fromEntries(Object.entries(logs).filter(([name]) => name.endsWith('loss')));
}

const LOG_NAMES: Readonly<Record<string, string>> = {
  AUC: 'auc',
  Precision: 'precision',
  Recall: 'recall',
  R2Score: 'r2_score',
};
