/** Initial values of weights. */
import type { NDArray } from '../core/ndarray.ts';
import type { DType } from '@weftjs/graph';

/** Makes the initial value of a weight, on the host. */
export type Initializer = (shape: readonly number[], dtype: DType) => NDArray;
export type InitializerLike = string | Initializer;
export declare function initializerFrom(initializer: InitializerLike): Initializer;
