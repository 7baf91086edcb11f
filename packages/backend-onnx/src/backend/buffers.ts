/**
 * Buffers are promises of tensors. A handle exists as soon as work is enqueued; its slot is filled, or poisoned, when that work is done.
 * Tensors are never written again, so that a slot outlives its handle for as long as enqueued work needs it.
 */
import { WeftError, bytesPerElement, formatType, received, sizeOf, type Buffer, type TensorType, type TypedArray } from '@weftjs/graph';
import type { OrtTensor } from '../session/runtime.ts';

/** Where a result goes. */
export interface Slot {
  tensor: OrtTensor | null;
  failure: Failure | null;
}

/** A failed piece of work; `sync` reports each once. */
export interface Failure {
  readonly error: WeftError;
  reported: boolean;
}

/** A handle that the user of the backend holds. */
export class OnnxBuffer implements Buffer {
  readonly type: TensorType;
  readonly owner: object;
  readonly slot: Slot = { tensor: null, failure: null };
  state: 'live' | 'freed' | 'donated' = 'live';

  constructor(type: TensorType, owner: object) {
    this.type = type;
    this.owner = owner;
  }

  get bytes(): number {
    return sizeOf(this.type.shape) * bytesPerElement(this.type.dtype);
  }
}

/** Checks a handle that came from outside. */
export function requireLive(buffer: unknown, owner: object, use: string): OnnxBuffer {
  if (!(buffer instanceof OnnxBuffer) || buffer.owner !== owner) {
    throw new WeftError('WEFT_E_ARGUMENT', `${use} needs a buffer of this onnx backend. Received: ${received(buffer)}. Upload the data here first.`);
  }
  if (buffer.state !== 'live') {
    const why = buffer.state === 'freed' ? 'was freed' : 'was donated to an earlier run';
    throw new WeftError(
      'WEFT_E_STATE',
      `${use} needs a live buffer. Received: ${formatType(buffer.type)} that ${why}. Read or copy it before, or keep the output that took its place.`,
    );
  }
  return buffer;
}

/** The tensor in a slot; throws the failure that poisoned it. */
export function tensorIn(slot: Slot): OrtTensor {
  if (slot.failure) {
    slot.failure.reported = true;
    throw slot.failure.error;
  }
  return slot.tensor as OrtTensor;
}

/** Checks host data against a type. */
export function requireData(data: unknown, type: TensorType, matches: boolean): asserts data is TypedArray {
  if (!matches) {
    throw new WeftError(
      'WEFT_E_DATA',
      `upload needs the host array of ${formatType(type)}: ${sizeOf(type.shape)} elements. Received: ${received(data)}. Convert the data first.`,
    );
  }
}
