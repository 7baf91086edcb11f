/** Activations by name. */
import type { Tensor } from '../core/tensor/tensor.ts';
import { resolveName } from '../names/resolve.ts';
import type { Id } from '../names/words.ts';
import * as axis from './axis.ts';
import * as functions from './functions.ts';

/** A function that a layer applies to its outputs. */
export type Activation = (x: Tensor) => Tensor;

const ACTIVATIONS = {
  linear: functions.linear,
  relu: functions.relu,
  relu6: functions.relu6,
  leakyRelu: functions.leakyRelu,
  elu: functions.elu,
  celu: functions.celu,
  selu: functions.selu,
  sigmoid: functions.sigmoid,
  logSigmoid: functions.logSigmoid,
  hardSigmoid: functions.hardSigmoid,
  sparseSigmoid: functions.sparseSigmoid,
  silu: functions.silu,
  hardSilu: functions.hardSilu,
  tanh: functions.tanh,
  tanhShrink: functions.tanhShrink,
  hardTanh: functions.hardTanh,
  mish: functions.mish,
  gelu: functions.gelu,
  exponential: functions.exponential,
  softplus: functions.softplus,
  softsign: functions.softsign,
  sparsePlus: functions.sparsePlus,
  squareplus: functions.squareplus,
  softShrink: functions.softShrink,
  hardShrink: functions.hardShrink,
  threshold: functions.threshold,
  softmax: axis.softmax,
  logSoftmax: axis.logSoftmax,
  glu: axis.glu,
  sparsemax: axis.sparsemax,
} satisfies Record<string, Activation>;

export type ActivationName = keyof typeof ACTIVATIONS | 'swish' | 'hardSwish';
/** What an option that takes an activation accepts. */
export type ActivationLike = Id<ActivationName> | Activation | null;

/**
 * The activation that a name or function stands for; nothing is `linear`.
 *
 * @example
 * activationFrom('hard_sigmoid')(x);
 */
export function activationFrom(given: ActivationLike | undefined): Activation {
  if (given === undefined || given === null) return functions.linear;
  if (typeof given === 'function') return given;
  const table: Readonly<Record<keyof typeof ACTIVATIONS, Activation>> = ACTIVATIONS;
  return table[resolveName('activation', given, table)];
}

/** The name of a known activation, which saved files use; a function of one's own stays what it is. */
export function activationName(activation: Activation): string | Activation {
  return Object.entries<Activation>(ACTIVATIONS).find(([, known]) => known === activation)?.[0] ?? activation;
}
