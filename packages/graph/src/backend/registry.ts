/**
 * Engines by name, for configuration: `{ backend: 'tfjs' }`. The table lives on `globalThis` under a registered symbol, so that two copies
 * of this package on one page share it. Nothing registers itself at import.
 */
import { WeftError, received } from '../core/errors.ts';
import type { BackendFactory } from './contract.ts';

/** Makes the factory of an engine from its options, `target` among them. */
export type FactoryMaker = (options?: { readonly target?: string; readonly [name: string]: unknown }) => BackendFactory;

const key = Symbol.for('weft.backends');

function table(): Map<string, FactoryMaker> {
  const home = globalThis as { [key]?: Map<string, FactoryMaker> };
  return (home[key] ??= new Map());
}

/** Makes an engine known under a name. A second registration of a name replaces the first. */
export function registerBackend(name: string, maker: FactoryMaker): void {
  if (typeof name !== 'string' || !/^[a-z][\w.-]*$/i.test(name)) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `A backend needs a name of letters, digits, dots and dashes. Received: ${received(name)}.`,
    );
  }
  if (typeof maker !== 'function') {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `registerBackend needs a function that makes a backend factory. Received: ${received(maker)}.`,
    );
  }
  table().set(name, maker);
}

/** The engine registered under a name, if there is one. */
export function lookupBackend(name: string): FactoryMaker | undefined {
  return table().get(name);
}

/** The registered names, in order of registration. */
export function backendNames(): string[] {
  return [...table().keys()];
}
