/**
 * Element types that exist in files and not on devices, turned into ones that do. All take little-endian bytes that start
 * at the beginning of their buffer.
 */
import { WeftError } from '@weftjs/graph';

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(bytes.buffer);
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = (halves[i] as number) << 16;
  return new Float32Array(bits.buffer);
}

export function float64ToFloat32(bytes: Uint8Array): Float32Array {
  return Float32Array.from(new Float64Array(bytes.buffer));
}

/** 64-bit integers, refused when they do not fit into 32 bits. */
export function int64ToInt32(bytes: Uint8Array): Int32Array {
  const wide = new BigInt64Array(bytes.buffer);
  const result = new Int32Array(wide.length);
  for (let i = 0; i < wide.length; i++) {
    const value = wide[i] as bigint;
    if (value < -2147483648n || value > 2147483647n) {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `64-bit integers in files must fit into int32. Received: ${value} at element ${i}. Convert the file, or store the values as float32.`,
      );
    }
    result[i] = Number(value);
  }
  return result;
}

/** Small integers as int32. */
export function widen(values: Int8Array | Int16Array | Uint16Array): Int32Array {
  return Int32Array.from(values);
}
