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

/** Optimizers by name whose code is loaded when a model asks for one, see {@link loadOptimizer}. */
const LATER = ['adafactor', 'ftrl', 'lamb'] as const;

/** The name of an optimizer whose code is not loaded. */
export type LaterOptimizer = (typeof LATER)[number];
export type OptimizerName = keyof typeof OPTIMIZERS | LaterOptimizer;
export type OptimizerLike = Id<OptimizerName> | Optimizer;

/** The optimizer that `value` stands for, or its name where {@link loadOptimizer} must load it. */
export function optimizerFrom(value: OptimizerLike): Optimizer | LaterOptimizer {
  if (value instanceof Optimizer) return value as unknown as Optimizer;
  const name = resolveName<OptimizerName>('optimizer', value, [...(Object.keys(OPTIMIZERS) as (keyof typeof OPTIMIZERS)[]), ...LATER]);
  return Object.hasOwn(OPTIMIZERS, name) ? (new OPTIMIZERS[name as keyof typeof OPTIMIZERS]() as unknown as Optimizer) : (name as LaterOptimizer);
}

/** Loads the code of an optimizer that is given by name. */
export async function loadOptimizer(name: LaterOptimizer): Promise<Optimizer> {
  return new (await import('./later.ts')).LATER_OPTIMIZERS[name]() as unknown as Optimizer;
}
