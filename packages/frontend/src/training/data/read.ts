/** From what people pass as x, y and sample weights to NDArrays, checked. */
import { WeftError, received } from '@weftjs/graph';
import { flatten, mapStructure, type Structure } from '../../core/functional/structure.ts';
import type { NDArray } from '../../core/ndarray.ts';
import { isNDArray, ndarray, type NumericData } from '../../core/ndarray.ts';
import { isTensor, type Tensor } from '../../core/tensor/tensor.ts';

/** Arrays, typed arrays, NDArrays or tensors; several of them in an array or an object, for several inputs. */
export type Data = NumericData | NDArray | Tensor | { readonly [name: string]: Data } | readonly Data[];

/** Whether a plain array lists several inputs rather than the samples of one. */
function listsInputs(data: readonly unknown[]): boolean {
  return data.length > 0 && data.every((item) => isNDArray(item) || isTensor(item) || ArrayBuffer.isView(item));
}

/** Reads data into NDArrays; tensors are awaited. */
export async function readData(what: string, data: unknown): Promise<Structure<NDArray>> {
  if (data instanceof Promise) {
    throw new WeftError('WEFT_E_AWAIT', `${what} must be data. Received: a promise. Did you forget \`await\`?`);
  }
  if (data === undefined || data === null) {
    throw new WeftError('WEFT_E_DATA', `${what} must be data: arrays, typed arrays, NDArrays or tensors. Received: ${received(data)}.`);
  }
  if (isTensor(data)) return data.host();
  if (isNDArray(data)) return requireNumbers(what, data as NDArray);
  if (ArrayBuffer.isView(data)) return ndarray(data);
  if (Array.isArray(data)) {
    if (listsInputs(data)) return Promise.all(data.map((item, i) => readData(`${what}[${i}]`, item))) as Promise<Structure<NDArray>>;
    return requireNumbers(what, ndarray(data as NumericData));
  }
  if (typeof data === 'object' && Object.getPrototypeOf(data) === Object.prototype) {
    const entries = await Promise.all(Object.entries(data).map(async ([name, item]) => [name, await readData(`${what}.${name}`, item)] as const));
    return Object.fromEntries(entries);
  }
  throw new WeftError('WEFT_E_DATA', `${what} must be data: arrays, typed arrays, NDArrays or tensors. Received: ${received(data)}.`);
}

function requireNumbers(what: string, array: NDArray): NDArray {
  if ((array.dtype as string) === 'string') {
    throw new WeftError('WEFT_E_DTYPE', `${what} must be numbers. Received: text. Turn it into numbers first, for example with a lookup table.`);
  }
  if (array.rank === 0) throw new WeftError('WEFT_E_SHAPE', `${what} needs a batch axis. Received: a single number. Write [sample].`);
  return array;
}

/** The number of samples that all arrays share. */
export function sampleCount(parts: readonly (readonly [what: string, data: Structure<NDArray> | null])[]): number {
  let count: number | null = null;
  let first = '';
  for (const [what, data] of parts) {
    if (data === null) continue;
    for (const array of flatten(data)) {
      const samples = array.shape[0] as number;
      if (count === null) [count, first] = [samples, what];
      if (samples !== count) {
        throw new WeftError('WEFT_E_DATA', `All data must have the same number of samples. Received: ${count} in ${first} and ${samples} in ${what}. Check that rows were not lost on one side.`);
      }
    }
  }
  if (!count) throw new WeftError('WEFT_E_DATA', 'Data must hold at least one sample. Received: none.');
  return count;
}

/** Bytes become numbers that a device computes with. */
export function forDevice(array: NDArray): NDArray {
  return (array.dtype as string) === 'uint8' ? (ndarray(new Float32Array(array.data), { shape: array.shape }) as NDArray) : array;
}

export const rowsOf = (data: Structure<NDArray>, indices: Int32Array | readonly number[]): Structure<NDArray> => mapStructure(data, (array) => array.take(indices as ArrayLike<number>) as NDArray);
export const rangeOf = (data: Structure<NDArray>, from: number, to: number): Structure<NDArray> => mapStructure(data, (array) => array.slice(from, to) as NDArray);
