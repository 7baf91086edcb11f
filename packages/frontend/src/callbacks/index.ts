/** Callbacks: classes for `new`, and factories. */
import type { CallbackHooks } from './callback.ts';
import { EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.ts';
import { LambdaCallback } from './lambdaCallback.ts';
import { LearningRateScheduler, ReduceLROnPlateau, type ReduceLrOnPlateauOptions } from './learningRate.ts';
import { TerminateOnNaN } from './terminateOnNan.ts';

export { Callback } from './callback.ts';
export type { CallbackHooks, FitParams, HookResult } from './callback.ts';
export type { CallbackLike } from './callbackList.ts';
export { History } from './history.ts';
export { EarlyStopping, LambdaCallback, LearningRateScheduler, ReduceLROnPlateau, TerminateOnNaN };
export type { EarlyStoppingOptions, ReduceLrOnPlateauOptions };

export const earlyStopping = (options?: EarlyStoppingOptions): EarlyStopping => new EarlyStopping(options);
export const lambdaCallback = (hooks?: CallbackHooks): LambdaCallback => new LambdaCallback(hooks);
export const learningRateScheduler = (schedule: (epoch: number, rate: number) => number, options?: { verbose?: 0 | 1 }): LearningRateScheduler => new LearningRateScheduler(schedule, options);
export const reduceLrOnPlateau = (options?: ReduceLrOnPlateauOptions): ReduceLROnPlateau => new ReduceLROnPlateau(options);
export const terminateOnNan = (): TerminateOnNaN => new TerminateOnNaN();
