/**
 * What a configuration may say, wherever it comes from: which engine, and options for it. Configuration is validated where
 * it is read, strictly, and every error names its source, since the person who sees it rarely knows that a file three
 * folders up had a say.
 *
 * A configuration from a file, a page or the environment holds words and numbers only: it can choose among known engines,
 * and can never name a module to load.
 */
import { WeftError, received } from '@weftjs/graph';
import { nearestName } from '../names/nearest.ts';
import { checkRules, isRecord, quoted } from './rules.ts';
import { CONFIG_RULES, engineRules } from './schemaEngines.ts';

/** An engine given as a value: `tfjs({ target: 'cpu' })`. */
export interface EngineValue {
  readonly name: string;
  readonly target?: string;
  create(): unknown;
}

/** The options of an engine, as plain values. */
export type EngineOptions = Readonly<Record<string, unknown>>;

/** A configuration as people write it. */
export interface Config<E = EngineValue> {
  /** An engine by name, or as a value where code configures. */
  backend?: string | E;
  /** Where the engine runs: `wasm` or `webgpu` for native, `wasm` or `cpu` for tfjs, `web` or `node` for onnx. */
  target?: string;
  /** Number of threads, at least 1; not for tfjs, which decides itself. */
  threads?: number;
  /** Every option of the engine, `target` and `threads` among them. */
  backendOptions?: EngineOptions;
}

/** One source's say: the engine and its options in one form. */
export interface ConfigLayer {
  /** Where it comes from, as people know it: a path, a variable, `configure(…)`. */
  readonly source: string;
  readonly backend?: string | EngineValue;
  readonly options: EngineOptions;
}

export interface ParseOptions {
  /** The engines that have a name here: the built-in ones and the registered ones. */
  readonly engines?: readonly string[];
  /** Whether an engine may be given as a value: in code, not in files. */
  readonly values?: boolean;
}

/** The engines with a name of their own. */
export const BUILT_IN_ENGINES = ['native', 'tfjs', 'onnx'] as const;

/**
 * Checks a configuration and brings it into the form of a layer.
 *
 * @throws WeftError `WEFT_E_CONFIG`, naming the source, the key, what was required and the remedy.
 */
export function parseConfig(raw: unknown, source: string, options: ParseOptions = {}): ConfigLayer {
  const { engines = BUILT_IN_ENGINES, values = false } = options;
  if (!isRecord(raw)) {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source}: the configuration must be an object of options. Received: ${received(raw)}. Write for example \`{ "backend": "native" }\`.`,
    );
  }
  checkRules(raw, CONFIG_RULES, '', () => source);
  const { backend, target, threads, backendOptions } = raw as Config<unknown>;

  if (backend !== undefined) checkBackend(backend, source, engines, values);
  const merged: Record<string, unknown> = { ...backendOptions };
  for (const [key, value] of Object.entries({ target, threads })) {
    if (value === undefined) continue;
    if (key in merged && merged[key] !== value) {
      throw new WeftError(
        'WEFT_E_CONFIG',
        `${source}: \`${key}\` must be given once. Received: ${received(value)} and, in \`backendOptions\`, ${received(merged[key])}. Remove one of them.`,
      );
    }
    merged[key] = value;
  }
  const layer: ConfigLayer = {
    source,
    options: merged,
    ...(backend === undefined ? {} : { backend: backend as string | EngineValue }),
  };
  if (isEngineValue(backend) && Object.keys(merged).length > 0) {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source}: an engine given as a value has its options already. Received: ${Object.keys(merged)
        .map((key) => `\`${key}\``)
        .join(', ')} beside it. Write them where the engine is made: \`${backend.name}({ … })\`.`,
    );
  }
  return layer;
}

export function isEngineValue(value: unknown): value is EngineValue {
  return typeof value === 'object' && value !== null && typeof (value as EngineValue).create === 'function';
}

function checkBackend(backend: unknown, source: string, engines: readonly string[], values: boolean): void {
  if (isEngineValue(backend)) {
    if (values) return;
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source}: \`backend\` must be the name of an engine here. Received: ${received(backend)}. Write one of ${quoted(engines)}.`,
    );
  }
  if (typeof backend === 'function') {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source}: \`backend\` must be an engine. Received: ${received(backend)}. Call it: \`backend: ${backend.name || 'engine'}()\`.`,
    );
  }
  if (typeof backend !== 'string') {
    throw new WeftError(
      'WEFT_E_CONFIG',
      `${source}: \`backend\` must be the name of an engine${values ? ', or an engine such as `tfjs()`' : ''}. Received: ${received(backend)}. Write one of ${quoted(engines)}.`,
    );
  }
  if (engines.includes(backend)) return;
  const nearest = nearestName(backend, engines);
  const remedy =
    nearest === undefined
      ? `Known engines: ${engines.join(', ')}. Others become known by \`registerBackend\`.`
      : `Did you mean \`'${nearest}'\`?`;
  throw new WeftError(
    'WEFT_E_CONFIG',
    `${source}: \`backend\` must be an engine that Weft knows. Received: ${received(backend)}. ${remedy}`,
  );
}

/**
 * Checks the options of the engine that was chosen in the end. `sourceOf` tells which source set a key.
 *
 * @throws WeftError `WEFT_E_CONFIG`, naming the source of the key.
 */
export function checkEngineOptions(engine: string, options: EngineOptions, sourceOf: (key: string) => string): void {
  const rules = engineRules(engine);
  if (rules) checkRules(options, rules, ` of ${engine}`, sourceOf);
}
