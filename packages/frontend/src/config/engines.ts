/**
 * From a name, or what `tfjs()` gives, to an engine. Engines are made once for each name and options and live until `clearSession` or the
 * end of the program.
 */
import { WeftError, lookupBackend, received, type BackendFactory } from '@weftjs/graph';
import { Engine } from '../core/engine/engine.ts';

/** What a person may write where an engine is chosen. */
export type BackendChoice = string | BackendFactory | { readonly backend: string | BackendFactory; readonly [option: string]: unknown };

const engines = /* @__PURE__ */ new Map<string, Engine>();
const byFactory = /* @__PURE__ */ new WeakMap<BackendFactory, Engine>();

/** The engines with adapters that ship with Weft. Their packages are imported by name, and only when they are chosen. */
const PACKAGES: Readonly<Record<string, string>> = { tfjs: '@weftjs/backend-tfjs', onnx: '@weftjs/backend-onnx' };

/** The engine for a choice. */
export function engineFor(choice: BackendChoice): Engine {
  if (isFactory(choice)) {
    let engine = byFactory.get(choice);
    if (!engine) byFactory.set(choice, (engine = new Engine(choice)));
    return engine;
  }
  const { backend, ...options } = typeof choice === 'string' ? { backend: choice } : choice;
  if (isFactory(backend)) return engineFor(backend);
  if (typeof backend !== 'string') {
    throw new WeftError('WEFT_E_CONFIG', `A backend must be given by name or as what its package makes. Received: ${received(backend)}. Write 'native', 'tfjs' or 'onnx', or tfjs({ … }).`);
  }
  const key = `${backend}|${JSON.stringify(options)}`;
  let engine = engines.get(key);
  if (!engine) engines.set(key, (engine = new Engine(namedFactory(backend, options))));
  return engine;
}

function isFactory(value: unknown): value is BackendFactory {
  return typeof value === 'object' && value !== null && typeof (value as BackendFactory).create === 'function';
}

/** A factory that finds the engine's package when it is needed. */
function namedFactory(name: string, options: Readonly<Record<string, unknown>>): BackendFactory {
  const registered = lookupBackend(name);
  if (registered) return registered(options);
  const target = typeof options.target === 'string' ? { target: options.target } : {};
  if (name === 'native') {
    return { name, ...target, create: async () => (await import('@weftjs/backend-native')).native(options).create() };
  }
  const specifier = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
  if (!specifier) {
    throw new WeftError('WEFT_E_NAME', `A backend must be one that Weft knows. Received: ${received(name)}. Write 'native', 'tfjs' or 'onnx', or register your own with registerBackend.`);
  }
  return {
    name,
    ...target,
    create: async () => {
      const module = await importByName(specifier, name);
      return (module[name] as (options: unknown) => BackendFactory)(options).create();
    },
  };
}

/** Imports through a specifier that bundlers do not follow: in Node, Deno and pages with an import map. */
async function importByName(specifier: string, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ specifier)) as Record<string, unknown>;
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_BACKEND',
      `The backend ${name} needs the package ${specifier}. Received: it could not be imported (${cause instanceof Error ? cause.message : String(cause)}). ` +
        `Run npm i ${specifier}; in a bundled page import it yourself: configure({ backend: ${name}() }).`,
      { cause },
    );
  }
}
