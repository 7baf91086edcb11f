/**
 * NumPy's .npy: a magic, a header that is a Python dictionary in a fixed form, then the elements. Only plain numeric arrays
 * are read; a header of any other form is refused, and nothing in it is ever evaluated. Pickled objects cannot be loaded.
 *
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { WeftError } from '@weftjs/graph';
import type { NDType, NumericDType } from '../core/ndarray.ts';
import { NDArray, describeType } from '../core/ndarray.ts';
import { float64ToFloat32, int64ToInt32, widen } from './elements.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const MAX_HEADER = 65_536;
const HEADER =
  /^\{'descr': '([<|=])([a-z]\d+)', 'fortran_order': (True|False), 'shape': \(((?:\d+, ?)*\d*,?)\), ?\}\s*$/;

interface Element {
  readonly bytes: number;
  readonly dtype: NumericDType;
  readonly decode: (bytes: Uint8Array) => ArrayLike<number>;
}

const ELEMENTS: Readonly<Record<string, Element>> = {
  f4: { bytes: 4, dtype: 'float32', decode: (bytes) => new Float32Array(bytes.buffer) },
  f8: { bytes: 8, dtype: 'float32', decode: float64ToFloat32 },
  f2: { bytes: 2, dtype: 'float16', decode: (bytes) => new Uint16Array(bytes.buffer) },
  i8: { bytes: 8, dtype: 'int32', decode: int64ToInt32 },
  i4: { bytes: 4, dtype: 'int32', decode: (bytes) => new Int32Array(bytes.buffer) },
  i2: { bytes: 2, dtype: 'int32', decode: (bytes) => widen(new Int16Array(bytes.buffer)) },
  i1: { bytes: 1, dtype: 'int32', decode: (bytes) => widen(new Int8Array(bytes.buffer)) },
  u4: { bytes: 4, dtype: 'uint32', decode: (bytes) => new Uint32Array(bytes.buffer) },
  u2: { bytes: 2, dtype: 'int32', decode: (bytes) => widen(new Uint16Array(bytes.buffer)) },
  u1: { bytes: 1, dtype: 'uint8', decode: (bytes) => bytes },
  b1: { bytes: 1, dtype: 'bool', decode: (bytes) => bytes.map((byte) => (byte === 0 ? 0 : 1)) },
};

const CODE_OF: Readonly<Partial<Record<NDType, string>>> = {
  float32: '<f4',
  float16: '<f2',
  int32: '<i4',
  uint32: '<u4',
  uint8: '|u1',
  bool: '|b1',
};

/**
 * Reads a .npy file. float64 becomes float32, 64-bit integers int32 with a range check, small integers int32.
 *
 * @throws WeftError `WEFT_E_FILE` for anything but a whole array of numbers or bools.
 */
export function decodeNpy(file: Uint8Array): NDArray {
  if (file.length < 10 || MAGIC.some((byte, index) => file[index] !== byte))
    throw bad('start with the magic of NumPy', 'other bytes');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const long = (file[6] as number) >= 2;
  if (long && file.length < 12) throw bad('hold its whole header', `${file.length} bytes`);
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (long ? 12 : 10) + length;
  if (length > MAX_HEADER || start > file.length)
    throw bad('hold its whole header', `a header of ${length} bytes in a file of ${file.length}`);
  const text = new TextDecoder('latin1').decode(file.subarray(start - length, start));
  const header = HEADER.exec(text);
  const element = header === null ? undefined : lookUp(header[2] as string);
  if (header === null || element === undefined)
    throw bad('describe a little-endian array of numbers or bools', JSON.stringify(text.trim().slice(0, 80)));

  const shape = (header[4] as string)
    .split(',')
    .filter((extent) => extent.trim() !== '')
    .map(Number);
  const bytes = shape.reduce((product, extent) => product * BigInt(extent), BigInt(element.bytes));
  if (shape.length > 8 || shape.some((extent) => extent > 2 ** 31 - 1) || bytes !== BigInt(file.length - start)) {
    throw bad('hold as many bytes as its shape needs', `${file.length - start} bytes for shape [${shape.join(', ')}]`);
  }
  const data = element.decode(file.slice(start));
  const fortran = header[3] === 'True' && shape.length > 1;
  const array = new NDArray(data as Float32Array, fortran ? [...shape].reverse() : shape, element.dtype as 'float32');
  return (fortran ? reverseAxes(array) : array) as NDArray;
}

const lookUp = (code: string): Element | undefined => (Object.hasOwn(ELEMENTS, code) ? ELEMENTS[code] : undefined);

/** Column-major data are the row-major data of the reversed shape. */
function reverseAxes(array: NDArray<'float32'>): NDArray<'float32'> {
  const shape = [...array.shape].reverse();
  const result = array.data.slice();
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < result.length; to++) {
    result[to] = array.data[
      index.reduceRight((offset, at, axis) => offset * (shape[axis] as number) + at, 0)
    ] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return new NDArray(result, shape, array.dtype);
}

/** The bytes of a .npy file. */
export function encodeNpy(array: NDArray): Uint8Array<ArrayBuffer> {
  const code = CODE_OF[array.dtype];
  if (code === undefined) {
    throw new WeftError(
      'WEFT_E_DTYPE',
      `A .npy file holds numbers and bools. Received: ${describeType(array)}. Save text as text.`,
    );
  }
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const text = `{'descr': '${code}', 'fortran_order': False, 'shape': (${shape}), }`;
  const headerLength = Math.ceil((10 + text.length + 1) / 64) * 64 - 10; // data start at a multiple of 64
  const file = new Uint8Array(10 + headerLength + array.data.byteLength).fill(0x20, 10, 10 + headerLength);
  file.set([...MAGIC, 1, 0, headerLength & 0xff, headerLength >> 8]);
  file.set(new TextEncoder().encode(text), 10);
  file[10 + headerLength - 1] = 0x0a;
  file.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength), 10 + headerLength);
  return file;
}

function bad(requirement: string, got: string): WeftError {
  return new WeftError(
    'WEFT_E_FILE',
    `A .npy file must ${requirement}. Received: ${got}. The file is damaged, or holds objects; save it with \`numpy.save\` as a numeric array.`,
  );
}
