/** From what `compile({ loss })` accepts to a loss: a name, a loss object, or a function of (yTrue, yPred). */
import { WeftError, received, type Value } from '@weftjs/graph';
import { resolveName } from '../names/index.ts';
import type { Id, ShortLoss } from '../names/index.ts';
import { computeOne } from '../core/compute.ts';
import { isTensor, type Tensor } from '../core/tensor/tensor.ts';
import type { TensorLike } from '../core/tensor/convert.ts';
import * as crossentropy from './crossentropy.ts';
import * as hinges from './hinge.ts';
import { Loss, reduceWeighted } from './loss.ts';
import * as regression from './regression.ts';

/** Losses by name. */
export const LOSSES = {
  binaryCrossentropy: crossentropy.BinaryCrossentropy,
  binaryFocalCrossentropy: crossentropy.BinaryFocalCrossentropy,
  categoricalCrossentropy: crossentropy.CategoricalCrossentropy,
  categoricalFocalCrossentropy: crossentropy.CategoricalFocalCrossentropy,
  categoricalHinge: hinges.CategoricalHinge,
  cosineSimilarity: regression.CosineSimilarity,
  hinge: hinges.Hinge,
  huber: regression.Huber,
  klDivergence: crossentropy.KLDivergence,
  logCosh: regression.LogCosh,
  meanAbsoluteError: regression.MeanAbsoluteError,
  meanAbsolutePercentageError: regression.MeanAbsolutePercentageError,
  meanSquaredError: regression.MeanSquaredError,
  meanSquaredLogarithmicError: regression.MeanSquaredLogarithmicError,
  poisson: regression.Poisson,
  sparseCategoricalCrossentropy: crossentropy.SparseCategoricalCrossentropy,
  squaredHinge: hinges.SquaredHinge,
} as const;

export type LossName = keyof typeof LOSSES;
/** A function that gives the loss of each sample, or of the batch. */
export type LossFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;
export type LossLike = Id<LossName> | ShortLoss | Loss | LossFunction;

/** The loss that `value` stands for. */
export function lossFrom(value: LossLike): Loss {
  if (value instanceof Loss) return value as unknown as Loss;
  if (typeof value === 'function') return new FunctionLoss(value);
  if (typeof value !== 'string') {
    throw new WeftError('WEFT_E_ARGUMENT', `A loss must be a name, a loss object or a function (yTrue, yPred) => losses. Received: ${received(value)}.`);
  }
  return new LOSSES[resolveName('loss', value, LOSSES)]() as unknown as Loss;
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
