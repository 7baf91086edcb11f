/**
 * safetensors: named tensors in one file. Eight bytes of header length, a JSON header that says where each tensor lies,
 * then the bytes of all tensors, one behind the other without gaps. There is nothing to execute, and the format is strict:
 * a reader can and must refuse every file whose header does not describe its bytes exactly.
 *
 * Format: https://huggingface.co/docs/safetensors. Numbers are little-endian, as in every JavaScript engine of today.
 */
import { WeftError, received } from '@weftjs/graph';
import { NDArray, describeType } from '../core/ndarray.ts';
import type { NDType, NumericDType } from '../core/ndarray/dtypes.ts';
import { bfloat16ToFloat32, float64ToFloat32, int64ToInt32, widen } from './elements.ts';
import type { Json } from './strictJson.ts';
import { isJsonObject, parseStrictJson } from './strictJson.ts';

/** What a file may ask of its reader. */
export interface SafetensorsLimits {
  /** Most bytes of the header; 100,000,000 as in the reference reader. */
  readonly headerBytes: number;
  /** Most axes of a tensor. */
  readonly rank: number;
  /** Largest extent of an axis. */
  readonly extent: number;
}

const LIMITS: SafetensorsLimits = { headerBytes: 100_000_000, rank: 8, extent: 2 ** 31 - 1 };

/** The contents of a file. Maps, since names come from strangers. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NDArray>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** Element types of the format: bytes per element, and how they become one of ours. */
const ELEMENTS: Readonly<
  Record<string, { bytes: number; dtype: NumericDType; decode: (bytes: Uint8Array) => unknown }>
> = {
  F32: { bytes: 4, dtype: 'float32', decode: (bytes) => new Float32Array(bytes.buffer) },
  F16: { bytes: 2, dtype: 'float16', decode: (bytes) => new Uint16Array(bytes.buffer) },
  BF16: { bytes: 2, dtype: 'float32', decode: bfloat16ToFloat32 },
  F64: { bytes: 8, dtype: 'float32', decode: float64ToFloat32 },
  I32: { bytes: 4, dtype: 'int32', decode: (bytes) => new Int32Array(bytes.buffer) },
  U32: { bytes: 4, dtype: 'uint32', decode: (bytes) => new Uint32Array(bytes.buffer) },
  I64: { bytes: 8, dtype: 'int32', decode: int64ToInt32 },
  I16: { bytes: 2, dtype: 'int32', decode: (bytes) => widen(new Int16Array(bytes.buffer)) },
  U16: { bytes: 2, dtype: 'int32', decode: (bytes) => widen(new Uint16Array(bytes.buffer)) },
  I8: { bytes: 1, dtype: 'int32', decode: (bytes) => widen(new Int8Array(bytes.buffer)) },
  U8: { bytes: 1, dtype: 'uint8', decode: (bytes) => bytes },
  BOOL: { bytes: 1, dtype: 'bool', decode: checkBooleans },
};

const NAME_OF: Readonly<Partial<Record<NDType, string>>> = {
  float32: 'F32',
  float16: 'F16',
  int32: 'I32',
  uint32: 'U32',
  bool: 'BOOL',
  uint8: 'U8',
};

/**
 * The bytes of a safetensors file. The same tensors give the same bytes: they are ordered by size of element, then name.
 *
 * @example
 * const bytes = encodeSafetensors({ 'dense/kernel': ndarray([[1, 2]]) }, { format: 'weft' });
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, NDArray]> | Readonly<Record<string, NDArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Symbol.iterator in tensors ? [...tensors] : Object.entries(tensors);
  const seen = new Set<string>();
  for (const [name, array] of entries) {
    checkName(name, 'WEFT_E_ARGUMENT');
    if (seen.has(name))
      throw new WeftError(
        'WEFT_E_ARGUMENT',
        `Names of tensors must be unique. Received: ${received(name)} twice. Rename one of them.`,
      );
    seen.add(name);
    if (NAME_OF[array.dtype] === undefined)
      throw new WeftError(
        'WEFT_E_DTYPE',
        `safetensors holds numbers and bools. Received: ${describeType(array)} for ${received(name)}. Keep text in the metadata.`,
      );
  }
  entries.sort(([a, x], [b, y]) =>
    x.data.BYTES_PER_ELEMENT === y.data.BYTES_PER_ELEMENT
      ? a < b
        ? -1
        : 1
      : y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT,
  );

  let end = 0;
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set('__metadata__', metadata);
  for (const [name, array] of entries) {
    const begin = end;
    end += array.data.byteLength;
    header.set(name, { dtype: NAME_OF[array.dtype], shape: array.shape, data_offsets: [begin, end] });
  }
  const text = `{${[...header].map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const json = new TextEncoder().encode(text);
  const headerLength = Math.ceil(json.length / 8) * 8; // spaces, so that the tensors are aligned

  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

/**
 * Reads a safetensors file. float64 and bfloat16 become float32, 64-bit integers int32 with a range check, small integers
 * int32; uint8 stays bytes.
 *
 * @throws WeftError `WEFT_E_FILE` for a file whose header and bytes do not agree exactly.
 */
