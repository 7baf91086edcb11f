/** @weftjs/backend-native: the engine that compiles graphs itself. */
export { native, type NativeOptions } from './native.ts';
export type { TuningTable } from './tune/tuner.ts';
