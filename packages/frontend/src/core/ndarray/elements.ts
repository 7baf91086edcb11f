/**
 * Moving elements: from array to array, and from JavaScript values into the holder of a dtype.
 */
import { WeftError, received } from '@weftjs/graph';
import type { DataOf, NDType } from './dtypes.ts';
import { INTEGER_RANGE } from './dtypes.ts';
import { numberToHalf } from './half.ts';

/** Copies `count` elements. */
export function copyElements(
  from: ArrayLike<unknown>,
  at: number,
  to: ArrayLike<unknown>,
  start: number,
  count: number,
): void {
  if (count > 16 && ArrayBuffer.isView(from)) {
    (to as unknown as Float32Array).set((from as unknown as Float32Array).subarray(at, at + count), start);
    return;
  }
  for (let i = 0; i < count; i++) (to as unknown[])[start + i] = from[at + i];
}

/** Writes JavaScript values into the holder of a dtype, refusing what the dtype cannot hold. */
export function writer(data: DataOf[NDType], dtype: NDType): (offset: number, value: unknown) => void {
  const target = data as unknown as unknown[];
  const range = INTEGER_RANGE[dtype];
  if (dtype === 'string') {
    return (offset, value) => {
      target[offset] = String(value);
    };
  }
  return (offset, value) => {
    const number = typeof value === 'boolean' ? Number(value) : (value as number);
    if (range !== undefined && !(Number.isInteger(number) && number >= range[0] && number <= range[1])) {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `${dtype} holds ${dtype === 'bool' ? 'true and false' : `whole numbers from ${range[0]} to ${range[1]}`}. Received: ${received(value)} at element ${offset}. ${Number.isInteger(number) ? 'Choose another dtype' : 'Round the values, or use float32'}.`,
      );
    }
    target[offset] = dtype === 'float16' ? numberToHalf(number) : number;
  };
}
