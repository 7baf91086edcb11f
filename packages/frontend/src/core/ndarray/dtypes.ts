/**
 * The element types of host arrays. Beside the dtypes of the device there are two that exist only in JavaScript: `uint8`,
 * the bytes of images, which stay bytes until they are on the device, and `string`, for the layers that run on the host.
 */
import type { DType } from '@weftjs/graph';
import { WeftError, received } from '@weftjs/graph';

/** The numeric element types of an `NDArray`. */
export type NumericDType = DType | 'uint8';

/** Every element type of an `NDArray`. */
export type NDType = NumericDType | 'string';

/** What holds the elements of each dtype: bool as bytes 0 and 1, float16 as its 16 bits. */
export interface DataOf {
  float32: Float32Array;
  float16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  bool: Uint8Array;
  uint8: Uint8Array;
  string: readonly string[];
}

/** Elements in, elements out: `string` for text, `number` for everything else (bools read as 0 and 1). */
export type ElementOf<D extends NDType> = D extends 'string' ? string : number;

const CLASSES = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
  uint8: Uint8Array,
  string: Array,
} as const;

export const ND_DTYPES = Object.keys(CLASSES) as readonly NDType[];

export function isNDType(value: unknown): value is NDType {
  return typeof value === 'string' && Object.hasOwn(CLASSES, value);
}

export function checkNDType(value: unknown): NDType {
  if (isNDType(value)) return value;
  const remedy =
    value === 'float64'
      ? ' Use float32.'
      : value === 'int64'
        ? ' Use int32.'
        : value === 'uint8clamped'
          ? ' Use uint8.'
          : '';
  throw new WeftError(
    'WEFT_E_DTYPE',
    `A dtype must be one of ${ND_DTYPES.join(', ')}. Received: ${received(value)}.${remedy}`,
  );
}

/** A zero-filled (for strings: empty-string) holder of `length` elements. */
export function allocate<D extends NDType>(dtype: D, length: number): DataOf[D] {
  if (dtype === 'string') return new Array<string>(length).fill('') as unknown as DataOf[D];
  return new CLASSES[dtype as NumericDType](length) as unknown as DataOf[D];
}

/** Whether `data` is what holds elements of `dtype`. */
export function holds(data: unknown, dtype: NDType): boolean {
  return dtype === 'string' ? Array.isArray(data) : data instanceof CLASSES[dtype];
}

/** The dtype whose holder this typed array is, when it is kept as it is. */
export function dtypeOfTyped(data: ArrayBufferView): NumericDType | undefined {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint32Array) return 'uint32';
  if (data instanceof Uint8Array) return 'uint8';
  return undefined;
}

export const isFloatDType = (dtype: NDType): boolean => dtype === 'float32' || dtype === 'float16';

/** Closed range of the whole numbers that an integer dtype holds. */
export const INTEGER_RANGE: Readonly<Partial<Record<NDType, readonly [number, number]>>> = {
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  uint8: [0, 255],
  bool: [0, 1],
};
