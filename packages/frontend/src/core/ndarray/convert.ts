/**
 * From what people have to an `NDArray`. Nested numbers are float32, booleans bool, text string; typed arrays keep their
 * dtype, except that Float64Array becomes float32 and BigInt64Array int32, with a range check. Bytes stay bytes.
 */
import { WeftError, received, sizeOf } from '@weftjs/graph';
import { NDArray, describeType, isNDArray } from './array.ts';
import type { DataOf, NDType, NumericDType } from './dtypes.ts';
import { INTEGER_RANGE, allocate, checkNDType, dtypeOfTyped, isFloatDType } from './dtypes.ts';
import { writer } from './elements.ts';

/** Numbers and bools in any container that {@link ndarray} reads. */
export type NumericData = number | boolean | bigint | ArrayBufferView | NDArray | readonly NumericData[];

/** Text in nested arrays. */
export type TextData = string | NDArray<'string'> | readonly TextData[];

/** What {@link ndarray} reads. */
export type ArrayData = NumericData | TextData;

export interface ArrayOptions<D extends NDType = NDType> {
  /** The dtype wanted; the values must fit into it. By default the rules above choose. */
  dtype?: D;
  /** The shape wanted; the number of elements must agree. */
  shape?: readonly number[];
}

/**
 * Makes an {@link NDArray} of numbers, nested arrays, typed arrays or rows of them. Typed arrays that keep their dtype are
 * not copied.
 *
 * @throws WeftError `WEFT_E_SHAPE` for ragged nesting, `WEFT_E_DTYPE` for values that do not fit, `WEFT_E_DATA` for gaps.
 * @example
 * ndarray([[1, 2], [3, 4]]);                         // float32[2, 2]
 * ndarray(new Uint8Array(784), { shape: [28, 28] }); // uint8[28, 28]
 */
export function ndarray<D extends NDType>(data: ArrayData, options: ArrayOptions<D> & { dtype: D }): NDArray<D>;
export function ndarray(data: NumericData, options?: ArrayOptions): NDArray;
export function ndarray(data: TextData, options?: ArrayOptions): NDArray<'string'>;
export function ndarray(data: ArrayData, options?: ArrayOptions): NDArray<NDType>;
export function ndarray(data: ArrayData, options: ArrayOptions = {}): NDArray<NDType> {
  const wanted = options.dtype === undefined ? undefined : checkNDType(options.dtype);
  const array = convert(data, wanted);
  return options.shape === undefined ? array : withShape(array, options.shape);
}

/** The array of a value, without copying one that is already an `NDArray`. */
export function toNDArray(data: unknown, dtype?: NDType): NDArray<NDType> {
  return convert(data as ArrayData, dtype);
}

function convert(data: ArrayData, dtype: NDType | undefined): NDArray<NDType> {
  if (isNDArray(data)) return retype(data, dtype);
  if (ArrayBuffer.isView(data)) return fromTyped(data, dtype);
  if (Array.isArray(data)) return fromNested(data as readonly unknown[], dtype);
  if (typeof data === 'number' || typeof data === 'boolean' || typeof data === 'bigint' || typeof data === 'string') {
    return fromNested([data], dtype).reshape([]);
  }
  throw notData(data);
}

function notData(data: unknown): WeftError {
  const thenable = typeof data === 'object' && data !== null && typeof (data as { then?: unknown }).then === 'function';
  if (thenable) {
    return new WeftError(
      'WEFT_E_AWAIT',
      'Data must be here when they are used. Received: a Promise. Did you forget `await`?',
    );
  }
  const device = typeof (data as { host?: unknown } | null | undefined)?.host === 'function';
  const remedy = device
    ? 'A tensor lives on the device: write `await tensor.host()`.'
    : data === undefined || data === null
      ? 'Check the name of the variable.'
      : 'Give an array of numbers, nested arrays, a typed array or an NDArray.';
  return new WeftError(
    'WEFT_E_DATA',
    `Data must be numbers, booleans or text in (nested) arrays, typed arrays or an NDArray. Received: ${received(data)}. ${remedy}`,
  );
}

function withShape(array: NDArray<NDType>, shape: readonly number[]): NDArray<NDType> {
  const valid = Array.isArray(shape) && shape.every((extent) => Number.isSafeInteger(extent) && extent >= -1);
  if (!valid || (!shape.includes(-1) && sizeOf(shape) !== array.size)) {
    throw new WeftError(
      'WEFT_E_SHAPE',
      `\`shape\` must hold as many elements as the data, ${array.size}. Received: ${received(shape)}${valid ? `, which holds ${sizeOf(shape)}` : ''}. Give extents whose product is ${array.size}.`,
    );
  }
  return array.reshape(shape);
}

