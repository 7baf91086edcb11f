/**
 * What a configuration may say, wherever it comes from: which engine, and options for it. Configuration is validated where
 * it is read, strictly, and every error names its source, since the person who sees it rarely knows that a file three
 * folders up had a say.
 *
 * A configuration from a file, a page or the environment holds words and numbers only: it can choose among known engines,
 * and can never name a module to load. Its form is a zod schema (zod/mini, which costs a page about 5 kB).
 */
import { WeftError, received } from '@weftjs/graph';
import * as z from 'zod/mini';
import { nearestName } from '../names/nearest.ts';
import { ENGINE_OPTIONS, engineSchema } from './schemaEngines.ts';

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

const KEYS = ['backend', 'target', 'threads', 'backendOptions'];

function configSchema(): z.ZodMiniType {
  return z.strictObject({
    $schema: z.optional(z.string()),
    backend: z.optional(z.unknown()),
    target: z.optional(z.string()),
    threads: z.optional(z.unknown()),
    backendOptions: z.optional(z.record(z.string(), z.unknown())),
  });
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
  const parsed = z.safeParse(configSchema(), raw);
  if (!parsed.success) throw configError(source, parsed.error.issues, raw, KEYS, '');
  const { backend, target, threads, backendOptions } = parsed.data as Config<unknown>;

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
  const schema = engineSchema(engine);
  if (schema === undefined) return;
  const parsed = z.safeParse(schema, options);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const key = String(issue?.code === 'unrecognized_keys' ? issue.keys[0] : (issue?.path[0] ?? ''));
  throw configError(sourceOf(key), parsed.error.issues, options, ENGINE_OPTIONS[engine] ?? [], ` of ${engine}`);
}

const quoted = (words: readonly string[]): string => words.map((word) => `\`'${word}'\``).join(', ');

/** The first issue of zod as a sentence of ours. */
function configError(
  source: string,
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  known: readonly string[],
  owner: string,
): WeftError {
  const issue = issues[0] as z.core.$ZodIssue;
  const path = issue.path.map(String);
  const name = path.length === 0 ? 'the configuration' : `\`${path.join('.')}\`${owner}`;
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], raw);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    const nearest = nearestName(key, known);
    const remedy = nearest === undefined ? `Known: ${known.join(', ')}.` : `Did you mean \`${nearest}\`?`;
    return new WeftError('WEFT_E_CONFIG', `${source}: unknown option \`${key}\`${owner}. ${remedy}`);
  }
  const got = `Received: ${received(value)}.`;
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const nearest = typeof value === 'string' ? nearestName(value, words) : undefined;
    return new WeftError(
      'WEFT_E_CONFIG',
      `${source}: ${name} must be one of ${quoted(words)}. ${got}${nearest === undefined ? ' Write one of these' : ` Did you mean \`'${nearest}'\``}${nearest === undefined ? '.' : '?'}`,
    );
  }
  const numeric = NUMERIC.get(path.at(-1) ?? '');
  const requirement = numeric ?? (issue.code === 'invalid_type' ? kind(issue.expected) : issue.message);
  return new WeftError(
    'WEFT_E_CONFIG',
    `${source}: ${name} must be ${requirement}. ${got} Write for example ${example(path.at(-1))}.`,
  );
}

/** What numeric options must be. */
const NUMERIC: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['threads', 'a whole number from 1 to 1024'],
  ['maxMemoryBytes', 'a whole number of bytes from 1048576'],
]);

function kind(expected: string): string {
  if (expected === 'object' || expected === 'record') return 'an object of options';
  return expected === 'boolean' ? '`true` or `false`' : expected === 'string' ? 'text' : expected;
}

function example(key: string | undefined): string {
  if (key === 'threads') return '`"threads": 4`';
  if (key === 'maxMemoryBytes') return '`"maxMemoryBytes": 1073741824`';
  if (key === 'target') return '`"target": "wasm"`';
  if (key === 'backendOptions') return '`"backendOptions": { "threads": 4 }`';
  if (key === 'allowSoftware' || key === 'relaxedSimd' || key === 'worker' || key === 'autotune') return `\`"${key}": true\``;
  return '`{ "backend": "native" }`';
}
