/** Buffers: what users of the backend hold. A buffer is alive, freed, donated, or poisoned by the failure of the run that should have made it. */
import {
  WeftError,
  bytesPerElement,
  formatType,
  received,
  sizeOf,
  type Buffer,
  type TensorType,
  type WeftError as WeftFailure,
} from '@weftjs/graph';
import type { Tensor } from '../engine/engine.ts';

export type BufferState =
  | { readonly kind: 'alive'; readonly tensor: Tensor }
  | { readonly kind: 'poisoned'; readonly error: WeftFailure }
  | { readonly kind: 'freed' }
  | { readonly kind: 'donated' };

const brand = Symbol.for('weft.tfjs.buffer');

export class TfjsBuffer implements Buffer {
  readonly [brand] = true;
  readonly type: TensorType;
  readonly owner: object;
  state: BufferState;

  constructor(type: TensorType, owner: object, state: BufferState) {
    this.type = type;
    this.owner = owner;
    this.state = state;
  }

  /** Bytes that the elements take on the device. */
  get bytes(): number {
    if (this.state.kind !== 'alive') return 0;
    return sizeOf(this.type.shape) * bytesPerElement(this.type.dtype);
  }
}

/** The buffer as one of `owner`'s, or a teaching error. */
export function ownBuffer(value: unknown, owner: object, what: string): TfjsBuffer {
  if (typeof value !== 'object' || value === null || !(brand in value)) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${what} must be a buffer of this backend. Received: ${received(value)}. Make one with upload.`,
    );
  }
  const buffer = value as TfjsBuffer;
  if (buffer.owner !== owner) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `${what} must be a buffer of this backend. Received: ${formatType(buffer.type)} of another backend. Read it there and upload it here.`,
    );
  }
  return buffer;
}

/** Throws unless the buffer may still be used; a poisoned one may be named, and gives its error later. */
export function requireLiving(buffer: TfjsBuffer, what: string): void {
  const { kind } = buffer.state;
  if (kind === 'freed' || kind === 'donated') {
    throw new WeftError(
      'WEFT_E_STATE',
      `${what} must be alive. Received: a buffer ${formatType(buffer.type)} that was ${kind}. ` +
        (kind === 'donated' ? 'Use the output that took its place.' : 'Free buffers after their last use.'),
    );
  }
}
