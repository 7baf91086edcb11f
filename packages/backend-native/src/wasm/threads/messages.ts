/** What the main thread sends to its workers. Workers answer only through the control words. */
import type { CONTROL, STATE, WORKER } from './control.ts';

/** The first message. It brings the layout of the control words, since the code of a worker must stand alone. */
export interface Hello {
  readonly kind: 'hello';
  readonly memory: WebAssembly.Memory;
  /** Where the worker's own line begins. */
  readonly line: number;
  readonly control: typeof CONTROL;
  readonly worker: typeof WORKER;
  readonly state: typeof STATE;
}

/** A new executable, or the end of one. */
export type Message =
  | Hello
  | { readonly kind: 'module'; readonly id: number; readonly module: WebAssembly.Module }
  | { readonly kind: 'drop'; readonly id: number }
  /** Only to be in the event loop for a moment, and then back to watching. */
  | { readonly kind: 'watch' };
