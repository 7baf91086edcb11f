/**
 * Host arrays, and how values become one. The class is in `ndarray/array.ts`, the rules of conversion in `ndarray/convert.ts`.
 */
export { NDArray, describeType, isNDArray } from './ndarray/array.ts';
export type { Nested } from './ndarray/array.ts';
export type { AxisSlice } from './ndarray/indexing.ts';
export { ndarray, toIntegers, toNDArray } from './ndarray/convert.ts';
export type { ArrayData, ArrayOptions, NumericData, TextData } from './ndarray/convert.ts';
export type { DataOf, ElementOf, NDType, NumericDType } from './ndarray/dtypes.ts';
