/**
 * Bytes on a device that knows no bytes: four of them in each uint32, row by row, so that images take a quarter of the
 * memory that they would take as float32. They become float32 inside a graph, after a batch was gathered.
 */
import { cast, constant, mul, reshape, shiftRight, sizeOf, slice, type Shape, type Value } from '@weftjs/graph';

/** How many words hold a row of so many bytes. */
export const wordsPerRow = (bytes: number): number => Math.ceil(bytes / 4);

/** Rows of bytes as rows of words, the first byte lowest; a row is filled up with zeros. Shares memory where it can. */
export function packBytes(data: Uint8Array, rows: number): Uint32Array {
  const inner = data.length / rows;
  if (inner % 4 === 0 && data.byteOffset % 4 === 0) return new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
  const words = new Uint32Array(rows * wordsPerRow(inner));
  const bytes = new Uint8Array(words.buffer);
  const stride = wordsPerRow(inner) * 4;
  for (let row = 0; row < rows; row++) bytes.set(data.subarray(row * inner, (row + 1) * inner), row * stride);
  return words;
}

/** float32[rows, …rest] from the words uint32[rows, n]. */
export function unpackBytes(words: Value, rest: Shape): Value {
  const [rows, count] = words.type.shape as readonly [number, number];
  const inner = sizeOf(rest);
  // byte k goes to the top of its word, which drops what is above it, and comes down: vectors shift by one amount only
  const raised = mul(reshape(words, [rows, count, 1]), constant('uint32', [4], [2 ** 24, 2 ** 16, 2 ** 8, 1]));
  const bytes = reshape(shiftRight(raised, 24), [rows, count * 4]);
  const exact = inner === count * 4 ? bytes : slice(bytes, [0, 0], [rows, inner]);
  return reshape(cast(exact, 'float32'), [rows, ...rest]);
}
