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
  /** The callback whose hook failed: when that hook is called again, those before it have done their part. */
  private failed: { readonly hook: string; readonly at: number } | null = null;

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
    const { callbacks, failed } = this;
    this.failed = null;
    for (let at = failed?.hook === hook ? failed.at : 0; at < callbacks.length; at++) {
      const callback = callbacks[at] as CallbackHooks;
      try {
        await (callback[hook] as ((...args: unknown[]) => unknown) | undefined)?.apply(callback, args);
      } catch (error) {
        // steps are done again from an earlier one
        if (!hook.includes('Batch')) this.failed = { hook, at };
        throw error;
      }
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