/** The same values as another dtype; a value that does not fit is an error, never a silent change. */
function retype(array: NDArray<NDType>, dtype: NDType | undefined): NDArray<NDType> {
  if (dtype === undefined || dtype === array.dtype) return array;
  if ((array.dtype === 'string') !== (dtype === 'string')) {
    throw new WeftError(
      'WEFT_E_DTYPE',
      `Text and numbers do not convert by themselves. Received: ${describeType(array)} for dtype ${dtype}. Use \`map(fn, dtype)\`.`,
    );
  }
  return array.map((value) => value, dtype);
}

function fromTyped(view: ArrayBufferView, dtype: NDType | undefined): NDArray<NDType> {
  if (view instanceof DataView) throw notData(view);
  const kept = dtypeOfTyped(view);
  const typed = view as unknown as ArrayLike<number | bigint>;
  if (kept !== undefined)
    return retype(new NDArray<NDType>(view as unknown as DataOf[NDType], [typed.length], kept), dtype);
  if (view instanceof Uint8ClampedArray) {
    return retype(
      new NDArray(new Uint8Array(view.buffer, view.byteOffset, view.length), [view.length], 'uint8'),
      dtype,
    );
  }
  if (view instanceof Uint16Array && dtype === 'float16') return new NDArray(view, [view.length], 'float16');
  const name = view.constructor.name;
  const target: NDType = dtype ?? (name === 'Float64Array' ? 'float32' : name === 'Float16Array' ? 'float16' : 'int32');
  const result = allocate(target, typed.length);
  const write = writer(result, target);
  for (let i = 0; i < typed.length; i++) write(i, safeNumber(typed[i] as number | bigint, target));
  return new NDArray(result, [typed.length], target);
}

function safeNumber(value: number | bigint, dtype: NDType): number {
  if (typeof value === 'number') return value;
  const [low, high] = INTEGER_RANGE[dtype] ?? [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  if (value < BigInt(low) || value > BigInt(high)) {
    throw new WeftError(
      'WEFT_E_DTYPE',
      `64-bit integers become ${dtype} and must lie between ${low} and ${high}. Received: ${value}. Subtract an offset, or convert to float32 yourself.`,
    );
  }
  return Number(value);
}

/** What the leaves of nested arrays are. */
type Leaf = 'number' | 'boolean' | 'bigint' | 'string';

const LEAF_DTYPE: Readonly<Record<Leaf, NDType>> = {
  number: 'float32',
  boolean: 'bool',
  bigint: 'int32',
  string: 'string',
};

function fromNested(data: readonly unknown[], dtype: NDType | undefined): NDArray<NDType> {
  const rows = innerArrays(data);
  if (rows !== undefined)
    return stack(
      rows.shape,
      rows.parts.map((part) => convert(part, dtype)),
    );

  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const size = sizeOf(shape);
  const leaf = firstLeaf(data);
  const target = dtype ?? (leaf === undefined ? 'float32' : LEAF_DTYPE[leaf]);
  if (leaf !== undefined && (leaf === 'string') !== (target === 'string')) throw textAndNumbers(leaf, target, data);
  const result = allocate(target, size);
  const write = writer(result, target);
  let offset = 0;
  const path: number[] = [];
  const fill = (level: readonly unknown[], axis: number): void => {
    if (level.length !== shape[axis]) throw ragged(path, level.length, shape[axis] as number);
    const innermost = axis === shape.length - 1;
    for (let i = 0; i < level.length; i++) {
      const entry = level[i];
      path[axis] = i;
      path.length = axis + 1;
      if (Array.isArray(entry)) {
        if (innermost) throw ragged(path, entry.length, undefined);
        fill(entry as readonly unknown[], axis + 1);
      } else {
        const kind = typeof entry;
        if (!innermost || kind !== leaf) throw badLeaf(entry, leaf, path, innermost);
        write(offset++, kind === 'bigint' ? safeNumber(entry as bigint, target) : entry);
      }
    }
    path.length = axis;
  };
  fill(data, 0);
  return new NDArray(result, shape, target);
}

function firstLeaf(data: readonly unknown[]): Leaf | undefined {
  let first: unknown = data;
  while (Array.isArray(first)) first = first[0];
  const kind = typeof first;
  return kind === 'number' || kind === 'boolean' || kind === 'bigint' || kind === 'string' ? kind : undefined;
}

/** Nested arrays whose innermost entries are typed arrays or NDArrays: rows to be stacked. */
function innerArrays(data: readonly unknown[]): { shape: number[]; parts: ArrayData[] } | undefined {
  let probe: unknown = data;
  const shape: number[] = [];
  while (Array.isArray(probe)) {
    shape.push(probe.length);
    probe = probe[0];
  }
  if (!ArrayBuffer.isView(probe) && !isNDArray(probe)) return undefined;
  const parts: ArrayData[] = [];
  const collect = (level: readonly unknown[], axis: number): void => {
    if (level.length !== shape[axis]) throw ragged([], level.length, shape[axis] as number);
    for (const entry of level) {
      if (axis < shape.length - 1 && Array.isArray(entry)) collect(entry as readonly unknown[], axis + 1);
      else if (axis === shape.length - 1 && (ArrayBuffer.isView(entry) || isNDArray(entry) || Array.isArray(entry)))
        parts.push(entry as ArrayData);
      else throw notData(entry);
    }
  };
  collect(data, 0);
  return { shape, parts };
}

/** Equal arrays under new leading axes. */
function stack(outer: readonly number[], parts: readonly NDArray<NDType>[]): NDArray<NDType> {
  const [first] = parts;
  if (first === undefined) return new NDArray(new Float32Array(0), outer, 'float32');
  const result = allocate(first.dtype, parts.length * first.size);
  parts.forEach((part, index) => {
    if (part.shape.join() !== first.shape.join() || part.dtype !== first.dtype) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `All rows must have one shape and dtype, here ${describeType(first)}. Received: ${describeType(part)} at row ${index}. Pad or convert the rows first.`,
      );
    }
    if (ArrayBuffer.isView(result))
      (result as unknown as Float32Array).set(part.data as unknown as Float32Array, index * first.size);
    else
      for (let i = 0; i < part.size; i++)
        (result as unknown as string[])[index * first.size + i] = part.data[i] as string;
  });
  return new NDArray(result, [...outer, ...first.shape], first.dtype);
}

