/**
 * Reading the configurations of models with all built-in layers at hand: `weftjs/saving/config`. It is apart from the main entry, since whoever
 * imports it carries every layer.
 */
import type { FromConfigOptions } from '../models/fromConfig.ts';
import { Model } from '../models/model.ts';
import { Sequential } from '../models/sequential.ts';
import { builtinClasses } from './builtins.ts';

/**
 * Makes a model from what `getConfig` gave, or the same after JSON, with new weights.
 *
 * @throws WeftError `WEFT_E_NAME` for an unknown class, `WEFT_E_CONFIG` for anything but such a configuration.
 * @example
 * const copy = await modelFromConfig(model.getConfig());
 */
export function modelFromConfig(config: Record<string, unknown>, options: FromConfigOptions = {}): Promise<Model> {
  const Class = (typeof config === 'object' && config !== null && 'inputLayers' in config ? Model : Sequential) as typeof Model;
  return Class.fromConfig(config, { ...options, customObjects: { ...builtinClasses(), ...options.customObjects } }) as Promise<Model>;
}

export { builtinClasses } from './builtins.ts';
export type { FromConfigOptions } from '../models/fromConfig.ts';
