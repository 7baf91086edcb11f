/**
 * The engine that work goes to, and `configure`, which chooses it in code. What files, the environment or the page say is read when an engine is
 * first needed; checking it is loaded only if they say something.
 */
import type { BackendFactory } from '@weftjs/graph';
import { Engine } from '../core/engine/engine.ts';
import { engineFor } from './engines.ts';
import { anySource } from './present.ts';
import type { Config } from './schema.ts';
import { chosen } from './state.ts';

/** The engine that work goes to: the configured one; native on the best device by default. */
export function defaultEngine(): Engine {
  return (chosen.engine ??= anySource() ? new Engine(configured) : engineFor('native'));
}

/** What the sources name, found out when the engine starts. */
const configured: BackendFactory = {
  name: 'configured',
  create: async () => (await import('./settings.ts')).configuredEngine().start(),
};

/** Makes an engine the one that work goes to. */
export function useEngine(engine: Engine): void {
  chosen.engine = engine;
}

/** Forgets which engine was chosen: the next work reads the configuration again. */
export function forgetEngine(): void {
  chosen.engine = null;
}

/**
 * Chooses the engine for all that follows, and starts it, so that a missing engine is an error here.
 *
 * @throws WeftError `WEFT_E_CONFIG` for a bad configuration, `WEFT_E_BACKEND` when the engine cannot be had.
 * @example
 * await configure({ backend: 'tfjs', target: 'wasm' });
 * await configure({ backend: onnx() });   // with import { onnx } from '@weftjs/backend-onnx'
 */
export async function configure(config: Config<BackendFactory>): Promise<void> {
  const { configuredEngine, layerOf } = await import('./settings.ts');
  const before = chosen.layer;
  chosen.layer = layerOf(config);
  try {
    const engine = configuredEngine();
    await engine.start();
    useEngine(engine);
  } catch (error) {
    chosen.layer = before;
    throw error;
  }
}
