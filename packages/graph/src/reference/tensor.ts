/**
 * Tensors of the reference evaluator: all numbers are float64, which holds int32 and uint32 exactly. Integers are wrapped by the ops.
 */
import { internalError, WeftError } from '../core/errors.ts';
import { halfToNumber, numberToHalf } from '../core/half.ts';
import {
  formatType,
  hostArray,
  sizeOf,
  type DType,
  type Shape,
  type TensorType,
  type TypedArray,
} from '../core/types.ts';

export interface RefTensor {
  readonly type: TensorType;
  /** Row-major. */
  readonly data: Float64Array;
}

/** A tensor of the given type; its elements are zeros unless given. */
export function refTensor(type: TensorType, data: Float64Array = new Float64Array(sizeOf(type.shape))): RefTensor {
  return { type, data };
}

/** The operand at a position: the evaluator has checked that it exists. */
export function operand(inputs: readonly RefTensor[], at: number): RefTensor {
  const tensor = inputs[at];
  if (!tensor) throw internalError(`operand ${at} is missing`);
  return tensor;
}

/** Host data as float64 numbers. A Uint16Array for a float16 tensor holds bits. */
export function fromHost(data: ArrayLike<number>, type: TensorType): RefTensor {
  if (data.length !== sizeOf(type.shape)) {
    throw new WeftError(
      'WEFT_E_DATA',
      `A tensor ${formatType(type)} needs ${sizeOf(type.shape)} numbers. Received: ${data.length}.`,
    );
  }
  const numbers = Float64Array.from(data);
  if (type.dtype === 'float16' && data instanceof Uint16Array)
    numbers.forEach((bits, i) => (numbers[i] = halfToNumber(bits)));
  return { type, data: numbers };
}

/** The host form of a reference tensor, rounded to its dtype. */
export function toHost({ type, data }: RefTensor): TypedArray {
  const host = hostArray(type.dtype, data.length);
  for (let i = 0; i < data.length; i++) {
    const x = data[i] as number;
    host[i] = type.dtype === 'float16' ? numberToHalf(x) : x;
  }
  return host;
}

/** Integers wrap at 32 bits; other numbers pass. */
export function wrapTo(dtype: DType): (x: number) => number {
  if (dtype === 'int32') return (x) => wrapSigned(x);
  if (dtype === 'uint32') return (x) => wrapSigned(x) >>> 0;
  return (x) => x;
}

/** x | 0 for sums that may leave 53 bits only by way of 2^32 multiples: callers keep |x| below 2^53. */
const wrapSigned = (x: number): number => x | 0;

/** Positions in a source for each element of a strided view, row-major: offset + Σ index·stride. */
export function viewPositions(shape: Shape, strides: readonly number[], offset = 0): Int32Array {
  const rank = shape.length;
  const positions = new Int32Array(sizeOf(shape));
  const index = new Array<number>(rank).fill(0);
  let position = offset;
  for (let i = 0; i < positions.length; i++) {
    positions[i] = position;
    for (let axis = rank - 1; axis >= 0; axis--) {
      position += strides[axis] as number;
      if (++(index[axis] as number) < (shape[axis] as number)) break;
      position -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return positions;
}

/** The elements at positions. */
export function pick(data: Float64Array, positions: Int32Array): Float64Array {
  const result = new Float64Array(positions.length);
  for (let i = 0; i < result.length; i++) result[i] = data[positions[i] as number] as number;
  return result;
}

/** Strides of a tensor seen under the shape it broadcasts to. */
export function broadcastStrides(from: Shape, strides: readonly number[], to: Shape): number[] {
  const offset = to.length - from.length;
  return to.map((_, axis) => (axis < offset || from[axis - offset] === 1 ? 0 : (strides[axis - offset] as number)));
}
