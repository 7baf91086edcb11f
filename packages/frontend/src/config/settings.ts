/** All sources together: files, the environment, the page, and code on top. Loaded only where a source says something. */
import { backendNames, type BackendFactory } from '@weftjs/graph';
import type { Engine } from '../core/engine/engine.ts';
import { engineFor } from './engines.ts';
import { BUILT_IN_ENGINES, isEngineValue, parseConfig, type Config, type ConfigLayer } from './schema.ts';
import { mergeLayers, plainOptions, readSources, type Settings } from './sources.ts';
import { chosen } from './state.ts';

const engineNames = (): string[] => [...new Set([...BUILT_IN_ENGINES, ...backendNames()])];

/** What counts now, and where each value comes from. */
export function settings(): Settings {
  return mergeLayers([...readSources({ engines: engineNames() }), ...(chosen.layer ? [chosen.layer] : [])]);
}

/** Checks what code says. */
export function layerOf(config: Config<BackendFactory>): ConfigLayer {
  return parseConfig(config, 'configure(…)', { engines: engineNames(), values: true });
}

/** The engine that the configuration names. */
export function configuredEngine(): Engine {
  const { backend, options } = settings();
  if (isEngineValue(backend.value)) return engineFor(backend.value as BackendFactory);
  return engineFor({ backend: backend.value, ...plainOptions(options) });
}
