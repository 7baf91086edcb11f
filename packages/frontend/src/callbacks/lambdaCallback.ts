/** A callback made of functions. `fit` also takes a plain object of hooks. */
import { CallbackList } from './callbackList.ts';
import { Callback, type CallbackHooks } from './callback.ts';

export class LambdaCallback extends Callback {
  static override readonly className = 'LambdaCallback';
  constructor(hooks: CallbackHooks = {}) {
    super();
    CallbackList.check(hooks);
    Object.assign(this, hooks);
  }
}
