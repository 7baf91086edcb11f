/** From what a person gives to `fit` and `evaluate` to sources of batches. */
import { WeftError } from '@weftjs/graph';
import type { Model } from '../models/model.ts';
import { readArrays } from './arguments.ts';
import { ArraySource } from './data/arraySource.ts';
import type { BatchSource } from './data/batch.ts';
import type { Data } from './data/read.ts';
import { isStream, streamSource } from './data/stream.ts';
import type { FitOptions } from './fitOptions.ts';

export const DEFAULT_BATCH_SIZE = 32;

/** What to train on, and what to validate with. */
export type FitSources = readonly [train: BatchSource, validation: BatchSource | null];

export async function fitSources(model: Model, x: unknown, y: unknown, options: FitOptions): Promise<FitSources> {
  const { batchSize = DEFAULT_BATCH_SIZE, validationBatchSize = batchSize, validationData, validationSplit, stepsPerEpoch, classWeight } = options;
  const ownValidation = validationData === undefined ? null : await validationSource(model, validationData, validationBatchSize);
  if (isStream(x)) {
    refuseForStreams(y, options);
    return [await streamSource(x, stepsPerEpoch ?? null, classWeight ?? null), ownValidation];
  }
  let data = await readArrays(x, y, options.sampleWeight);
  model.checkTargets(data.y);
  if (classWeight) data = (await import('./data/classWeights.ts')).withClassWeights(data, classWeight);
  const seed = options.shuffle === false ? null : model.nextShuffleSeed();
  if (!validationSplit) return [new ArraySource(data, batchSize, seed), ownValidation];
  const { train, validation } = (await import('./data/validationSplit.ts')).splitValidation(data, validationSplit);
  return [new ArraySource(train, batchSize, seed), new ArraySource(classWeight ? { ...validation, sampleWeight: null } : validation, validationBatchSize, null)];
}

function refuseForStreams(y: unknown, options: FitOptions): void {
  const given = [y === undefined ? null : 'y', ...(['batchSize', 'sampleWeight', 'validationSplit'] as const).map((name) => (options[name] === undefined ? null : name))].filter(Boolean);
  if (given.length === 0) return;
  throw new WeftError('WEFT_E_OPTION', `fit with a data set takes targets, weights and batches from it. Received: ${given.join(', ')}. Let the data set yield [x, y] or [x, y, sampleWeight] in batches.`);
}

async function validationSource(model: Model, given: unknown, batchSize: number): Promise<BatchSource> {
  if (isStream(given)) return streamSource(given, null);
  if (!Array.isArray(given) || given.length < 1 || given.length > 3) {
    throw new WeftError('WEFT_E_OPTION', 'fit: `validationData` must be [x, y], [x, y, sampleWeight] or a data set. Received: something else.');
  }
  const [x, y, weight] = given as [Data, Data?, Data?];
  return checkedSource(model, x, y, weight, batchSize);
}

/** Arrays in order, their labels checked. */
export async function checkedSource(model: Model, x: unknown, y: unknown, sampleWeight: unknown, batchSize: number): Promise<ArraySource> {
  const data = await readArrays(x, y, sampleWeight);
  model.checkTargets(data.y);
  return new ArraySource(data, batchSize, null);
}
