/**
 * `NDArray`: numbers (or text) with a shape, in JavaScript memory. `Tensor` lives on the device, and reading it awaits;
 * an `NDArray` lives here, and reading it does not. Data sets, `predict`, `getWeights` and `await tensor.host()` give one,
 * and it is accepted wherever a tensor is.
 *
 * Elements lie in row-major order. `reshape`, iteration, `take(index)` and slices along the first axis share the memory
 * of their source; everything else copies.
 */
import { WeftError, received, sizeOf, stridesOf } from '@weftjs/graph';
import type { Description, MimeBundle } from '../../looks/describe.ts';
import { htmlText, inspectSymbol, jupyterSymbol, mimeBundle } from '../../looks/describe.ts';
import type { DataOf, ElementOf, NDType, NumericDType } from './dtypes.ts';
import { allocate, checkNDType, holds, isFloatDType } from './dtypes.ts';
import { copyElements, writer } from './elements.ts';
import { formatArray } from './format.ts';
import { halfToNumber } from './half.ts';
import type { AxisSlice } from './indexing.ts';
import { bounds, picked, wrapAxis, wrapIndex } from './indexing.ts';

const brand = /* @__PURE__ */ Symbol.for('weft.ndarray');

/** Nested JavaScript arrays, as `toArray()` gives them; a scalar is the value itself. */
export type Nested<T> = T | Nested<T>[];

/** A host array. Make one with {@link ndarray}. */
export class NDArray<D extends NDType = NumericDType> {
  readonly shape: readonly number[];
  readonly dtype: D;
  /** The elements in row-major order: bool as bytes 0 and 1, float16 as its bits, text as strings. */
  readonly data: DataOf[D];

  constructor(data: DataOf[D], shape: readonly number[], dtype: D) {
    checkNDType(dtype);
    if (!holds(data, dtype)) {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `The data of an NDArray must be what holds its dtype. Received: ${received(data)} for ${dtype}. Use \`ndarray(data, { dtype: '${dtype}' })\`, which converts.`,
      );
    }
    checkShape(shape, data.length);
    this.data = data;
    this.shape = Object.freeze([...shape]);
    this.dtype = dtype;
    // The brand is on the prototype: two copies of Weft in one page recognise each other's arrays.
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  get [brand](): true {
    return true;
  }

