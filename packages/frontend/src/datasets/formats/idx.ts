/**
 * IDX, the format of MNIST: two zero bytes, the element type, the number of axes, the extent of each axis as a big-endian
 * word, then the elements.
 */
import { WeftError } from '@weftjs/graph';
import { NDArray } from '../../core/ndarray.ts';

const UNSIGNED_BYTE = 0x08;

/** Reads an IDX file of bytes. */
export function parseIdx(bytes: Uint8Array, name: string): NDArray<'uint8'> {
  const bad = (got: string): WeftError =>
    new WeftError(
      'WEFT_E_FILE',
      `An IDX file must hold bytes with as many elements as its header says. Received: ${got} in ${name}. The file is damaged or of another format; get it again.`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0) throw bad('no IDX header');
  const rank = bytes[3] as number;
  if (bytes[2] !== UNSIGNED_BYTE || rank < 1 || rank > 4) throw bad(`elements of type ${bytes[2]} with ${rank} axes`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw bad('half a header');
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (bytes.length - start !== size) throw bad(`${bytes.length - start} elements for shape [${shape.join(', ')}]`);
  return new NDArray(bytes.subarray(start), shape, 'uint8');
}
