import { describe, expect, it } from 'vitest';
import { ndarray } from '../core/ndarray.ts';
import { fromPixels } from './fromPixels.ts';
import { toPixels } from './toPixels.ts';

const picture = { data: new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 255, 128]), width: 2, height: 1 };

describe('fromPixels', () => {
  it('picks channels', () => {
    expect(fromPixels(picture).toArray()).toEqual([
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
    ]);
    expect(fromPixels(picture, { channels: 4, raw: true }).toArray()).toEqual([
      [
        [255, 0, 0, 255],
        [0, 0, 255, 128],
      ],
    ]);
    expect(fromPixels(picture, { channels: 1, raw: true }).toArray()).toEqual([[[76], [29]]]);
  });

  it('teaches', () => {
    expect(() => fromPixels('x' as never)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: fromPixels reads an image, canvas, video, ImageBitmap or ImageData. Received: "x". Where there is no page, pass \`{ data, width, height }\`.]`,
    );
    expect(() => fromPixels({ ...picture, width: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Pixels must have four bytes each. Received: 8 bytes for 3 x 1 pixels. Use the \`ImageData\` of a canvas.]`,
    );
    expect(() => fromPixels(picture, { channels: 2 as never })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: fromPixels: \`channels\` must be 1, 3 or 4. Received: 2.]`,
    );
    expect(() => fromPixels(picture, { size: [28] as never })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: fromPixels: \`size\` must be two whole numbers >= 1, height and width. Received: [28]. Write for example \`[28, 28]\`.]`,
    );
  });
});

describe('toPixels', () => {
  it('turns numbers and bytes into pixels', async () => {
    expect([...(await toPixels([[0, 1, 2]])).data]).toEqual([0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255]);
    expect([...(await toPixels(ndarray(new Uint8Array([1, 2, 3]), { shape: [1, 1, 3] }))).data]).toEqual([
      1, 2, 3, 255,
    ]);
    expect([...(await toPixels([[[1, 0, 0, 0.5]]])).data]).toEqual([255, 0, 0, 128]);
    expect([...(await toPixels([[true]])).data]).toEqual([255, 255, 255, 255]);
    expect((await toPixels({ host: async () => ndarray([[0.2]]) })).data[0]).toBe(51);
  });

  it('is the inverse of fromPixels', async () => {
    expect([...(await toPixels(fromPixels(picture, { channels: 4 }))).data]).toEqual([...picture.data]);
  });

  it('teaches', async () => {
    await expect(toPixels(ndarray([1], { shape: [1, 1, 1, 1] }))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: toPixels needs an image [height, width] or [height, width, channels] with 1, 3 or 4 channels. Received: float32[1, 1, 1, 1]. Take one image of the batch with \`take(0)\`.]`,
    );
    await expect(toPixels([1, 2])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[WeftError: toPixels needs an image [height, width] or [height, width, channels] with 1, 3 or 4 channels. Received: float32[2]. Reshape it first.]`,
    );
  });
});
