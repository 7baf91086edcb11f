/** Making an instance of a module: at once, except in the thread that shows a page, which must not be held up by compiling. */
import { WeftError } from '@weftjs/graph';

/** Smaller modules are compiled at once everywhere; browsers refuse larger ones in the thread that shows a page. */
const SYNCHRONOUS_BYTES = 4096;

export interface Instantiated {
  readonly module: WebAssembly.Module;
  readonly instance: WebAssembly.Instance;
}

/** @throws WeftError `WEFT_E_BACKEND` where the page's Content-Security-Policy forbids WebAssembly. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): Instantiated | Promise<Instantiated> {
  const explain = (error: unknown): never => {
    if (error instanceof WebAssembly.CompileError && /content security policy|unsafe-eval/i.test(error.message)) {
      throw new WeftError('WEFT_E_BACKEND', `The native engine needs a page that may compile WebAssembly. Received: ${error.message}. Add 'wasm-unsafe-eval' to script-src of its Content-Security-Policy.`, { cause: error });
    }
    throw error;
  };
  try {
    if (typeof document !== 'undefined' && bytes.length > SYNCHRONOUS_BYTES) return WebAssembly.instantiate(bytes, imports).catch(explain);
    const module = new WebAssembly.Module(bytes);
    return { module, instance: new WebAssembly.Instance(module, imports) };
  } catch (error) {
    return explain(error);
  }
}
