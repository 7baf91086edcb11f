/**
 * Arrays into pictures, for pages and notebooks.
 */
import { WeftError } from '@weftjs/graph';
import type { NDArray, NDType, NumericData } from '../core/ndarray.ts';
import { describeType, toNDArray } from '../core/ndarray.ts';
import type { PixelData } from './fromPixels.ts';

/** Something on the device that can come to the host. */
interface OnDevice {
  host(): Promise<NDArray>;
}

/**
 * The pixels of an image [height, width], or [height, width, channels] with 1, 3 or 4 channels: floats in [0, 1] (what lies
 * outside is clipped), or bytes. Draws them when a canvas is given.
 *
 * @returns `ImageData` in a page, else an object of its form.
 * @throws WeftError `WEFT_E_SHAPE` for another shape.
 * @example
 * await toPixels(test.x.take(0), document.querySelector('canvas'));
 */
export async function toPixels(
  image: NumericData | OnDevice,
  canvas?: HTMLCanvasElement | OffscreenCanvas | null,
): Promise<PixelData> {
  const array = toNDArray(isOnDevice(image) ? await image.host() : image) as NDArray<NDType>;
  const [height = 0, width = 0, channels = 1] = array.shape;
  if (
    array.dtype === 'string' ||
    array.rank < 2 ||
    array.rank > 3 ||
    ![1, 3, 4].includes(channels) ||
    height * width === 0
  ) {
    const remedy = array.rank === 4 ? 'Take one image of the batch with `take(0)`.' : 'Reshape it first.';
    throw new WeftError(
      'WEFT_E_SHAPE',
      `toPixels needs an image [height, width] or [height, width, channels] with 1, 3 or 4 channels. Received: ${describeType(array)}. ${remedy}`,
    );
  }
  const numbers = (array as NDArray).dtype === 'float16' ? (array as NDArray).cast('float32') : (array as NDArray);
  const scale = numbers.dtype === 'float32' ? 255 : numbers.dtype === 'bool' ? 255 : 1;
  const data = new Uint8ClampedArray(height * width * 4);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let channel = 0; channel < 4; channel++) {
      const from = channels === 1 ? 0 : channel;
      const opaque = channel === 3 && channels !== 4;
      // A Uint8ClampedArray rounds and clips by itself.
      data[pixel * 4 + channel] = opaque ? 255 : (numbers.data[pixel * channels + from] as number) * scale;
    }
  }
  const pixels = typeof ImageData === 'undefined' ? { data, width, height } : new ImageData(data, width, height);
  if (canvas) {
    canvas.width = width;
    canvas.height = height;
    (canvas.getContext('2d') as CanvasRenderingContext2D).putImageData(pixels as ImageData, 0, 0);
  }
  return pixels;
}

function isOnDevice(value: unknown): value is OnDevice {
  return typeof value === 'object' && value !== null && typeof (value as OnDevice).host === 'function';
}
