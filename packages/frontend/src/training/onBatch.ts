/** `trainOnBatch` and `testOnBatch`: one step on one batch. Loaded when one of them is called. */
import type { Model } from '../models/model.ts';
import { readArrays } from './arguments.ts';
import type { ClassWeight } from './data/batch.ts';
import { withClassWeights } from './data/classWeights.ts';
import type { Data } from './data/read.ts';
import { DeviceLogs, type Logs } from './logs.ts';

/** What counts how much. */
export interface BatchOptions {
  sampleWeight?: Data;
  classWeight?: ClassWeight;
}

export async function runOnBatch(model: Model, x: unknown, y: unknown, options: BatchOptions, kind: 'train' | 'test'): Promise<Logs> {
  const given = await readArrays(x, y, options.sampleWeight);
  model.checkTargets(given.y);
  await model.prepare();
  model.resetMetrics();
  const logs = new DeviceLogs(model.engine);
  logs.replace(model.steps[kind].run(options.classWeight ? withClassWeights(given, options.classWeight) : given));
  const values = await logs.read();
  logs.free();
  return values;
}
