/** `currentConfig`: what is configured, and by whom. */
import { isEngineValue } from './schema.ts';
import { settings } from './settings.ts';

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
