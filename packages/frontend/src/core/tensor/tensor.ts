/**
 * `Tensor`: numbers on a device. Computing with it is immediate to write and asynchronous to run; only reading waits:
 * `await t.data()`, `await t.array()`, `await t.item()`, `await t.host()`.
 */
import { WeftError, formatType, sizeOf, type DType, type Shape, type TypedArray, type Value } from '@weftjs/graph';
import { NDArray, type Nested } from '../ndarray.ts';
import type { Engine } from '../engine/engine.ts';
import type { Handle } from '../engine/handle.ts';
import type { Trace } from '../trace/trace.ts';
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
      throw new WeftError('WEFT_E_SHAPE', `item() needs a tensor of one element. Received: ${formatType(this)}. Use array() or data() for more.`);
    }
    return Number((await this.host()).item());
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
    const where = this.source.kind === 'eager' ? `on ${this.source.engine.description}; see the values with await t.array()` : 'being traced, no value yet';
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
