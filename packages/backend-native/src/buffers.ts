/** What every backend checks about data and buffers before it does anything. */
import {
  WeftError,
  formatType,
  isHostArray,
  received,
  sizeOf,
  type Buffer,
  type DType,
  type TensorType,
} from '@weftjs/graph';

/** A buffer of one of our backends. */
export interface OwnBuffer extends Buffer {
  readonly owner: object;
  /** Why it is no more. */
  readonly fate: 'freed' | 'donated' | null;
}

export const disposedError = (): WeftError =>
  new WeftError(
    'WEFT_E_STATE',
    'This needs a live backend. Received: a native backend that was disposed. Create a new one.',
  );

/** Checks data for an upload. */
export function checkUpload(data: unknown, type: TensorType, dtypes: readonly DType[], target: string): void {
  if (!dtypes.includes(type.dtype)) {
    throw new WeftError(
      'WEFT_E_UNSUPPORTED',
      `The native engine on ${target} computes with ${dtypes.join(', ')}. Received: ${type.dtype}. Cast it first.`,
    );
  }
  const size = sizeOf(type.shape);
  if (!isHostArray(data, type.dtype) || data.length !== size) {
    throw new WeftError(
      'WEFT_E_DATA',
      `upload needs ${size} elements in the host form of ${formatType(type)}. Received: ${received(data)}. Convert the data first.`,
    );
  }
}

/** The buffer as one of `owner`, live. */
export function requireOwn<Own extends OwnBuffer>(
  buffer: unknown,
  kind: new (...parameters: never[]) => Own,
  owner: object,
  where: string,
): Own {
  if (!(buffer instanceof kind) || buffer.owner !== owner) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${where} needs a buffer of this backend. Received: ${received(buffer)}. Upload the data here first.`,
    );
  }
  if (buffer.fate) {
    throw new WeftError(
      'WEFT_E_STATE',
      `${where} needs a live buffer. Received: ${formatType(buffer.type)} that was ${buffer.fate}. Keep the newest handle.`,
    );
  }
  return buffer;
}

export const disposedExecutableError = (): WeftError =>
  new WeftError(
    'WEFT_E_STATE',
    'run needs a live executable. Received: one that was disposed. Compile the graph again.',
  );