const place = (path: readonly number[]): string => (path.length === 0 ? '' : ` at [${path.join('][')}]`);

function ragged(path: readonly number[], length: number, expected: number | undefined): WeftError {
  const requirement = 'Nested arrays must be regular: every row as long as its neighbours';
  const got =
    expected === undefined
      ? `an array of ${length}${place(path)}, where its neighbours are single values`
      : `a row of ${length}${place(path)}, where the first row has ${expected}`;
  return new WeftError(
    'WEFT_E_SHAPE',
    `${requirement}. Received: ${got}. Pad the rows to one length (\`padSequences\`), or cut them.`,
  );
}

function badLeaf(value: unknown, leaf: Leaf | undefined, path: readonly number[], innermost: boolean): WeftError {
  if (value === undefined || value === null) {
    return new WeftError(
      'WEFT_E_DATA',
      `Data must have no gaps. Received: ${String(value)}${place(path)}. Leave the sample out, or fill in a value such as the mean.`,
    );
  }
  if (!innermost) {
    return new WeftError(
      'WEFT_E_SHAPE',
      `Nested arrays must be regular: every row as long as its neighbours. Received: ${received(value)}${place(path)}, where its neighbours are arrays. Wrap it in an array, or leave it out.`,
    );
  }
  if (leaf === undefined) return notData(value);
  const remedy =
    typeof value === 'string' ? 'Convert text to numbers with `Number(text)`.' : 'Convert them to one kind first.';
  return new WeftError(
    'WEFT_E_DTYPE',
    `All values must be of one kind, here ${leaf}. Received: ${received(value)}${place(path)}. ${remedy}`,
  );
}

function textAndNumbers(leaf: Leaf, target: NDType, data: readonly unknown[]): WeftError {
  const remedy =
    leaf === 'string'
      ? 'Convert text to numbers with `Number(text)`.'
      : 'Convert numbers to text with `String(value)`.';
  return new WeftError(
    'WEFT_E_DTYPE',
    `dtype ${target} needs ${target === 'string' ? 'text' : 'numbers or booleans'}. Received: ${received(data)}. ${remedy}`,
  );
}

/**
 * Whole numbers for those who need them (class labels, token ids): integer dtypes and bools as they are, floats when
 * every value is whole.
 *
 * @throws WeftError `WEFT_E_DTYPE` naming the first value that is not whole.
 */
export function toIntegers(owner: string, array: NDArray<NDType>): NDArray<'int32'> {
  if (array.dtype === 'int32') return array as unknown as NDArray<'int32'>;
  if (array.dtype === 'string') {
    throw new WeftError(
      'WEFT_E_DTYPE',
      `${owner} needs whole numbers. Received: ${describeType(array)}. Map the text to numbers first (StringLookup).`,
    );
  }
  const numeric = array as unknown as NDArray<NumericDType>;
  if (isFloatDType(array.dtype)) {
    numeric.map((value, index) => {
      if (!Number.isInteger(value)) {
        throw new WeftError(
          'WEFT_E_DTYPE',
          `${owner} needs whole numbers. Received: ${value} at element ${index} of ${describeType(array)}. Round the values, or use a loss for regression.`,
        );
      }
      return value;
    });
  }
  return numeric.map((value) => value, 'int32');
}
