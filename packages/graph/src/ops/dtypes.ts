/** Sets of dtypes that ops accept. A leaf, since op declarations read it while modules load and ops import each other. */
import type { DType } from '../core/types.ts';

export const FLOATS: readonly DType[] = ['float32', 'float16'];
export const SIGNED: readonly DType[] = ['float32', 'float16', 'int32'];
export const NUMBERS: readonly DType[] = ['float32', 'float16', 'int32', 'uint32'];
export const BITS: readonly DType[] = ['int32', 'uint32'];
export const BOOL: readonly DType[] = ['bool'];
export const ALL: readonly DType[] = ['float32', 'float16', 'int32', 'uint32', 'bool'];
