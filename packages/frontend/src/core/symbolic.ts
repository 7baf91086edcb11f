/**
 * A symbolic tensor: a place in a functional model where a tensor will be. It has a shape (null where the extent is open) and a dtype, and
 * remembers which operation makes it.
 */
import { WeftError, type DType } from '@weftjs/graph';
import type { FunctionalNode } from './functional/node.ts';

const brand = /* @__PURE__ */ Symbol.for('weft.symbolic');

/** A shape with open extents. */
export type OpenShape = readonly (number | null)[];

export class SymbolicTensor {
  readonly dtype: DType | 'string';
  readonly shape: OpenShape;
  name: string;
  /** The step that makes it, and which of its results it is; null for an input of the model until its layer claims it. */
  readonly node: FunctionalNode | null;
  readonly index: number;

  constructor(dtype: DType | 'string', shape: OpenShape, name: string, node: FunctionalNode | null = null, index = 0) {
    this.dtype = dtype;
    this.shape = shape;
    this.name = name;
    this.node = node;
    this.index = index;
  }

  get [brand](): true {
    return true;
  }

  get rank(): number {
    return this.shape.length;
  }

  [Symbol.toPrimitive](): never {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `JavaScript operators do not work on tensors. Received: ${this.toString()}. Compute with ops.add, ops.mul, … instead.`,
    );
  }

  toString(): string {
    return `SymbolicTensor(${this.name}, ${this.dtype}[${this.shape.map((extent) => extent ?? 'null').join(',')}])`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Whether `value` is a symbolic tensor, from any copy of Weft. */
export function isSymbolic(value: unknown): value is SymbolicTensor {
  return typeof value === 'object' && value !== null && brand in value;
}
