/**
 * The base of all losses: a number for each sample, weighted, masked and reduced as in Keras (https://keras.io/api/losses/).
 */
import {
  add, broadcastTo, cast, div, expandDims, full, isFloat, logicalAnd, maximum, mul, reduceSum, reshape, sizeOf, WeftError, received, formatType,
  type Value,
} from '@weftjs/graph';
import { computeOne } from '../core/compute.ts';
import { isTensorLike, type TensorLike } from '../core/tensor/convert.ts';
import { isTensor, type Tensor } from '../core/tensor/tensor.ts';
import { checkOptions, oneOf } from '../options/strict.ts';

/** How the losses of a batch become one number; `none` leaves them. */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'mean' | 'meanWithSampleWeight' | 'none';
const REDUCTIONS: readonly Reduction[] = ['sumOverBatchSize', 'sum', 'mean', 'meanWithSampleWeight', 'none'];

export interface LossOptions {
  /** How a batch becomes one number. Default `'sumOverBatchSize'`: the mean over all losses. */
  reduction?: Reduction;
  name?: string;
}

/** The names of {@link LossOptions}, for `checkOptions`. */
const LOSS_OPTIONS: readonly string[] = ['reduction', 'name'];

export abstract class Loss<O extends LossOptions = LossOptions> {
  /** Keras's class name, which saved files use. */
  static readonly className: string = 'Loss';
  static readonly kerasModule: string = 'keras.losses';
  /** The options besides `reduction` and `name`, with their defaults. */
  static readonly defaults: Readonly<Record<string, unknown>> = {};
  /** snake_case, as logs and files have it. */
  static readonly logName: string = 'loss';

  readonly name: string;
  readonly reduction: Reduction;
  /** All options, defaults filled in. */
  readonly options: Readonly<Required<Omit<O, keyof LossOptions>>>;

  constructor(options: O = {} as O) {
    const { className, defaults, logName } = this.constructor as typeof Loss;
    const { reduction, name, ...rest } = checkOptions(className, options, [...Object.keys(defaults), ...LOSS_OPTIONS]) as O & Record<string, unknown>;
    this.reduction = reduction === undefined ? 'sumOverBatchSize' : oneOf(className, 'reduction', reduction, REDUCTIONS);
    this.name = (name as string | undefined) ?? logName;
    this.options = { ...defaults, ...rest } as unknown as this['options'];
  }

  /** The losses of samples, as graph values: `yTrue` and `yPred` have one rank. */
  protected abstract losses(yTrue: Value, yPred: Value): Value;

  /** One loss for each sample (and step): the function of Keras. */
  call(yTrue: TensorLike, yPred: TensorLike): Tensor {
    return computeOne(this.key('loss'), [yTrue, yPred], this.options, ([t, p]) => this.sampleLosses(t as Value, p as Value));
  }

  /**
   * The loss of a batch.
   * @param sampleWeight a weight for each sample, or each step
   */
  apply(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike | null): Tensor {
    requireData(this.name, yTrue, yPred);
    const mask = isTensor(yPred) ? yPred.mask : null;
    const operands = [yTrue, yPred, ...(sampleWeight == null ? [] : [sampleWeight]), ...(mask ? [mask] : [])];
    const { reduction } = this;
    return computeOne(this.key('batchLoss'), operands, { ...this.options, reduction, weighted: sampleWeight != null, masked: mask !== null }, (values) => {
      const [t, p] = values as [Value, Value, ...Value[]];
      const losses = this.sampleLosses(t, p);
      const counts = [...(mask ? [cast(values[values.length - 1] as Value, 'bool')] : []), ...listed(this.counted(t, losses))];
      const both = counts.length > 0 ? counts.reduce((a, b) => logicalAnd(a, b)) : null;
      return reduceWeighted(losses, sampleWeight == null ? null : (values[2] as Value), both, reduction);
    });
  }

  getConfig(): Record<string, unknown> {
    return { name: this.name, reduction: this.reduction, ...this.options };
  }

  /** @internal the loss of each sample on graph values: the rule that metrics share */
  sampleLosses(yTrue: Value, yPred: Value): Value {
    return this.losses(...this.prepare(yTrue, yPred));
  }

  /** @internal which samples count, for a loss that leaves some out by their label; null for all */
  counted(_yTrue: Value, _losses: Value): Value | null {
    return null;
  }

  /** @internal whether targets are integer labels, which stay integers; else they take the predictions' dtype */
  get sparseLabels(): boolean {
    return false;
  }

