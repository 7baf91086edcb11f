/**
 * The loops: `fit`, `evaluate`, `predict` and their one-batch forms. The model says what a step computes; this file feeds it batches, keeps the
 * logs, calls the callbacks and draws the progress.
 */
import { WeftError, sizeOf } from '@weftjs/graph';
import { CallbackList, type CallbackLike } from '../callbacks/callbackList.ts';
import { History } from '../callbacks/history.ts';
import type { Engine } from '../core/engine/engine.ts';
import type { Handle } from '../core/engine/handle.ts';
import { flatten, pack, type Structure } from '../core/functional/structure.ts';
import { NDArray } from '../core/ndarray.ts';
import type { Model } from '../models/model.ts';
import { readArrays } from './arguments.ts';
import { ArraySource } from './data/arraySource.ts';
import type { Batch, BatchArray, BatchSource } from './data/batch.ts';
import { isStream, streamSource } from './data/stream.ts';
import type { EvaluateOptions, FitOptions, PredictOptions } from './fitOptions.ts';
import { DeviceLogs, type Logs } from './logs.ts';
import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import { DEFAULT_BATCH_SIZE, checkedSource, fitSources, type FitSources } from './sources.ts';
import type { CompiledStep, StepResult } from './step.ts';

/** Where a fit is: before an epoch, after so many of its steps, after its training, or after its validation. */
export interface Place {
  readonly epoch: number;
  readonly phase: 'begin' | 'train' | 'validate' | 'end';
  /** Steps of the epoch that are done. */
  readonly step: number;
  /** What the steps of the epoch gave, once they are done. */
  readonly logs: Logs;
}

/** A fit under way. */
export interface Fit {
  readonly model: Model;
  readonly options: FitOptions;
  readonly given: FitSources;
  readonly callbacks: CallbackList;
  readonly progress: Progress;
  place: Place;
  /** Told at each new place. */
  reached?: (place: Place) => Promise<void>;
  /** Runs a step under observation. */
  observe?: (step: CompiledStep, batch: Batch<BatchArray>) => StepResult;
}

/** Trains for a number of epochs. */
export async function runFit(model: Model, x: unknown, y: unknown, options: FitOptions): Promise<History> {
  (await import('./checkFit.ts')).checkFitOptions(options);
  const given = await fitSources(model, x, y, options);
  await model.prepare();
  const { device } = await model.engine.start();
  const { epochs = 1, initialEpoch = 0, snapshotEvery = device.isReplaceable ? 'epoch' : false } = options;
  const progress = new Progress(options.verbose ?? 'auto');
  const history = new History();
  const steps = options.stepsPerEpoch ?? given[0].steps;
  const callbacks = new CallbackList(options.callbacks, model, { epochs, steps, verbose: progress.verbose }, [history]);
  const fit: Fit = { model, options, given, callbacks, progress, place: { epoch: initialEpoch, phase: 'begin', step: 0, logs: {} } };
  model.stopTraining = false;
  await callbacks.call('onTrainBegin');
  if (snapshotEvery) await (await import('./resume.ts')).runResumable(fit, snapshotEvery, () => runPlaced(fit));
  else await runPlaced(fit);
  return history;
}

/** Puts data on the device where that pays, and runs what is left to do. */
async function runPlaced(fit: Fit): Promise<void> {
  const { model: { engine }, given, options } = fit;
  const { device } = await engine.start();
  if (!device.inputsResident || !given.some((source) => source instanceof ArraySource)) return runEpochs(fit, given);
  const { placeOnDevice } = await import('./data/deviceSource.ts');
  const sources = await placeOnDevice(engine, device, given, (options.epochs ?? 1) - (options.initialEpoch ?? 0));
  try {
    await runEpochs(fit, sources);
  } finally {
    for (const source of sources) source?.free?.();
  }
}

async function runEpochs(fit: Fit, [train, validation]: FitSources): Promise<void> {
  const { model, options, callbacks, progress } = fit;
  const { epochs = 1, validationFreq = 1, signal } = options;
  const target = options.stepsPerEpoch ?? train.steps;
  let { epoch, phase, step, logs } = fit.place;
  const reach = async (next: Place['phase'], at = 0): Promise<void> => {
    phase = next;
    step = at;
    await fit.reached?.((fit.place = { epoch, phase, step, logs }));
  };
  await reach(phase, step);
  while (epoch < epochs) {
    if (phase === 'begin') {
      model.resetMetrics();
      await callbacks.call('onEpochBegin', epoch);
      await reach('train');
    }
    if (phase === 'train') {
      await progress.begin(target, epochs > 1 ? `Epoch ${epoch + 1}/${epochs}` : undefined, step);
      logs = await runEpoch(fit, 'train', train, epoch, step, options.stepsPerEpoch, progress, fit.reached && ((at) => reach('train', at)));
      await reach('validate');
    }
    if (phase === 'validate') {
      if (validation && (epoch + 1) % validationFreq === 0 && !signal?.aborted) {
        const found = await validate(fit, validation);
        logs = { ...logs, ...Object.fromEntries(Object.entries(found).map(([name, value]) => [`val_${name}`, value])) };
      }
      await reach('end');
    }
    progress.finish(logs);
    await callbacks.call('onEpochEnd', epoch, logs);
    epoch = model.stopTraining || signal?.aborted ? epochs : epoch + 1;
    await reach('begin');
  }
  if (epochs > 0) model.optimizer.finalize(model.trainableWeights);
  await reach('begin');
  await callbacks.call('onTrainEnd', logs);
}

