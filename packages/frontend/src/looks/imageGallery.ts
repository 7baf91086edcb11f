/**
 * Pictures where there is no window: in a terminal as shaded characters, in a notebook or a page as images. To look at the
 * data comes before the first model.
 */
import { WeftError } from '@weftjs/graph';
import type { NDArray, NumericData } from '../core/ndarray.ts';
import { describeType, isNDArray, toNDArray } from '../core/ndarray.ts';
import { checkOptions, positiveInteger } from '../options/strict.ts';
import type { Describable, Description, MimeBundle } from './describe.ts';
import { escapeHtml, inspectSymbol, jupyterSymbol, mimeBundle } from './describe.ts';

export interface ImageGalleryOptions {
  /** A line of text above each picture: its label, or what a model says. */
  titles?: ArrayLike<string | number> | NDArray | NDArray<'string'>;
  /** Pictures in a row; as many as fit into 112 characters by default. */
  columns?: number;
}

const SHADES = ' ░▒▓█';
const ROW_WIDTH = 112;
const GAP = 2;

/**
 * A gallery of pictures. `console.log` draws it with characters, a notebook shows images.
 *
 * @param images - [n, height, width] or [n, height, width, channels] with 1 or 3 channels: floats in [0, 1], or bytes.
 * @example
 * console.log(plotImageGallery(test.x.slice(0, 8), { titles: test.y.slice(0, 8) }));
 */
export function plotImageGallery(images: NumericData, options: ImageGalleryOptions = {}): Describable {
  checkOptions('plotImageGallery', options, ['titles', 'columns']);
  const given = toNDArray(images) as NDArray;
  const array = given.dtype === 'float16' ? (given.cast('float32') as unknown as NDArray) : given;
  const [count = 0, height = 0, width = 0, channels = 1] = array.shape;
  if (array.rank < 3 || array.rank > 4 || (channels !== 1 && channels !== 3) || height * width === 0) {
    const remedy =
      array.rank === 2
        ? 'Give a single picture a batch axis: `image.reshape([1, height, width])`.'
        : 'Reshape them first.';
    throw new WeftError(
      'WEFT_E_SHAPE',
      `plotImageGallery needs pictures [n, height, width] or [n, height, width, 1 or 3]. Received: ${describeType(array)}. ${remedy}`,
    );
  }
  const columns =
    options.columns === undefined
      ? Math.max(1, Math.floor((ROW_WIDTH + GAP) / (width + GAP)))
      : positiveInteger('plotImageGallery', 'columns', options.columns);
  const titles: ArrayLike<string | number> = isNDArray(options.titles) ? options.titles.data : (options.titles ?? []);
  const scale = array.dtype === 'float32' || array.dtype === 'bool' ? 255 : 1;
  const pictures = Array.from({ length: count }, (_, index): Picture => {
    const bytes = Uint8ClampedArray.from(array.take(index).data as ArrayLike<number>, (value) => value * scale);
    return {
      bytes,
      height,
      width,
      channels,
      title: String(titles[index] ?? ''),
    };
  });
  return new ImageGallery(pictures, columns);
}

interface Picture {
  readonly bytes: Uint8ClampedArray;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly title: string;
}

class ImageGallery implements Describable {
  private readonly pictures: readonly Picture[];
  private readonly columns: number;

  constructor(pictures: readonly Picture[], columns: number) {
    this.pictures = pictures;
    this.columns = columns;
  }

  describe(): Description {
    const rows: string[] = [];
    for (let from = 0; from < this.pictures.length; from += this.columns)
      rows.push(textRow(this.pictures.slice(from, from + this.columns)));
    const figures = this.pictures.map((picture, index) => {
      const label = picture.title === '' ? `picture ${index + 1}` : picture.title;
      const caption = picture.title === '' ? '' : `<figcaption>${escapeHtml(picture.title)}</figcaption>`;
      return `<figure style="display:inline-block;margin:4px;text-align:center">${caption}<img alt="${escapeHtml(label)}" src="${bitmap(picture)}" width="${picture.width * 2}" height="${picture.height * 2}" style="image-rendering:pixelated"></figure>`;
    });
    return { text: rows.join('\n\n'), html: `<div>${figures.join('')}</div>` };
  }

  toString(): string {
    return this.describe().text;
  }

  [inspectSymbol](): string {
    return this.describe().text;
  }

  [jupyterSymbol](): MimeBundle {
    return mimeBundle(this.describe());
  }
}

/** Brightness of a pixel from 0 to 255 (ITU-R BT.601). */
function luma({ bytes, width, channels }: Picture, y: number, x: number): number {
  const at = (y * width + x) * channels;
  const [red = 0, green = 0, blue = 0] = bytes.subarray(at, at + channels);
  return channels === 1 ? red : 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Pictures beside each other. A character is twice as high as wide, so it shows two pixels, one above the other. */
function textRow(pictures: readonly Picture[]): string {
  const [{ height, width }] = pictures as [Picture];
  const gap = ' '.repeat(GAP);
  const lines = pictures.some(({ title }) => title !== '')
    ? [pictures.map(({ title }) => title.slice(0, width).padEnd(width)).join(gap)]
    : [];
  for (let y = 0; y < height; y += 2) {
    const cells = pictures.map((picture) => {
      let line = '';
      for (let x = 0; x < width; x++) {
        const value = (luma(picture, y, x) + (y + 1 < height ? luma(picture, y + 1, x) : 0)) / 2;
        line += SHADES[Math.round((value / 255) * (SHADES.length - 1))];
      }
      return line;
    });
    lines.push(cells.join(gap));
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** A picture as a bitmap file in a data URL: 54 bytes of header, rows from the bottom up, blue first, padded to four bytes. */
function bitmap({ bytes, height, width, channels }: Picture): string {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = new Uint8Array(54 + stride * height);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x424d); // "BM"
  view.setUint32(2, file.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  view.setUint32(34, stride * height, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const from = (y * width + x) * channels + (channels === 1 ? 0 : channel);
        file[54 + (height - 1 - y) * stride + x * 3 + (2 - channel)] = bytes[from] as number;
      }
    }
  }
  return `data:image/bmp;base64,${btoa(Array.from(file, (byte) => String.fromCharCode(byte)).join(''))}`;
}