  /**
   * One element: an index for each axis, negative counting from the end. Bools read as 0 and 1.
   *
   * @example
   * ndarray([[1, 2], [3, 4]]).at(1, -1); // 4
   */
  at(...indices: number[]): ElementOf<D> {
    if (indices.length !== this.rank) {
      const remedy =
        indices.length < this.rank
          ? `For a part of the array write \`take(${indices[0] ?? 0})\` or \`slice(…)\`.`
          : 'Leave the extra indices out.';
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `at needs one index for each of the ${this.rank} axes of ${describeType(this)}. Received: ${received(indices)}. ${remedy}`,
      );
    }
    const strides = stridesOf(this.shape);
    let offset = 0;
    indices.forEach((index, axis) => {
      offset += wrapIndex(index, this.shape[axis] as number, axis) * (strides[axis] as number);
    });
    return this.element(offset);
  }

  /** The only element of an array of size 1. */
  item(): ElementOf<D> {
    if (this.size === 1) return this.element(0);
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `item needs an array of one element. Received: ${describeType(this)}. Use \`at(…)\` for one of them or \`toArray()\` for all.`,
    );
  }

  /**
   * A part of the array. With numbers it works as `Array.prototype.slice` along the first axis; with one entry an axis,
   * each is an index, `[start, end]`, `[start, end, step]`, or `null` for the whole axis. Missing axes are whole.
   *
   * @example
   * x.slice(0, 10);             // the first ten
   * x.slice([0, 10], null, 3);  // of those, every row, column 3
   */
  slice(start?: number, end?: number): NDArray<D>;
  slice(...axes: AxisSlice[]): NDArray<D>;
  slice(...args: (AxisSlice | undefined)[]): NDArray<D> {
    if (this.rank === 0)
      throw new WeftError(
        'WEFT_E_SHAPE',
        'slice needs an array with at least one axis. Received: a scalar. Use `item()`.',
      );
    if (args.every((arg) => arg === undefined || typeof arg === 'number') && args.length <= 2) {
      const [from, to] = bounds(
        [args[0] as number | undefined, args[1] as number | undefined],
        this.shape[0] as number,
        0,
      );
      return this.rows(from, to);
    }
    if (args.length > this.rank) {
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `slice takes at most one entry for each of the ${this.rank} axes of ${describeType(this)}. Received: ${args.length}. Leave the extra ones out.`,
      );
    }
    const picks = this.shape.map((extent, axis) => picked(args[axis] ?? null, extent, axis));
    const shape = picks.filter((_, axis) => typeof args[axis] !== 'number').map((indices) => indices.length);
    return this.gather(picks, shape);
  }

  /**
   * Rows by index along an axis: a list keeps the axis, a single index removes it.
   *
   * @example
   * x.take(0);          // the first sample, without the batch axis
   * x.take([3, 1, 3]);  // three samples
   */
  take(indices: number | ArrayLike<number> | NDArray, axis = 0): NDArray<D> {
    const along = wrapAxis(axis, this.rank);
    const extent = this.shape[along] as number;
    if (typeof indices === 'number' && along === 0) {
      const at = wrapIndex(indices, extent, 0);
      return this.rows(at, at + 1).reshape(this.shape.slice(1));
    }
    const list =
      typeof indices === 'number'
        ? [indices]
        : Array.from(isNDArray(indices) ? (indices.data as ArrayLike<number>) : indices);
    const rows = list.map((index) => wrapIndex(index, extent, along));
    const kept = typeof indices === 'number' ? [] : [rows.length];
    const shape = [...this.shape.slice(0, along), ...kept, ...this.shape.slice(along + 1)];
    const inner = sizeOf(this.shape.slice(along + 1));
    const outer = sizeOf(this.shape.slice(0, along));
    const result = allocate(this.dtype, outer * rows.length * inner);
    for (let o = 0, to = 0; o < outer; o++) {
      for (const row of rows) {
        copyElements(this.data, (o * extent + row) * inner, result, to, inner);
        to += inner;
      }
    }
    return new NDArray(result, shape, this.dtype);
  }

  /** The same elements in another shape; one extent may be -1 and is worked out. Shares memory. */
  reshape(shape: readonly number[]): NDArray<D> {
    const unknown = shape.indexOf(-1);
    let wanted = shape;
    if (unknown >= 0) {
      const others = sizeOf(shape.filter((_, axis) => axis !== unknown));
      wanted = shape.map((extent, axis) => (axis === unknown ? this.size / others : extent));
    }
    if (!wanted.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || sizeOf(wanted) !== this.size) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `reshape needs a shape of ${this.size} elements, at most one extent -1. Received: [${shape.join(', ')}] for ${describeType(this)}. Choose extents whose product is ${this.size}.`,
      );
    }
    return new NDArray(this.data, wanted, this.dtype);
  }

  /** A function of each element; the result keeps the dtype unless another is given. */
  map(fn: (value: ElementOf<D>, index: number) => ElementOf<D> | boolean): NDArray<D>;
  map<E extends NDType>(fn: (value: ElementOf<D>, index: number) => ElementOf<E> | boolean, dtype: E): NDArray<E>;
  map(
    fn: (value: ElementOf<D>, index: number) => string | number | boolean,
    dtype: NDType = this.dtype,
  ): NDArray<NDType> {
    const result = allocate(checkNDType(dtype), this.size);
    const write = writer(result, dtype);
    for (let i = 0; i < this.size; i++) write(i, fn(this.element(i), i));
    return new NDArray<NDType>(result, this.shape, dtype);
  }

  /** The elements as another dtype: floats are cut off towards zero for integers, and everything but 0 is true. */
  cast<E extends NumericDType>(dtype: E): NDArray<E> {
    checkNDType(dtype);
    if ((dtype as NDType) === this.dtype) return this as unknown as NDArray<E>;
    if (this.dtype === 'string' || (dtype as NDType) === 'string') {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `cast works between numeric dtypes. Received: ${this.dtype} to ${dtype}. Use \`map(fn, dtype)\` for text.`,
      );
    }
    const whole = !isFloatDType(dtype) && dtype !== 'bool';
    const convert = (value: number): number =>
      dtype === 'bool' ? Number(value !== 0) : whole ? Math.trunc(value) : value;
    return (this as unknown as NDArray).map<NumericDType>(convert, dtype) as unknown as NDArray<E>;
  }

  /**
   * Where the largest element along an axis is, the first of equals; `axis` counts from the end when negative.
   *
   * @example
   * (await model.predict(x)).argmax(-1); // the most probable class of each sample
   */
  argmax(axis = -1): NDArray<'int32'> {
    if (this.dtype === 'string')
      throw new WeftError(
        'WEFT_E_DTYPE',
        'argmax needs numbers. Received: an array of strings. Map it to numbers first.',
      );
    const along = wrapAxis(axis, this.rank);
    const extent = this.shape[along] as number;
    if (extent === 0)
      throw new WeftError(
        'WEFT_E_SHAPE',
        `argmax needs at least one element along the axis. Received: ${describeType(this)}, axis ${axis}. Check that the data are not empty.`,
      );
    const inner = sizeOf(this.shape.slice(along + 1));
    const outer = sizeOf(this.shape.slice(0, along));
    const result = new Int32Array(outer * inner);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let best = 0;
        let bestValue = this.element(o * extent * inner + i) as number;
        for (let k = 1; k < extent; k++) {
          const value = this.element((o * extent + k) * inner + i) as number;
          // The first NaN wins, as in NumPy.
          if (value > bestValue || (Number.isNaN(value) && !Number.isNaN(bestValue))) {
            best = k;
            bestValue = value;
          }
        }
        result[o * inner + i] = best;
      }
    }
    return new NDArray(result, [...this.shape.slice(0, along), ...this.shape.slice(along + 1)], 'int32');
  }

  /** Nested JavaScript arrays: numbers, booleans for bool, strings for text. A scalar gives the value itself. */
  toArray(): Nested<ElementOf<D> | boolean> {
    const value = (offset: number): ElementOf<D> | boolean =>
      this.dtype === 'bool' ? this.element(offset) === 1 : this.element(offset);
    const strides = stridesOf(this.shape);
    const nest = (axis: number, offset: number): Nested<ElementOf<D> | boolean> => {
      if (axis === this.rank) return value(offset);
      const stride = strides[axis] as number;
      return Array.from({ length: this.shape[axis] as number }, (_, i) => nest(axis + 1, offset + i * stride));
    };
    return nest(0, 0);
  }

  /** Along the first axis: elements of a vector, else the rows as arrays. */
  *[Symbol.iterator](): Generator<D extends 'string' ? string | NDArray<D> : number | NDArray<D>> {
    if (this.rank === 0)
      throw new WeftError('WEFT_E_SHAPE', 'Iteration needs at least one axis. Received: a scalar. Use `item()`.');
    for (let i = 0; i < (this.shape[0] as number); i++) {
      yield (this.rank === 1 ? this.element(i) : this.take(i)) as D extends 'string'
        ? string | NDArray<D>
        : number | NDArray<D>;
    }
  }

  /** The text that NumPy prints. */
  toString(): string {
    return formatArray(this);
  }

  /** Text and HTML of this array. */
  describe(): Description {
    const text = `NDArray ${describeType(this)}\n${formatArray(this)}`;
    return { text, html: htmlText(text) };
  }

  [inspectSymbol](): string {
    return this.describe().text;
  }

  [jupyterSymbol](): MimeBundle {
    return mimeBundle(this.describe());
  }

  /** The element at a flat offset. */
  private element(offset: number): ElementOf<D> {
    const value = this.data[offset] as string | number;
    return (this.dtype === 'float16' ? halfToNumber(value as number) : value) as ElementOf<D>;
  }

  /** Rows `from` to `to` of the first axis; shares memory. */
  private rows(from: number, to: number): NDArray<D> {
    const inner = sizeOf(this.shape.slice(1));
    const data = this.data as unknown as {
      subarray?(start: number, end: number): unknown;
      slice(start: number, end: number): unknown;
    };
    const part = data.subarray ? data.subarray(from * inner, to * inner) : data.slice(from * inner, to * inner);
    return new NDArray(part as DataOf[D], [to - from, ...this.shape.slice(1)], this.dtype);
  }

  private gather(picks: readonly (readonly number[])[], shape: readonly number[]): NDArray<D> {
    const strides = stridesOf(this.shape);
    const result = allocate(this.dtype, sizeOf(shape));
    let to = 0;
    const copy = (axis: number, offset: number): void => {
      if (axis === this.rank) {
        copyElements(this.data, offset, result, to++, 1);
        return;
      }
      for (const index of picks[axis] as readonly number[]) copy(axis + 1, offset + index * (strides[axis] as number));
    };
    copy(0, 0);
    return new NDArray(result, shape, this.dtype);
  }
}

/** True for an `NDArray` of any copy of Weft. */
export function isNDArray(value: unknown): value is NDArray<NDType> {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/** `float32[2, 3]`: how an array is named in messages. */
export function describeType(array: { readonly dtype: string; readonly shape: readonly number[] }): string {
  return `${array.dtype}[${array.shape.join(', ')}]`;
}

function checkShape(shape: readonly number[], size: number): void {
  const valid = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (!valid || sizeOf(shape) !== size) {
    throw new WeftError(
      'WEFT_E_SHAPE',
      `The shape of an array must be whole numbers >= 0 whose product is its number of elements, ${size}. Received: ${received(shape)}. Give a shape that holds ${size} elements.`,
    );
  }
}
