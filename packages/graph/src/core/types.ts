/**
 * What a tensor is: a dtype and a static shape. Everything else in Weft is built from this file.
 */
import { WeftError, received } from './errors.ts';

/** The element types that live on a device. int64, float64 and uint8 exist only at file and data borders. */
export type DType = 'float32' | 'float16' | 'int32' | 'uint32' | 'bool';

/** All dtypes, in the order in which tables list them. */
export const DTYPES: readonly DType[] = ['float32', 'float16', 'int32', 'uint32', 'bool'];

/** A shape: the extent of each axis; `[]` is a scalar. */
export type Shape = readonly number[];

/** A dtype and a static shape. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Host forms of tensors: bool is a Uint8Array of 0 and 1, float16 a Uint16Array of IEEE 754 half bits. */
export type TypedArray = Float32Array | Uint16Array | Int32Array | Uint32Array | Uint8Array;

/** Host array class and bytes per element of each dtype. */
const HOST = {
  float32: Float32Array,
  float16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bool: Uint8Array,
} as const;

/** The host array class of a dtype. */
export type HostArray<D extends DType = DType> = InstanceType<(typeof HOST)[D]>;

/** A zero-filled host array for `length` elements of `dtype`. */
export function hostArray<D extends DType>(dtype: D, length: number): HostArray<D> {
  return new HOST[dtype](length) as HostArray<D>;
}

/** Whether `data` is the host form of `dtype`. */
export function isHostArray(data: unknown, dtype: DType): data is TypedArray {
  return data instanceof HOST[dtype];
}

/** Bytes that one element takes in the host form. */
export function bytesPerElement(dtype: DType): number {
  return HOST[dtype].BYTES_PER_ELEMENT;
}

/** Number of elements of a shape: the product of its extents (1 for a scalar). */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** A tensor type, checked. */
export function tensorType(dtype: DType, shape: Shape): TensorType {
  if (!DTYPES.includes(dtype)) {
    throw new WeftError('WEFT_E_DTYPE', `A dtype must be one of ${DTYPES.join(', ')}. Received: ${received(dtype)}.`);
  }
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0) {
      throw new WeftError('WEFT_E_SHAPE', `Each extent of a shape must be a whole number >= 0. Received: ${received(shape)}.`);
    }
  }
  return { dtype, shape };
}

export const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float16';

/** int32 or uint32. */
export const isInteger = (dtype: DType): boolean => dtype === 'int32' || dtype === 'uint32';

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

export function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

/** `float32[2,3]`: how types are written in graphs and messages. */
export function formatType(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(',')}]`;
}

/** The shape that NumPy broadcasting gives, or `null` when the shapes do not fit. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] | null {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const extent = shape[axis] as number;
      const at = rank - shape.length + axis;
      if (extent === 1 || extent === result[at]) continue;
      if (result[at] !== 1) return null;
      result[at] = extent;
    }
  }
  return result;
}