async function validate(fit: Fit, source: BatchSource): Promise<Logs> {
  const { model, callbacks, options } = fit;
  model.resetMetrics();
  await callbacks.call('onTestBegin');
  const found = await runEpoch({ ...fit, options: {} }, 'test', source, 0, 0, options.validationSteps);
  await callbacks.call('onTestEnd', found);
  return found;
}

/** One pass of steps that give logs; returns the last ones. */
async function runEpoch(
  { model, options, callbacks, observe }: Pick<Fit, 'model' | 'options' | 'callbacks' | 'observe'>, kind: 'train' | 'test', source: BatchSource,
  epoch: number, first: number, most: number | undefined, progress?: Progress, before?: (index: number) => Promise<void>,
): Promise<Logs> {
  const { engine } = model;
  const step = model.steps[kind];
  const hook = kind === 'train' ? 'onTrainBatch' : 'onTestBatch';
  const logs = new DeviceLogs(engine);
  const pace = new Pace(engine);
  let index = 0;
  try {
    for await (const batch of source.epoch(epoch)) {
      if (options.signal?.aborted) break;
      const at = index++;
      if (at < first) continue;
      if (before) await before(at);
      await callbacks.call(`${hook}Begin`, at);
      logs.replace(observe ? observe(step, batch) : step.run(batch));
      if (callbacks.has(`${hook}End`)) await callbacks.call(`${hook}End`, at, await logs.read());
      if (progress) await progress.step(() => logs.read());
      await pace.afterStep();
      if ((kind === 'train' && model.stopTraining) || index === most) break;
    }
    await pace.finish();
    if (index === 0 && !options.signal?.aborted) {
      throw new WeftError('WEFT_E_DATA', 'A data set must yield at least one batch in each epoch. Received: none. A generator object serves one pass only: give a function that makes one, or stepsPerEpoch.');
    }
    return await logs.read();
  } finally {
    logs.free();
  }
}

/** The metrics on data. */
export async function runEvaluate(model: Model, x: unknown, y: unknown, options: EvaluateOptions): Promise<Logs> {
  const source = isStream(x) ? await streamSource(x, options.steps ?? null) : await checkedSource(model, x, y, options.sampleWeight, options.batchSize ?? DEFAULT_BATCH_SIZE);
  await model.prepare();
  const progress = new Progress(options.verbose ?? 'auto');
  const callbacks = listFor(model, options.callbacks, progress);
  model.resetMetrics();
  await progress.begin(options.steps ?? source.steps);
  await callbacks.call('onTestBegin');
  const logs = await runEpoch({ model, options: {}, callbacks }, 'test', source, 0, 0, options.steps, progress);
  progress.finish(logs);
  await callbacks.call('onTestEnd', logs);
  return logs;
}

function listFor(model: Model, callbacks: CallbackLike | readonly CallbackLike[] | undefined, progress: Progress): CallbackList {
  return new CallbackList(callbacks, model, { epochs: 1, steps: null, verbose: progress.verbose });
}

/** The outputs for all samples, batch by batch, in JavaScript memory. */
export async function runPredict(model: Model, x: unknown, options: PredictOptions): Promise<Structure<NDArray>> {
  const source = isStream(x) ? await streamSource(x, options.steps ?? null) : new ArraySource(await readArrays(x, null, null), options.batchSize ?? DEFAULT_BATCH_SIZE, null);
  await model.prepare();
  const progress = new Progress(options.verbose ?? 0);
  const callbacks = listFor(model, options.callbacks, progress);
  const { engine } = model;
  const step = model.steps.predict;
  const pace = new Pace(engine);
  const parts: Promise<NDArray[]>[] = [];
  let pattern: Structure<unknown> = null;
  await progress.begin(options.steps ?? source.steps);
  await callbacks.call('onPredictBegin');
  let index = 0;
  for await (const batch of source.epoch(0)) {
    await callbacks.call('onPredictBatchBegin', index);
    const result = step.run(batch);
    ({ pattern } = result);
    const part = readAll(engine, result.handles);
    // awaited at the end; what waits for the steps may fail before
    part.catch(() => {});
    parts.push(part);
    await callbacks.call('onPredictBatchEnd', index);
    await progress.step(() => Promise.resolve({}));
    await pace.afterStep();
    index++;
    if (index === options.steps) break;
  }
  await pace.finish();
  const batches = await Promise.all(parts);
  progress.finish({});
  await callbacks.call('onPredictEnd');
  if (batches.length === 0) throw new WeftError('WEFT_E_DATA', 'predict needs at least one batch. Received: none.');
  return pack(pattern, flatten(pattern).map((_, i) => joinRows(batches.map((outputs) => outputs[i] as NDArray))));
}

/** Reads and frees the results of a step. */
export function readAll(engine: Engine, handles: readonly Handle[]): Promise<NDArray[]> {
  return Promise.all(
    handles.map(async (handle) => {
      const reading = engine.read(handle);
      engine.free(handle);
      return new NDArray(await reading, handle.type.shape, handle.type.dtype) as NDArray;
    }),
  );
}

/** Arrays joined along the first axis. */
function joinRows(arrays: readonly NDArray[]): NDArray {
  const first = arrays[0] as NDArray;
  if (arrays.length === 1) return first;
  const rows = arrays.reduce((sum, array) => sum + (array.shape[0] as number), 0);
  const shape = [rows, ...first.shape.slice(1)];
  const data = new (first.data.constructor as new (length: number) => Float32Array)(sizeOf(shape));
  let offset = 0;
  for (const array of arrays) {
    data.set(array.data as Float32Array, offset);
    offset += array.size;
  }
  return new NDArray(data, shape, first.dtype) as NDArray;
}
