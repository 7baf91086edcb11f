/** A tensor on the GPU, and what its memory is used for. */
import { WeftError, isWeftError, sizeOf, type Backend, type Buffer, type DType, type TensorType, type TypedArray } from '@weftjs/graph';
import type { Memory } from './memory.ts';

/** Usage flags as the specification numbers them: constants of the global object are not there in every environment. */
export const TENSOR_USAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST
export const STAGING_USAGE = 0x01 | 0x08; // MAP_READ | COPY_DST
export const UNIFORM_USAGE = 0x40 | 0x08; // UNIFORM | COPY_DST
/** The distance of two turns in the buffer of turns: the alignment of dynamic offsets that WebGPU guarantees. */
export const TURN_STRIDE = 256;

/** The bytes of a tensor, in whole words: two an element of float16, four of any other dtype. */
export const bytesOfType = ({ dtype, shape }: TensorType): number =>
  Math.ceil((sizeOf(shape) * (dtype === 'float16' ? 2 : 4)) / 4) * 4;

const VIEWS = { float32: Float32Array, float16: Uint16Array, int32: Int32Array, uint32: Uint32Array, bool: Uint32Array };

/** Elements as they lie in memory: float16 as bits, truth values as words. */
export const elementsOf = (dtype: DType, memory: ArrayBuffer, offset: number, length: number): TypedArray =>
  new (VIEWS[dtype] as new (memory: ArrayBuffer, offset: number, length: number) => TypedArray)(memory, offset, length);

/** A tensor on the GPU. */
export class GpuTensor implements Buffer {
  readonly type: TensorType;
  readonly owner: Backend;
  /** Null once it was freed or donated, or if it could not be made. */
  memory: Memory | null;
  /** Why there is no memory. */
  fate: 'freed' | 'donated' | null = null;
  /** The failure of the run that was to make it. */
  failure: WeftError | null = null;

  constructor(owner: Backend, type: TensorType, memory: Memory | null) {
    this.owner = owner;
    this.type = type;
    this.memory = memory;
  }
}

/** What the GPU threw, as an error of Weft. */
export function asWeftError(error: unknown): WeftError {
  return isWeftError(error) ? error : new WeftError('WEFT_E_BACKEND', `The GPU must do what it is asked. Received: ${String(error)}. Try again, or use native({ target: 'wasm' }).`, { cause: error });
}
