/** Making an instance of a module: at once, except in the thread that shows a page, which must not be held up by compiling. */
import { WeftError } from '@weftjs/graph';

/** Smaller modules are compiled at once everywhere; browsers refuse larger ones in the thread that shows a page. */
const SYNCHRONOUS_BYTES = 4096;

/** @throws WeftError `WEFT_E_BACKEND` where the page's Content-Security-Policy forbids WebAssembly. */
export function instantiate(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports): WebAssembly.Instance | Promise<WebAssembly.Instance> {
  const explain = (error: unknown): never => {
    if (error instanceof WebAssembly.CompileError && /content security policy|unsafe-eval/i.test(error.message)) {
      throw new WeftError('WEFT_E_BACKEND', `The native engine needs a page that may compile WebAssembly. Received: ${error.message}. Add 'wasm-unsafe-eval' to script-src of its Content-Security-Policy.`, { cause: error });
    }
    throw error;
  };
  try {
    if (typeof document !== 'undefined' && bytes.length > SYNCHRONOUS_BYTES) {
      return WebAssembly.instantiate(bytes, imports).then(({ instance }) => instance, explain);
    }
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  } catch (error) {
    return explain(error);
  }
}
