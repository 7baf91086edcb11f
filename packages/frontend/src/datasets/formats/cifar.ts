/**
 * CIFAR-10 in its binary form: records of one label byte and the planes red, green and blue of 32 x 32 pixels.
 */
import { WeftError } from '@weftjs/graph';
import { NDArray } from '../../core/ndarray.ts';

const PIXELS = 32 * 32;
const RECORD = 1 + 3 * PIXELS;

/** Images uint8[n, 32, 32, 3] and labels uint8[n] of binary records. */
export function parseCifar(bytes: Uint8Array): { x: NDArray<'uint8'>; y: NDArray<'uint8'> } {
  const count = bytes.length / RECORD;
  if (!Number.isInteger(count)) {
    throw new WeftError(
      'WEFT_E_FILE',
      `A CIFAR-10 batch must be made of records of ${RECORD} bytes. Received: ${bytes.length} bytes. The file is damaged or of another format; get it again.`,
    );
  }
  const x = new Uint8Array(count * 3 * PIXELS);
  const y = new Uint8Array(count);
  for (let record = 0; record < count; record++) {
    const start = record * RECORD;
    y[record] = bytes[start] as number;
    for (let channel = 0; channel < 3; channel++) {
      for (let pixel = 0; pixel < PIXELS; pixel++) {
        x[(record * PIXELS + pixel) * 3 + channel] = bytes[start + 1 + channel * PIXELS + pixel] as number;
      }
    }
  }
  return { x: new NDArray(x, [count, 32, 32, 3], 'uint8'), y: new NDArray(y, [count], 'uint8') };
}
