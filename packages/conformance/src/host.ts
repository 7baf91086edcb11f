/** Numbers to the host form of a dtype and back. */
import { halfToNumber, hostArray, numberToHalf, type DType, type TypedArray } from '@weftjs/graph';

export function encode(data: ArrayLike<number>, dtype: DType): TypedArray {
  const host = hostArray(dtype, data.length);
  for (let i = 0; i < data.length; i++)
    host[i] = dtype === 'float16' ? numberToHalf(data[i] as number) : (data[i] as number);
  return host;
}

export function decode(host: TypedArray, dtype: DType): Float64Array {
  return Float64Array.from(host as ArrayLike<number>, dtype === 'float16' ? halfToNumber : Number);
}
