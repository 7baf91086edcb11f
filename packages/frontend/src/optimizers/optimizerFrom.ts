/** From what `compile({ optimizer })` accepts to an optimizer: a name or an optimizer object. */
import { resolveName, type Id } from '../names/index.ts';
import { Optimizer } from './optimizer.ts';
import { Adadelta, Adagrad, Adam, AdamW, Adamax, Lion, Nadam, RMSprop, SGD } from './rules.ts';

/** Optimizers by name. */
export const OPTIMIZERS = {
  adadelta: Adadelta,
  adagrad: Adagrad,
  adam: Adam,
  adamW: AdamW,
  adamax: Adamax,
  lion: Lion,
  nadam: Nadam,
  rmsprop: RMSprop,
  sgd: SGD,
} as const;

export type OptimizerName = keyof typeof OPTIMIZERS;
export type OptimizerLike = Id<OptimizerName> | Optimizer;

/** The optimizer that `value` stands for. */
export function optimizerFrom(value: OptimizerLike): Optimizer {
  if (value instanceof Optimizer) return value as unknown as Optimizer;
  return new OPTIMIZERS[resolveName('optimizer', value, OPTIMIZERS)]() as unknown as Optimizer;
}
