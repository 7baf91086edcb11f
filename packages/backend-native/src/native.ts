/** The factory of the native engine. */
import { WeftError, received, type BackendFactory } from '@weftjs/graph';
import { WasmBackend } from './wasm/backend.ts';

export interface NativeOptions {
  /** What to compile to: `'wasm'`. */
  target?: 'wasm';
  /** The most memory, in bytes, that tensors and intermediates may take together; 4 GiB less 64 KiB by default, which is all that WebAssembly can address. */
  maxMemoryBytes?: number;
}

const ADDRESSABLE = 2 ** 32 - 65536;

/**
 * The native engine: graphs compiled to fused kernels, here in WebAssembly with SIMD.
 *
 * @throws WeftError `WEFT_E_OPTION` for an unknown option or target.
 * @example
 * ```ts
 * const backend = await native({ target: 'wasm' }).create();
 * ```
 */
export function native(options: NativeOptions = {}): BackendFactory {
  if (typeof options !== 'object' || options === null) {
    throw new WeftError('WEFT_E_OPTION', `native needs an object of options. Received: ${received(options)}. Write native({ target: 'wasm' }).`);
  }
  const unknown = Object.keys(options).find((name) => name !== 'target' && name !== 'maxMemoryBytes');
  if (unknown !== undefined) {
    throw new WeftError('WEFT_E_OPTION', `native knows the options target and maxMemoryBytes. Received: ${received(unknown)}. Remove it, or check its spelling.`);
  }
  const { target = 'wasm', maxMemoryBytes = ADDRESSABLE } = options;
  if (target !== 'wasm') {
    throw new WeftError('WEFT_E_OPTION', `native needs target 'wasm'. Received: ${received(target)}. Use native({ target: 'wasm' }).`);
  }
  if (!Number.isInteger(maxMemoryBytes) || maxMemoryBytes < 2 ** 20 || maxMemoryBytes > ADDRESSABLE) {
    throw new WeftError('WEFT_E_OPTION', `native needs maxMemoryBytes from ${2 ** 20} to ${ADDRESSABLE}. Received: ${received(maxMemoryBytes)}. Leave it out for the most.`);
  }
  return { name: 'native', target, create: async () => new WasmBackend({ maxMemoryBytes }) };
}
