/** From what `compile({ loss })` accepts to a loss: a name, a loss object, or a function of (yTrue, yPred). */
import { WeftError, received, type Value } from '@weftjs/graph';
import { resolveName } from '../names/index.ts';
import type { Id, ShortLoss } from '../names/index.ts';
import { computeOne } from '../core/compute.ts';
import { isTensor, type Tensor } from '../core/tensor/tensor.ts';
import type { TensorLike } from '../core/tensor/convert.ts';
import * as crossentropy from './crossentropy.ts';
import { Loss, reduceWeighted } from './loss.ts';
import * as regression from './regression.ts';

/** Losses by name. */
export const LOSSES = {
  binaryCrossentropy: crossentropy.BinaryCrossentropy,
  categoricalCrossentropy: crossentropy.CategoricalCrossentropy,
  huber: regression.Huber,
  logCosh: regression.LogCosh,
  meanAbsoluteError: regression.MeanAbsoluteError,
  meanAbsolutePercentageError: regression.MeanAbsolutePercentageError,
  meanSquaredError: regression.MeanSquaredError,
  meanSquaredLogarithmicError: regression.MeanSquaredLogarithmicError,
  sparseCategoricalCrossentropy: crossentropy.SparseCategoricalCrossentropy,
} as const;

/** Losses by name whose code is loaded when a model asks for one, see {@link loadLoss}. */
const LATER = [
  'binaryFocalCrossentropy', 'categoricalFocalCrossentropy', 'categoricalGeneralizedCrossEntropy', 'categoricalHinge', 'circle', 'cosineSimilarity', 'dice',
  'hinge', 'klDivergence', 'poisson', 'squaredHinge', 'tversky',
] as const;

/** The name of a loss whose code is not loaded. */
export type LaterLoss = (typeof LATER)[number];
export type LossName = keyof typeof LOSSES | LaterLoss;
/** A function that gives the loss of each sample, or of the batch. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
export type LossLike = Id<LossName> | ShortLoss | Loss | LossFunction;

/** The loss that `value` stands for, or its name where {@link loadLoss} must load it. */
export function lossFrom(value: LossLike): Loss | LaterLoss {
  if (value instanceof Loss) return value as unknown as Loss;
  if (typeof value === 'function') return new FunctionLoss(value);
  if (typeof value !== 'string') {
    throw new WeftError('WEFT_E_ARGUMENT', `A loss must be a name, a loss object or a function (yTrue, yPred) => losses. Received: ${received(value)}.`);
  }
  const name = resolveName<LossName>('loss', value, [...(Object.keys(LOSSES) as (keyof typeof LOSSES)[]), ...LATER]);
  return Object.hasOwn(LOSSES, name) ? (new LOSSES[name as keyof typeof LOSSES]() as unknown as Loss) : (name as LaterLoss);
}

/** Loads the code of a loss that is given by name. */
export async function loadLoss(name: LaterLoss): Promise<Loss> {
  return new (await import('./later.ts')).LATER_LOSSES[name]() as unknown as Loss;
}

/** A person's own loss function, reduced like the others. */
class FunctionLoss extends Loss {
  private readonly fn: LossFunction;

  constructor(fn: LossFunction) {
    super({ name: fn.name || 'loss' });
    this.fn = fn;
  }

  override call(yTrue: TensorLike, yPred: TensorLike): Tensor {
    return this.fn(yTrue as Tensor, yPred as Tensor);
  }

  override apply(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): Tensor {
    return reduceLosses(this.call(yTrue, yPred), sampleWeight, yPred);
  }

  protected losses(_t: Value, p: Value): Value {
    return p;
  }
}

function reduceLosses(losses: Tensor, sampleWeight: TensorLike | null | undefined, yPred: TensorLike): Tensor {
  const mask = isTensor(yPred) ? yPred.mask : null;
  const operands = [losses, ...(sampleWeight == null ? [] : [sampleWeight]), ...(mask ? [mask] : [])];
  return computeOne('reduceLosses', operands, { weighted: sampleWeight != null, masked: mask !== null }, (values) =>
    reduceWeighted(values[0] as Value, sampleWeight == null ? null : (values[1] as Value), mask ? (values[values.length - 1] as Value) : null, 'sumOverBatchSize'),
  );
}
