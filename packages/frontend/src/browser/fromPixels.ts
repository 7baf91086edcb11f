/**
 * Pictures into arrays. A picture in a page is bytes, red, green, blue and opacity for each pixel; a model wants numbers
 * between 0 and 1, in as many channels as it was trained with.
 */
import { WeftError, received } from '@weftjs/graph';
import { NDArray } from '../core/ndarray.ts';
import { boolean, checkOptions, optionError } from '../options/strict.ts';

/** Pixels as `ImageData` has them: four bytes each. */
export interface PixelData {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Whatever shows pixels: image data, or something that a canvas can draw. */
export type PixelSource = PixelData | CanvasImageSource;

export interface FromPixelsOptions {
  /** 1 for grey, 3 for colour, 4 for colour and opacity; 3 by default. */
  channels?: 1 | 3 | 4;
  /** Height and width of the result; those of the picture by default. */
  size?: readonly [height: number, width: number];
  /** `true` gives bytes, uint8 in 0 … 255. */
  raw?: boolean;
}

/**
 * A picture as float32[height, width, channels] in [0, 1].
 *
 * Grey is the luma of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
 *
 * @throws WeftError `WEFT_E_DATA` for a picture that has not loaded, and for one from another site, whose pixels browsers hide.
 * @example
 * const digit = fromPixels(canvas, { channels: 1, size: [28, 28] });
 * const probabilities = await model.predict([digit]);
 */
export function fromPixels(source: PixelSource, options: FromPixelsOptions = {}): NDArray {
  checkOptions('fromPixels', options, ['channels', 'size', 'raw']);
  const { channels = 3, size, raw = false } = options;
  boolean('fromPixels', 'raw', raw);
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw optionError('fromPixels', 'channels', '1, 3 or 4', channels);
  if (
    size !== undefined &&
    !(Array.isArray(size) && size.length === 2 && size.every((extent) => Number.isSafeInteger(extent) && extent >= 1))
  ) {
    throw optionError(
      'fromPixels',
      'size',
      'two whole numbers >= 1, height and width',
      size,
      'Write for example `[28, 28]`',
    );
  }
  const { data, width, height } = pixelsOf(source, size as readonly [number, number] | undefined);
  const bytes = pickChannels(data, width * height, channels);
  const shape = [height, width, channels];
  if (raw) return new NDArray(bytes, shape, 'uint8') as unknown as NDArray;
  return new NDArray(
    Float32Array.from(bytes, (byte) => byte / 255),
    shape,
    'float32',
  ) as unknown as NDArray;
}

function pickChannels(data: ArrayLike<number>, pixels: number, channels: 1 | 3 | 4): Uint8Array {
  const result = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const [red, green, blue, alpha] = [0, 1, 2, 3].map((channel) => data[pixel * 4 + channel] as number) as [
      number,
      number,
      number,
      number,
    ];
    if (channels === 1) {
      result[pixel] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
    } else {
      result.set(channels === 3 ? [red, green, blue] : [red, green, blue, alpha], pixel * channels);
    }
  }
  return result;
}

function isPixelData(source: unknown): source is PixelData {
  const { data, width, height } = (source ?? {}) as Partial<PixelData>;
  return ArrayBuffer.isView(data) && typeof width === 'number' && typeof height === 'number';
}

function pixelsOf(source: PixelSource, size: readonly [number, number] | undefined): PixelData {
  if (isPixelData(source)) {
    if (source.data.length !== source.width * source.height * 4) {
      throw new WeftError(
        'WEFT_E_DATA',
        `Pixels must have four bytes each. Received: ${source.data.length} bytes for ${source.width} x ${source.height} pixels. Use the \`ImageData\` of a canvas.`,
      );
    }
    if (size === undefined || (size[0] === source.height && size[1] === source.width)) return source;
    const canvas = makeCanvas(source.width, source.height);
    contextOf(canvas).putImageData(
      new ImageData(Uint8ClampedArray.from(source.data), source.width, source.height),
      0,
      0,
    );
    return draw(canvas, size);
  }
  if (
    typeof source !== 'object' ||
    source === null ||
    (typeof document === 'undefined' && typeof OffscreenCanvas === 'undefined')
  ) {
    throw new WeftError(
      'WEFT_E_DATA',
      `fromPixels reads an image, canvas, video, ImageBitmap or ImageData. Received: ${received(source)}. Where there is no page, pass \`{ data, width, height }\`.`,
    );
  }
  const [height, width] = naturalSize(source);
  if (!(width > 0 && height > 0)) {
    throw new WeftError(
      'WEFT_E_DATA',
      `A picture must have loaded before its pixels are read. Received: ${received(source)} of size ${width} x ${height}. Wait for it: \`await image.decode()\`.`,
    );
  }
  return draw(source, size ?? [height, width]);
}

/** Height and width in pixels, not those of the box on the page. */
function naturalSize(source: CanvasImageSource): [number, number] {
  const any = source as {
    naturalHeight?: number;
    naturalWidth?: number;
    videoHeight?: number;
    videoWidth?: number;
    displayHeight?: number;
    displayWidth?: number;
    height?: number;
    width?: number;
  };
  return [
    Number(any.naturalHeight ?? any.videoHeight ?? any.displayHeight ?? any.height),
    Number(any.naturalWidth ?? any.videoWidth ?? any.displayWidth ?? any.width),
  ];
}

type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

function makeCanvas(width: number, height: number): AnyCanvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(width, height);
  return Object.assign(document.createElement('canvas'), { width, height });
}

function contextOf(canvas: AnyCanvas): CanvasRenderingContext2D {
  return canvas.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
}

function draw(source: CanvasImageSource, [height, width]: readonly [number, number]): PixelData {
  const context = contextOf(makeCanvas(width, height));
  context.imageSmoothingQuality = 'high';
  try {
    context.drawImage(source, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
  } catch (cause) {
    throw new WeftError(
      'WEFT_E_DATA',
      `The pixels of a picture must be readable. Received: ${cause instanceof Error ? cause.message : String(cause)}. A picture from another site needs \`crossorigin="anonymous"\` and the permission of its server.`,
      { cause },
    );
  }
}
