/**
 * Errors that teach. Every error that a user can cause says what was required, what was received and the remedy,
 * and carries a stable code, so that programs can branch on it and the documentation can explain it.
 */

/** The stable codes. A code is never renamed; texts may improve. */
export type WeftErrorCode =
  | 'WEFT_E_ARGUMENT' // a value of the wrong kind, or out of range
  | 'WEFT_E_OPTION' // an unknown or contradictory option
  | 'WEFT_E_NAME' // an unknown string id: an op, layer, loss, activation, engine
  | 'WEFT_E_SHAPE' // shapes that do not fit together
  | 'WEFT_E_DTYPE' // a dtype that is not accepted here
  | 'WEFT_E_DATA' // data that do not match: empty, x and y of different lengths, labels out of range
  | 'WEFT_E_STATE' // called too early or too late: not built, not compiled, disposed, donated
  | 'WEFT_E_BUSY' // a second fit while one runs; usually a forgotten await
  | 'WEFT_E_AWAIT' // a promise used where its result was meant
  | 'WEFT_E_TRACE' // a value was needed while a graph was being traced
  | 'WEFT_E_GRADIENT' // no gradient exists
  | 'WEFT_E_CONFIG' // a bad configuration source
  | 'WEFT_E_BACKEND' // an engine is missing, or failed
  | 'WEFT_E_UNSUPPORTED' // this engine or device cannot do this
  | 'WEFT_E_MEMORY' // out of memory
  | 'WEFT_E_DEVICE_LOST' // the device went away
  | 'WEFT_E_FILE' // a file that is damaged, hostile or of another format
  | 'WEFT_E_ABORTED' // stopped by a signal
  | 'WEFT_E_INTERNAL'; // our own bug

const brand = Symbol.for('weft.error');

/** The one error class of Weft. Compare `error.code`, not the text, and use {@link isWeftError} rather than `instanceof`. */
export class WeftError extends Error {
  readonly code: WeftErrorCode;
  readonly [brand] = true;

  constructor(code: WeftErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WeftError';
    this.code = code;
  }
}

/** True for a `WeftError` from any copy of this package (a page may hold two). */
export function isWeftError(error: unknown, code?: WeftErrorCode): error is WeftError {
  return (
    typeof error === 'object' && error !== null && brand in error && (code === undefined || (error as WeftError).code === code)
  );
}

/** An error that is our own bug: the text asks for a report. */
export function internalError(message: string): WeftError {
  return new WeftError('WEFT_E_INTERNAL', `internal: ${message}. This is a bug in Weft; please report it with the code that led here.`);
}

/** Renders a value for the `Received: …` part of a message: short, unambiguous, one line. */
export function received(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (Array.isArray(value)) return `[${value.length > 8 ? `${value.slice(0, 8).map(received).join(', ')}, … (${value.length})` : value.map(received).join(', ')}]`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length ?? value.byteLength})`;
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function';
  if (typeof value === 'object' && value !== null) {
    const type = value.constructor?.name ?? 'Object';
    if (type !== 'Object') return `a ${type}`;
    const keys = Object.keys(value);
    return `{ ${keys.slice(0, 6).join(', ')}${keys.length > 6 ? ', …' : ''} }`;
  }
  return String(value);
}
