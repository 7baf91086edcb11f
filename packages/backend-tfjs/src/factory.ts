/** What users write: `tfjs({ target: 'cpu' })`. */
import { WeftError, received, type BackendFactory } from '@weftjs/graph';
import { TfjsBackend } from './backend.ts';
import { loadEngine, type WasmPaths } from './engine/load.ts';

export interface TfjsOptions {
  /**
   * The tfjs engine: `'wasm'` (the default) and `'cpu'` are loaded on demand; any other is one that you have registered with
   * `@tensorflow/tfjs-core`, such as `'webgl'`, `'webgpu'` or `'tensorflow'`.
   */
  readonly target?: string;
  /** For pages: where the .wasm files of @tensorflow/tfjs-backend-wasm are, a folder or one address for each file. */
  readonly wasmPaths?: WasmPaths;
}

const OPTIONS: ReadonlySet<string> = new Set(['target', 'wasmPaths']);

/**
 * TensorFlow.js as an engine.
 *
 * @throws WEFT_E_OPTION for unknown options; `create` rejects with WEFT_E_BACKEND where the engine is not installed or does not start
 * @example
 * ```ts
 * import { configure } from 'weftjs';
 * import { tfjs } from '@weftjs/backend-tfjs';
 * await configure({ backend: tfjs({ target: 'cpu' }) });
 * ```
 */
export function tfjs(options: TfjsOptions = {}): BackendFactory {
  const unknown = Object.keys(options).find((name) => !OPTIONS.has(name));
  if (unknown !== undefined) {
    throw new WeftError(
      'WEFT_E_OPTION',
      `tfjs accepts the options ${[...OPTIONS].join(', ')}. Received: ${received(unknown)}.`,
    );
  }
  const { target = 'wasm', wasmPaths } = options;
  if (typeof target !== 'string' || target === '') {
    throw new WeftError(
      'WEFT_E_OPTION',
      `tfjs needs the name of an engine as target, such as 'wasm' or 'cpu'. Received: ${received(target)}.`,
    );
  }
  return { name: 'tfjs', target, create: async () => new TfjsBackend(await loadEngine(target, wasmPaths)) };
}
