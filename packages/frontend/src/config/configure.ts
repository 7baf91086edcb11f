/** `configure`: choosing the engine in code. What files, the environment or the page say is read first; code wins. */
import { backendNames, type BackendFactory } from '@weftjs/graph';
import type { Engine } from '../core/engine/engine.ts';
import { engineFor, useEngine } from './engines.ts';
import { BUILT_IN_ENGINES, isEngineValue, parseConfig, type Config, type ConfigLayer } from './schema.ts';
import { mergeLayers, plainOptions, readSources, type Settings } from './sources.ts';

let fromCode: ConfigLayer | null = null;

const engineNames = (): string[] => [...new Set([...BUILT_IN_ENGINES, ...backendNames()])];

/** What counts now, and where each value comes from. */
function settings(): Settings {
  return mergeLayers([...readSources({ engines: engineNames() }), ...(fromCode ? [fromCode] : [])]);
}

/** The engine that the configuration names. */
export function configuredEngine(): Engine {
  const { backend, options } = settings();
  if (isEngineValue(backend.value)) return engineFor(backend.value as BackendFactory);
  return engineFor({ backend: backend.value, ...plainOptions(options) });
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
  const before = fromCode;
  fromCode = parseConfig(config, 'configure(…)', { engines: engineNames(), values: true });
  try {
    const engine = configuredEngine();
    await engine.start();
    useEngine(engine);
  } catch (error) {
    fromCode = before;
    throw error;
  }
}

/** A configured value and its source. */
export interface ConfiguredValue {
  readonly value: unknown;
  readonly source: string;
}

/**
 * What is configured, and by whom.
 *
 * @example
 * currentConfig().backend; // { value: 'native', source: 'default' }
 */
export function currentConfig(): { readonly backend: ConfiguredValue; readonly options: Readonly<Record<string, ConfiguredValue>> } {
  const { backend, options } = settings();
  return { backend: { value: isEngineValue(backend.value) ? backend.value.name : backend.value, source: backend.source }, options };
}