  private prepare(yTrue: Value, yPred: Value): [Value, Value] {
    const p = isFloat(yPred.type.dtype) ? yPred : cast(yPred, 'float32');
    if (this.sparseLabels) return [yTrue, p];
    return alignRanks(cast(yTrue, p.type.dtype), p);
  }

  private key(what: string): string {
    return `${what}:${(this.constructor as typeof Loss).className}`;
  }
}

const listed = <T>(value: T | null): T[] => (value === null ? [] : [value]);

/** Data must be given and be data: a forgotten `await` or a missing argument is the usual cause. */
function requireData(name: string, yTrue: unknown, yPred: unknown): void {
  for (const [what, value] of [['yTrue', yTrue], ['yPred', yPred]] as const) {
    if (isTensorLike(value) || Array.isArray(value)) continue;
    const hint = value instanceof Promise ? ' Did you forget `await`?' : '';
    throw new WeftError('WEFT_E_ARGUMENT', `The loss ${name} needs tensors or arrays. Received: ${what} = ${received(value)}.${hint}`);
  }
}

/** Targets and predictions whose ranks differ by a last axis of extent 1 are lined up. */
export function alignRanks(a: Value, b: Value): [Value, Value] {
  const [rankA, rankB] = [a.type.shape.length, b.type.shape.length];
  const squeezed = (x: Value): Value => reshape(x, x.type.shape.slice(0, -1));
  const isColumn = (x: Value): boolean => x.type.shape[x.type.shape.length - 1] === 1;
  if (rankA === rankB + 1 && isColumn(a)) return rankB === 1 ? [a, expandDims(b, -1)] : [squeezed(a), b];
  if (rankB === rankA + 1 && isColumn(b)) return rankA === 1 ? [expandDims(a, -1), b] : [a, squeezed(b)];
  return [a, b];
}

/** Weights, masks and reduces losses. Masked losses do not count in a mean. */
export function reduceWeighted(losses: Value, weight: Value | null, mask: Value | null, reduction: Reduction): Value {
  const { dtype } = losses.type;
  let weights = weight && cast(weight, dtype);
  if (mask) {
    let kept = cast(mask, dtype);
    if (reduction !== 'none' && reduction !== 'sum') {
      kept = mul(kept, div(sizeOf(kept.type.shape), maximum(reduceSum(kept), 1e-7)));
    }
    weights = weights ? mul(...lineUp(weights, kept)) : kept;
  }
  if (weights) {
    const [weighted, aligned] = lineUp(losses, weights);
    losses = mul(weighted, aligned);
    if (reduction === 'meanWithSampleWeight') return div(reduceSum(losses), add(reduceSum(broadcastTo(aligned, losses.type.shape)), 1e-7));
  }
  if (reduction === 'none') return losses;
  const sum = reduceSum(losses);
  const count = sizeOf(losses.type.shape);
  return reduction === 'sum' ? sum : div(sum, full(dtype, [], Math.max(1, count)));
}

/** Brings weights to the rank of what they weigh: [N] to [N, 1, …]. */
function lineUp(values: Value, weights: Value): [Value, Value] {
  const [rank, weightRank] = [values.type.shape.length, weights.type.shape.length];
  if (weightRank === rank + 1 && weights.type.shape[weightRank - 1] === 1) return [values, reshape(weights, weights.type.shape.slice(0, -1))];
  if (rank === 0) return [values, weights];
  if (weightRank > rank) {
    if (rank === weightRank - 1 && values.type.shape[rank - 1] === 1) return [values, weights];
    throw new WeftError('WEFT_E_SHAPE', `Sample weights need a weight for each loss, shape [${values.type.shape.join(', ')}] or its first axes. Received: ${formatType(weights.type)}.`);
  }
  return [values, reshape(weights, [...weights.type.shape, ...new Array<number>(rank - weightRank).fill(1)])];
}

/** A factory that makes a loss from options, or, given data, computes the loss of each sample. */
export interface LossFactory<L extends Loss, O> {
  (options?: O): L;
  (yTrue: TensorLike, yPred: TensorLike, options?: O): Tensor;
}

/** The factory of a loss class. */
export function lossFactory<L extends Loss, O extends LossOptions>(LossClass: new (options?: O) => L): LossFactory<L, O> {
  return ((...args: unknown[]): L | Tensor => {
    if (args.length >= 2) {
      const [yTrue, yPred, options] = args as [TensorLike, TensorLike, O | undefined];
      requireData((LossClass as unknown as typeof Loss).logName, yTrue, yPred);
      return new LossClass(options).call(yTrue, yPred);
    }
    return new LossClass(args[0] as O | undefined);
  }) as LossFactory<L, O>;
}
