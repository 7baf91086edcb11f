/**
 * `Tensor`: numbers on a device. Computing with it is immediate to write and asynchronous to run; only reading waits:
 * `await t.data()`, `await t.array()`, `await t.item()`, `await t.host()`.
 */
import { WeftError, formatType, sizeOf, type DType, type Shape, type TypedArray, type Value } from '@weftjs/graph';
import { abs, add, divide, floorDivide, mod, multiply, negative, power, subtract } from '../../ops/arithmetic.ts';
import { cast, equal, greater, greaterEqual, less, lessEqual, notEqual } from '../../ops/compare.ts';
import { getItem, type SlicePart } from '../../ops/indexing.ts';
import { matmul } from '../../ops/matmul.ts';
import { max, mean, min, sum, type ReduceArgument } from '../../ops/reduce.ts';
import { reshape, transpose } from '../../ops/shape.ts';
import { NDArray, type Nested } from '../ndarray.ts';
import type { Engine } from '../engine/engine.ts';
import type { Handle } from '../engine/handle.ts';
import type { Trace } from '../trace/trace.ts';
import type { TensorLike } from './convert.ts';
import { afterRead, track } from './lifetime.ts';

/** Where a tensor's value is: on an engine, or in a graph that is being traced. */
export type TensorSource =
  | { readonly kind: 'eager'; readonly engine: Engine; readonly handle: Handle }
  | { readonly kind: 'traced'; readonly trace: Trace; readonly value: Value };

const brand = /* @__PURE__ */ Symbol.for('weft.tensor');

export class Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  /** @internal */
  readonly source: TensorSource;
  /** @internal the mask that travels with a sequence: which steps count */
  mask: Tensor | null = null;

  private constructor(dtype: DType, shape: Shape, source: TensorSource) {
    this.dtype = dtype;
    this.shape = shape;
    this.source = source;
  }

  /** @internal */
  static eager(engine: Engine, handle: Handle): Tensor {
    const tensor = new Tensor(handle.type.dtype, handle.type.shape, { kind: 'eager', engine, handle });
    track(tensor, engine, handle);
    return tensor;
  }

  /** @internal */
  static traced(trace: Trace, value: Value): Tensor {
    return new Tensor(value.type.dtype, value.type.shape, { kind: 'traced', trace, value });
  }

  get [brand](): true {
    return true;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The elements in row-major order. */
  async data(): Promise<TypedArray> {
    const { source } = this;
    if (source.kind === 'traced') throw this.noValueYet('data()');
    const data = await source.engine.read(source.handle);
    await afterRead();
    return data;
  }

  /** The tensor as an NDArray, in JavaScript memory. */
  async host(): Promise<NDArray> {
    return new NDArray(await this.data(), this.shape, this.dtype) as NDArray;
  }

  /** Nested arrays (a number for a scalar). */
  async array(): Promise<Nested<number | boolean>> {
    return (await this.host()).toArray();
  }

  /** The only element of a tensor of size 1. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `item() needs a tensor of one element. Received: ${formatType(this)}. Use array() or data() for more.`,
      );
    }
    return Number((await this.host()).item());
  }

  // What Python writes as operators, and a few more. Everything else is in `ops`.

  /** this + other */
  add(other: TensorLike): Tensor {
    return add(this as Tensor, other);
  }

  /** this − other */
  sub(other: TensorLike): Tensor {
    return subtract(this as Tensor, other);
  }

  /** this · other, element by element */
  mul(other: TensorLike): Tensor {
    return multiply(this as Tensor, other);
  }

  /** this / other */
  div(other: TensorLike): Tensor {
    return divide(this as Tensor, other);
  }

  /** ⌊this / other⌋ */
  floorDiv(other: TensorLike): Tensor {
    return floorDivide(this as Tensor, other);
  }

  /** The remainder, with the sign of `other` */
  mod(other: TensorLike): Tensor {
    return mod(this as Tensor, other);
  }

  /** this to the power of `other` */
  pow(other: TensorLike): Tensor {
    return power(this as Tensor, other);
  }

  /** −this */
  neg(): Tensor {
    return negative(this as Tensor);
  }

  /** |this| */
  abs(): Tensor {
    return abs(this as Tensor);
  }

  /** Whether equal, element by element */
  equal(other: TensorLike): Tensor {
    return equal(this as Tensor, other);
  }

  notEqual(other: TensorLike): Tensor {
    return notEqual(this as Tensor, other);
  }

  less(other: TensorLike): Tensor {
    return less(this as Tensor, other);
  }

  lessEqual(other: TensorLike): Tensor {
    return lessEqual(this as Tensor, other);
  }

  greater(other: TensorLike): Tensor {
    return greater(this as Tensor, other);
  }

  greaterEqual(other: TensorLike): Tensor {
    return greaterEqual(this as Tensor, other);
  }

  /** The matrix product */
  matmul(other: TensorLike): Tensor {
    return matmul(this as Tensor, other);
  }

  /** Σ over axes, all by default: `x.sum()`, `x.sum({ axis: 0, keepdims: true })` */
  sum(options?: ReduceArgument): Tensor {
    return sum(this as Tensor, options);
  }

  mean(options?: ReduceArgument): Tensor {
    return mean(this as Tensor, options);
  }

  max(options?: ReduceArgument): Tensor {
    return max(this as Tensor, options);
  }

  min(options?: ReduceArgument): Tensor {
    return min(this as Tensor, options);
  }

  /** The same elements under another shape; one extent may be −1 */
  reshape(shape: Shape): Tensor {
    return reshape(this as Tensor, shape);
  }

  /** Axes in another order; reversed by default */
  transpose(axes?: readonly number[]): Tensor {
    return transpose(this as Tensor, axes);
  }

  /**
   * A part, one entry an axis: a position, `[start, stop]`, `[start, stop, step]`, or null for all.
   *
   * @example
   * x.slice([0, 10], null, 3); // of the first ten rows all of the second axis, position 3 of the third
   */
  slice(...parts: SlicePart[]): Tensor {
    return getItem(this as Tensor, ...parts);
  }

  cast(dtype: DType): Tensor {
    return cast(this as Tensor, dtype);
  }

  /** Frees its memory now. Inside `fit`, `scope` and compiled functions nobody needs to. */
  dispose(): void {
    if (this.source.kind === 'eager') this.source.engine.free(this.source.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Arithmetic operators do not work on tensors: this says what does. */
  [Symbol.toPrimitive](): never {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `JavaScript operators do not work on tensors. Received: ${formatType(this)}. Compute with ops.add, ops.mul, … or the methods x.add(y); for the number itself write await t.item().`,
    );
  }

  toString(): string {
    const where =
      this.source.kind === 'eager'
        ? `on ${this.source.engine.description}; see the values with await t.array()`
        : 'being traced, no value yet';
    return `Tensor(${formatType(this)}, ${where})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  private noValueYet(what: string): WeftError {
    return new WeftError(
      'WEFT_E_TRACE',
      `${what} needs a tensor with a value. Received: ${formatType(this)} inside a function that is being traced, where there are no values yet. ` +
        'Use ops.where, cond or scan to depend on values, or compile({ runEagerly: true }).',
    );
  }
}

/** Whether `value` is a tensor, from any copy of Weft. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && brand in value;
}
