/** What training keeps track of: metrics and optimizers. */
import { Variable } from 'weftjs';
import * as metrics from 'weftjs/metrics';
import * as optimizers from 'weftjs/optimizers';
import { loadFixtures, type FixtureTensor, type MetricCase, type OptimizerCase } from '../load.ts';
import { differences, scalarDifferences } from '../support/compare.ts';
import { device, host } from '../support/data.ts';
import { make } from '../support/make.ts';
import { checkByClass, type Choose } from './register.ts';

export function checkMetrics(choose: Choose): void {
  checkByClass('metrics', [metrics], loadFixtures('metrics'), choose, metricDifferences);
}

async function metricDifferences(item: MetricCase): Promise<string[]> {
  const metric = make<metrics.Metric>([metrics], item);
  const found = metric.name === item.logName ? [] : [`name is ${metric.name} instead of ${item.logName}`];
  const update = ({ args, sampleWeight }: MetricCase['updates'][number]): void => {
    const given = [...args, ...(sampleWeight ? [sampleWeight] : [])].map(device);
    (metric.updateState as (...values: unknown[]) => void)(...given);
  };
  for (const [i, item_] of item.updates.entries()) {
    update(item_);
    found.push(...differences(`result ${i}`, await metric.result().host(), item.results[i] as FixtureTensor));
  }
  metric.resetState();
  update(item.updates[0] as MetricCase['updates'][number]);
  found.push(...differences('after reset', await metric.result().host(), item.afterReset));
  return found;
}

export function checkOptimizers(choose: Choose): void {
  checkByClass('optimizers', [optimizers], loadFixtures('optimizers'), choose, optimizerDifferences);
}

async function optimizerDifferences(item: OptimizerCase): Promise<string[]> {
  const optimizer = make<optimizers.Optimizer>([optimizers], item);
  const variables = item.initial.map((value, i) => new Variable(host(value), { name: `variable_${i}` }));
  const found: string[] = [];
  for (const [step, { gradients, values }] of item.steps.entries()) {
    optimizer.apply(gradients.map(device), variables);
    for (const [i, variable] of variables.entries()) {
      found.push(...differences(`variable ${i} after step ${step}`, await variable.read(), values[i] as FixtureTensor));
    }
  }
  if (item.finalized) {
    optimizer.finalize(variables);
    for (const [i, variable] of variables.entries()) {
      found.push(...differences(`variable ${i} finalized`, await variable.read(), item.finalized[i] as FixtureTensor));
    }
  }
  if (optimizer.iterations !== item.iterations)
    found.push(`iterations are ${optimizer.iterations} instead of ${item.iterations}`);
  return [...found, ...scalarDifferences('learning rate', optimizer.learningRate, item.learningRate)];
}
