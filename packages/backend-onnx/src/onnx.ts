/** The factory that configuration names and users call. */
import { WeftError, received, type BackendFactory } from '@weftjs/graph';
import { OnnxBackend } from './backend/backend.ts';
import { loadRuntime, type OnnxTarget } from './session/runtime.ts';

export interface OnnxOptions {
  /** `web` (default) runs on onnxruntime-web, in pages and in Node; `node` on onnxruntime-node, where that package is installed. */
  readonly target?: OnnxTarget;
  /** Threads that the engine may use: 1 by default. More need cross-origin isolation in a page, where the first backend decides for all. */
  readonly threads?: number;
  /** Where a page finds the files of onnxruntime-web, when the bundler does not serve them. */
  readonly wasmPaths?: string;
}

const OPTIONS: readonly string[] = ['target', 'threads', 'wasmPaths'];

/**
 * ONNX Runtime as an engine. A graph, a whole training step included, becomes one ONNX model and runs as one session.
 *
 * @throws WeftError `WEFT_E_OPTION` for unknown options or values; `create` throws `WEFT_E_BACKEND` when the runtime is not installed.
 *
 * @example
 * ```ts
 * const backend = await onnx({ target: 'web' }).create();
 * ```
 */
export function onnx(options: OnnxOptions = {}): BackendFactory {
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined) {
    throw new WeftError('WEFT_E_OPTION', `onnx knows the options ${OPTIONS.join(', ')}. Received: ${received(unknown)}. Remove or rename it.`);
  }
  const { target = 'web', threads = 1, wasmPaths } = options;
  if (target !== 'web' && target !== 'node') {
    throw new WeftError('WEFT_E_OPTION', `The target of onnx must be 'web' or 'node'. Received: ${received(target)}. Choose one of them.`);
  }
  if (!Number.isInteger(threads) || threads < 1) {
    throw new WeftError('WEFT_E_OPTION', `threads must be a whole number >= 1. Received: ${received(threads)}. Use 1 when in doubt.`);
  }
  return {
    name: 'onnx',
    target,
    create: async () => new OnnxBackend(await loadRuntime({ target, threads, wasmPaths })),
  };
}
