/** The bytes of constants, from JavaScript numbers. Integers wrap to their width. */
import { numberToHalf } from '@weftjs/graph';
import type { OnnxDType } from './schema.ts';

/** Little-endian bytes of `data` as elements of `dtype`. */
export function bytesOf(dtype: OnnxDType, data: readonly number[]): Uint8Array {
  const array = arrayOf(dtype, data);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function arrayOf(dtype: OnnxDType, data: readonly number[]): ArrayBufferView {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(data);
    case 'float64':
      return Float64Array.from(data);
    case 'float16':
      return Uint16Array.from(data, numberToHalf);
    case 'int32':
      return Int32Array.from(data);
    case 'uint32':
      return Uint32Array.from(data);
    case 'int64':
      return BigInt64Array.from(data, BigInt);
    default:
      return Uint8Array.from(data);
  }
}