export function decodeSafetensors(file: Uint8Array, limits: Partial<SafetensorsLimits> = {}): Safetensors {
  const { headerBytes, rank, extent } = { ...LIMITS, ...limits };
  if (file.length < 8) throw bad('be at least 8 bytes long', `${file.length} bytes`);
  const headerLength = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (headerLength > BigInt(headerBytes))
    throw bad(`have a header of at most ${headerBytes} bytes`, `a header of ${headerLength} bytes`);
  if (headerLength > BigInt(file.length - 8))
    throw bad('hold its whole header', `a header of ${headerLength} bytes in a file of ${file.length}`);
  const dataStart = 8 + Number(headerLength);
  const dataLength = file.length - dataStart;
  const header = parseStrictJson(decodeText(file.subarray(8, dataStart)), {
    maxDepth: 3,
    what: 'the safetensors header',
  });
  if (!isJsonObject(header)) throw bad('have an object as its header', received(header));

  const metadata = new Map<string, string>();
  const infos: TensorInfo[] = [];
  for (const name of Object.keys(header)) {
    const entry = header[name] as Json;
    if (name === '__metadata__') readMetadata(entry, metadata);
    else infos.push(readInfo(name, entry, rank, extent));
  }

  infos.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of infos) {
    if (begin !== at)
      throw bad(
        'hold its tensors one behind the other, without gaps or overlap',
        `${received(name)} at byte ${begin}, where the one before ends at ${at}`,
      );
    at = end;
  }
  if (at !== dataLength)
    throw bad('end where its last tensor ends', `${dataLength} bytes of data, of which the header describes ${at}`);

  const tensors = new Map<string, NDArray>();
  for (const { name, dtype, shape, begin, end } of infos) {
    const element = ELEMENTS[dtype] as (typeof ELEMENTS)[string];
    // A copy: aligned for its type, and independent of what the caller does with the file.
    const data = element.decode(file.slice(dataStart + begin, dataStart + end));
    tensors.set(name, new NDArray(data as Float32Array, shape, element.dtype as 'float32') as NDArray);
  }
  return { tensors, metadata };
}

interface TensorInfo {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readInfo(name: string, entry: Json, maxRank: number, maxExtent: number): TensorInfo {
  checkName(name, 'WEFT_E_FILE');
  const who = received(name);
  if (!isJsonObject(entry)) throw bad('describe each tensor by an object', `${received(entry)} for ${who}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENTS, dtype))
    throw bad(`use the dtypes ${Object.keys(ELEMENTS).join(', ')}`, `${received(dtype)} for ${who}`);
  if (!isWholeNumbers(shape) || shape.length > maxRank || shape.some((size) => size > maxExtent)) {
    throw bad(
      `have shapes of at most ${maxRank} extents, each a whole number up to ${maxExtent}`,
      `${received(shape)} for ${who}`,
    );
  }
  if (!isWholeNumbers(offsets) || offsets.length !== 2 || (offsets[0] as number) > (offsets[1] as number)) {
    throw bad('give each tensor two offsets, the first not past the second', `${received(offsets)} for ${who}`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce(
    (product, size) => product * BigInt(size),
    BigInt((ELEMENTS[dtype] as { bytes: number }).bytes),
  );
  if (bytes !== BigInt(end - begin))
    throw bad(
      'give each tensor as many bytes as its shape needs',
      `${end - begin} bytes for ${who}, ${dtype}[${shape.join(', ')}], which needs ${bytes}`,
    );
  return { name, dtype, shape, begin, end };
}

function readMetadata(entry: Json, metadata: Map<string, string>): void {
  if (!isJsonObject(entry)) throw bad('have text for each key of its metadata', received(entry));
  for (const key of Object.keys(entry)) {
    const value = entry[key];
    if (typeof value !== 'string')
      throw bad('have text for each key of its metadata', `${received(value)} for ${received(key)}`);
    metadata.set(key, value);
  }
}

function isWholeNumbers(value: Json | undefined): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && (entry as number) >= 0);
}

function checkName(name: string, code: 'WEFT_E_FILE' | 'WEFT_E_ARGUMENT'): void {
  if (name.length >= 1 && name.length <= 256 && name !== '__metadata__' && !/[\u0000-\u001f\u007f]/.test(name)) return;
  throw new WeftError(
    code,
    `The name of a tensor must have 1 to 256 characters, none of them a control character, and not be \`__metadata__\`. Received: ${received(name)}. Rename the tensor.`,
  );
}

function checkBooleans(bytes: Uint8Array): Uint8Array {
  const wrong = bytes.findIndex((byte) => byte > 1);
  if (wrong >= 0) throw bad('hold bools as 0 and 1', `${bytes[wrong]} at element ${wrong}`);
  return bytes;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_FILE',
      'A safetensors file must have a header in UTF-8. Received: bytes that are not. The file is damaged, or is not safetensors.',
      { cause },
    );
  }
}

function bad(requirement: string, got: string): WeftError {
  return new WeftError(
    'WEFT_E_FILE',
    `A safetensors file must ${requirement}. Received: ${got}. The file is damaged, incomplete, or not safetensors; get it again from its source.`,
  );
}
