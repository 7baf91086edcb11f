/** Optimizers: classes for `new`, factories, and lookup by name. */
import { Adafactor, type AdafactorOptions } from './adafactor.ts';
import { Ftrl, type FtrlOptions } from './ftrl.ts';
import { Lamb, type LambOptions } from './lamb.ts';
import {
  Adadelta, Adagrad, Adam, AdamW, Adamax, Lion, Nadam, RMSprop, SGD,
  type AdadeltaOptions, type AdagradOptions, type AdamOptions, type LionOptions, type RmspropOptions, type SgdOptions,
} from './rules.ts';

export { Optimizer } from './optimizer.ts';
export type { OptimizerOptions } from './optimizer.ts';
export * from './adafactor.ts';
export * from './ftrl.ts';
export * from './lamb.ts';
export * from './rules.ts';
export * from '../schedules/index.ts';

export const sgd = (options?: SgdOptions): SGD => new SGD(options);
export const rmsprop = (options?: RmspropOptions): RMSprop => new RMSprop(options);
export const adam = (options?: AdamOptions): Adam => new Adam(options);
export const adamW = (options?: AdamOptions): AdamW => new AdamW(options);
export const adagrad = (options?: AdagradOptions): Adagrad => new Adagrad(options);
export const adadelta = (options?: AdadeltaOptions): Adadelta => new Adadelta(options);
export const adamax = (options?: Omit<AdamOptions, 'amsgrad'>): Adamax => new Adamax(options);
export const nadam = (options?: Omit<AdamOptions, 'amsgrad'>): Nadam => new Nadam(options);
export const lion = (options?: LionOptions): Lion => new Lion(options);
export const adafactor = (options?: AdafactorOptions): Adafactor => new Adafactor(options);
export const ftrl = (options?: FtrlOptions): Ftrl => new Ftrl(options);
export const lamb = (options?: LambOptions): Lamb => new Lamb(options);
