/** From what people have to tensors: numbers, nested arrays, typed arrays, NDArrays, variables. */
import { WeftError, cast, full, isFloat, type DType, type TypedArray, type Value } from '@weftjs/graph';
import { currentEngine } from '../engine/current.ts';
import { computeOne } from '../compute.ts';
import type { NDArray } from '../ndarray.ts';
import { isNDArray, ndarray, type NumericData } from '../ndarray.ts';
import { currentTrace } from '../trace/trace.ts';
import { isVariable, type Variable } from '../variable.ts';
import { Tensor, isTensor } from './tensor.ts';

export type NestedNumbers = readonly (number | boolean | NestedNumbers)[];
/** What every op accepts. */
export type TensorLike = Tensor | Variable | NDArray | number | boolean | NestedNumbers | TypedArray | Float64Array | BigInt64Array;

/** Host data on the current engine. Bytes (uint8) become int32. */
export function upload(array: NDArray): Tensor {
  const host = (array.dtype as string) === 'uint8' ? ndarray(array, { dtype: 'int32' }) : array;
  if ((host.dtype as string) === 'string') {
    throw new WeftError('WEFT_E_DTYPE', 'Text cannot be computed with. Received: an array of strings. Turn it into numbers first, for example with a lookup table.');
  }
  const engine = currentEngine();
  return Tensor.eager(engine, engine.upload(host.data as TypedArray, { dtype: host.dtype as DType, shape: host.shape }));
}

/** A tensor from anything that every op accepts; numbers become `dtype`, float32 by default. */
export function toTensor(value: TensorLike, dtype?: DType): Tensor {
  if (isTensor(value)) return value;
  if (isVariable(value)) return value.value;
  const trace = currentTrace();
  if (typeof value === 'number' || typeof value === 'boolean') {
    const kind = dtype ?? (typeof value === 'boolean' ? 'bool' : 'float32');
    if (trace) return trace.wrap(full(kind, [], Number(value)));
    return upload(ndarray(value, { dtype: kind }) as NDArray);
  }
  const array = isNDArray(value) ? value : ndarray(value as never, dtype ? { dtype } : {});
  return upload(array as NDArray);
}

/**
 * A tensor from numbers, nested arrays, typed arrays or NDArrays, on the current engine.
 *
 * @example
 * tensor([[1, 2], [3, 4]]);               // float32[2,2]
 * tensor([1, 2, 3], { dtype: 'int32' });  // int32[3]
 */
export function tensor(data: TensorLike, options: { dtype?: DType } = {}): Tensor {
  const made = toTensor(isTensor(data) || isVariable(data) || options.dtype === undefined ? data : ndarray(data as NumericData, { dtype: options.dtype }));
  if (options.dtype === undefined || made.dtype === options.dtype) return made;
  const { dtype } = options;
  return computeOne('cast', [made], dtype, ([x]) => cast(x as Value, dtype));
}

/**
 * The dtype in which values of different dtypes meet: floats win over integers, integers over bool, float32 over float16.
 */
export function commonDType(dtypes: readonly DType[]): DType {
  if (dtypes.includes('float32')) return 'float32';
  if (dtypes.includes('float16')) return 'float16';
  if (dtypes.includes('int32')) return 'int32';
  return dtypes.includes('uint32') ? 'uint32' : 'bool';
}

/** Graph values cast to their common dtype. */
export function unify(values: readonly Value[], least: DType = 'bool'): Value[] {
  const dtype = commonDType([least, ...values.map((value) => value.type.dtype)]);
  return values.map((value) => cast(value, dtype));
}

/** A graph value as a float: integers and bool become float32. */
export function asFloat(value: Value): Value {
  return isFloat(value.type.dtype) ? value : cast(value, 'float32');
}

/** Whether `value` is something that every op accepts, other than nested arrays. */
export function isTensorLike(value: unknown): value is TensorLike {
  return (
    typeof value === 'number' || typeof value === 'boolean' || isTensor(value) || isVariable(value) || isNDArray(value) || ArrayBuffer.isView(value)
  );
}

/** Whether `value` is one tensor written as nested arrays of plain numbers, rather than a list of several things. */
export function isNestedNumbers(value: unknown): value is NestedNumbers {
  let first: unknown = value;
  while (Array.isArray(first) && first.length > 0) first = (first as readonly unknown[])[0];
  return Array.isArray(value) && (typeof first === 'number' || typeof first === 'boolean');
}
