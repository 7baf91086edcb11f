/**
 * Where configuration comes from, and who wins. Each later one beats the earlier:
 *
 * - Node, Deno, Bun: `weft.config.json`, the nearest one up to the folder with a package.json; then `WEFT_BACKEND` and
 *   `WEFT_BACKEND_OPTIONS`.
 * - A page: `<script type="application/weft+json">`. A worker has neither, only code.
 * - Everywhere: `configure(…)`, then `model.compile({ backend })`.
 *
 * Node's modules are reached through `process.getBuiltinModule`, so that bundlers for pages see no import of them.
 */
import { WeftError, isWeftError, received } from '@weftjs/graph';
import { PAGE_SELECTOR, configFile, surroundings, type Surroundings } from './present.ts';
import { parseStrictJson } from '../saving/strictJson.ts';
import type { ConfigLayer, EngineOptions, EngineValue, ParseOptions } from './schema.ts';
import { checkEngineOptions, isEngineValue, parseConfig } from './schema.ts';

const MAX_CHARACTERS = 1_000_000;

/**
 * The layers that the surroundings contribute, weakest first. Sources that say nothing are left out.
 *
 * @throws WeftError `WEFT_E_CONFIG`, naming the source.
 */
export function readSources(options: ParseOptions = {}, place: Surroundings = surroundings()): ConfigLayer[] {
  return [readFileSource(options, place), readEnvironment(options, place), readPage(options, place)].filter(
    (layer) => layer !== undefined,
  );
}

function readFileSource(options: ParseOptions, place: Surroundings): ConfigLayer | undefined {
  const file = configFile(place);
  const text = file === undefined ? undefined : place.readText?.(file);
  return file === undefined || text === undefined ? undefined : parseConfig(parseJson(text, file), file, options);
}

function readEnvironment(options: ParseOptions, { env = {} }: Surroundings): ConfigLayer | undefined {
  const backend = env.WEFT_BACKEND?.trim();
  const text = env.WEFT_BACKEND_OPTIONS?.trim();
  const hasBackend = backend !== undefined && backend !== '';
  if (!hasBackend && !text) return undefined;
  const raw = { ...(hasBackend ? { backend } : {}), ...(text ? { backendOptions: parseOptionsText(text) } : {}) };
  const source = !text ? 'WEFT_BACKEND' : hasBackend ? 'WEFT_BACKEND and WEFT_BACKEND_OPTIONS' : 'WEFT_BACKEND_OPTIONS';
  return parseConfig(raw, source, options);
}

/** `{"target":"webgpu"}`, or the shell-friendly `target=webgpu,threads=4`. */
function parseOptionsText(text: string): unknown {
  const source = 'WEFT_BACKEND_OPTIONS';
  if (text.startsWith('{')) return parseJson(text, source);
  const result: Record<string, unknown> = {};
  for (const part of text.split(',')) {
    const found = /^\s*([A-Za-z]\w*)\s*=\s*(.*?)\s*$/.exec(part);
    if (found === null) {
      throw new WeftError(
        'WEFT_E_CONFIG',
        `${source} must be a JSON object or \`name=value\` pairs. Received: ${received(text)}. Write for example \`target=wasm,threads=2\`.`,
      );
    }
    const [, key = '', value = ''] = found;
    result[key] =
      value === 'true' || value === 'false' ? value === 'true' : /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  }
  return result;
}

function readPage(options: ParseOptions, { document }: Surroundings): ConfigLayer | undefined {
  const source = '<script type="application/weft+json">';
  const found = document?.querySelectorAll(PAGE_SELECTOR);
  if (found === undefined || found.length === 0) return undefined;
  if (found.length > 1) {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `A page must hold one ${source}. Received: ${found.length} of them. Put all options into the first and remove the others.`,
    );
  }
  return parseConfig(parseJson(found[0]?.textContent ?? '', source), source, options);
}

function parseJson(text: string, source: string): unknown {
  if (text.length > MAX_CHARACTERS) {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source} must have at most ${MAX_CHARACTERS} characters. Received: ${text.length}. It is probably another file.`,
    );
  }
  try {
    return parseStrictJson(text.replace(/^\uFEFF/, ''), { maxDepth: 8, what: source });
  } catch (cause) {
    const reason = isWeftError(cause) ? (/Received: (.*) at character (\d+)/.exec(cause.message)?.slice(1) ?? []) : [];
    const line = text.slice(0, Number(reason[1] ?? 0)).split('\n').length;
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source} must be JSON. Received: ${reason[0] ?? 'something else'} on line ${line}. Names and text stand in double quotes, and no comma follows the last entry.`,
      { cause },
    );
  }
}

/** A value and where it came from. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

/** What counts in the end. */
export interface Settings {
  readonly backend: Setting<string | EngineValue>;
  /** The engine's options, each with its source. */
  readonly options: Readonly<Record<string, Setting<unknown>>>;
}

/** What counts when nobody says anything: native, which picks a hardware GPU or WebAssembly by itself. */
const DEFAULT: ConfigLayer = { source: 'default', backend: 'native', options: {} };

/**
 * Lays the layers over each other, the last one on top. Options belong to their engine: a source that changes the engine
 * drops the options that earlier sources gave to another one.
 *
 * @throws WeftError `WEFT_E_CONFIG` when an option does not fit the engine, naming the source of the option.
 */
export function mergeLayers(layers: readonly ConfigLayer[]): Settings {
  let backend: Setting<string | EngineValue> = { value: 'native', source: 'default' };
  let options: Record<string, Setting<unknown>> = {};
  for (const layer of [DEFAULT, ...layers]) {
    if (layer.backend !== undefined) {
      if (layer.backend !== backend.value) options = {};
      backend = { value: layer.backend, source: layer.source };
    }
    for (const [key, value] of Object.entries(layer.options)) options[key] = { value, source: layer.source };
  }
  if (isEngineValue(backend.value)) {
    const [stray] = Object.keys(options);
    if (stray !== undefined) {
      throw new WeftError(
        'WEFT_E_CONFIG',
        `${options[stray]?.source}: an engine given as a value, by ${backend.source}, has its options already. Received: \`${stray}\` beside it. Write it where the engine is made: \`${backend.value.name}({ ${stray}: … })\`.`,
      );
    }
  } else {
    checkEngineOptions(backend.value, plainOptions(options), (key) => options[key]?.source ?? backend.source);
  }
  return { backend, options };
}

/** The options without their sources. */
export function plainOptions(options: Settings['options']): EngineOptions {
  return Object.fromEntries(Object.entries(options).map(([key, { value }]) => [key, value]));
}
