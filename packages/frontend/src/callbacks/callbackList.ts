/** Calls a hook of several callbacks, one after another. */
import { WeftError, received } from '@weftjs/graph';
import { didYouMean } from '../names/index.ts';
import type { Model } from '../models/model.ts';
import { Callback, type CallbackHooks, type FitParams } from './callback.ts';

/** What `fit({ callbacks })` accepts. */
export type CallbackLike = Callback | CallbackHooks;

const HOOKS: readonly (keyof CallbackHooks)[] = [
  'onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd', 'onTestBegin', 'onTestEnd',
  'onTestBatchBegin', 'onTestBatchEnd', 'onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd',
];

export class CallbackList {
  private readonly callbacks: readonly CallbackHooks[];

  constructor(given: CallbackLike | readonly CallbackLike[] | undefined, model: Model, params: FitParams, own: readonly CallbackHooks[] = []) {
    const list = given === undefined ? [] : Array.isArray(given) ? (given as readonly CallbackLike[]) : [given as CallbackLike];
    for (const callback of list) checkCallback(callback);
    this.callbacks = [...own, ...list];
    for (const callback of this.callbacks) {
      if (!(callback instanceof Callback)) continue;
      callback.setModel(model);
      callback.setParams(params);
    }
  }

  /** Throws for what is not a callback. */
  static check(callback: unknown): void {
    checkCallback(callback);
  }

  /** Whether any callback has a hook. */
  has(hook: keyof CallbackHooks): boolean {
    return this.callbacks.some((callback) => callback[hook] !== undefined);
  }

  async call<H extends keyof CallbackHooks>(hook: H, ...args: Parameters<NonNullable<CallbackHooks[H]>>): Promise<void> {
    for (const callback of this.callbacks) {
      const method = callback[hook] as ((...args: unknown[]) => unknown) | undefined;
      if (method) await method.apply(callback, args);
    }
  }
}

function checkCallback(callback: unknown): void {
  if (callback instanceof Callback) return;
  if (typeof callback !== 'object' || callback === null) {
    throw new WeftError('WEFT_E_ARGUMENT', `A callback must be a Callback or an object of hooks such as { onEpochEnd(epoch, logs) {} }. Received: ${received(callback)}.`);
  }
  for (const name of Object.keys(callback)) {
    if (!(HOOKS as readonly string[]).includes(name)) {
      throw new WeftError('WEFT_E_OPTION', `A callback object may have the hooks ${HOOKS.join(', ')}. Received: \`${name}\`.${didYouMean(name, HOOKS)}`);
    }
  }
}
