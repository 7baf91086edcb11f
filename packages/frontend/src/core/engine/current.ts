/**
 * Which engine eager work goes to: the configured one, unless a model that was compiled for another runs its steps just now.
 */
import { defaultEngine } from '../../config/configure.ts';
import type { Engine } from './engine.ts';

const overrides: Engine[] = [];

/** The engine that eager work goes to now. */
export function currentEngine(): Engine {
  return overrides[overrides.length - 1] ?? defaultEngine();
}

/** Runs `body` with `engine` as the current one. */
export function withEngine<T>(engine: Engine, body: () => T): T {
  overrides.push(engine);
  try {
    return body();
  } finally {
    overrides.pop();
  }
}
