/** Errors of ONNX Runtime as typed errors that name the op of the graph. */
import { isWeftError, WeftError } from '@weftjs/graph';

/** The runtime names the failing node; the part before the slash is the op that we lowered to it. */
const NODE_NAME = /([a-z]\w*?)_\d+\/[A-Z]\w*/i;

export function engineError(doing: string, error: unknown): WeftError {
  if (isWeftError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  const op = NODE_NAME.exec(text)?.[1];
  const at = op ? ` at op ${op}` : '';
  if (/bad_alloc|out of memory|failed to allocate|allocation failed|memory access out of bounds/i.test(text)) {
    return new WeftError('WEFT_E_MEMORY', `${doing} needs more memory than ONNX Runtime could get${at}. Received: ${text}. Use a smaller batch or model.`, {
      cause: error,
    });
  }
  return new WeftError('WEFT_E_BACKEND', `${doing} failed in ONNX Runtime${at}. Received: ${text}. Try another backend, and report this graph.`, {
    cause: error,
  });
}
