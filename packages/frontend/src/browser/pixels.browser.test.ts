import { describe, expect, it } from 'vitest';
import { fromPixels } from './fromPixels.ts';
import { toPixels } from './toPixels.ts';

describe('pixels in a page', () => {
  it('go onto a canvas and come back', async () => {
    const canvas = document.createElement('canvas');
    await toPixels(
      [
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
        [
          [0, 0, 1],
          [1, 1, 1],
        ],
      ],
      canvas,
    );
    expect([canvas.width, canvas.height]).toEqual([2, 2]);
    expect(fromPixels(canvas).toArray()).toEqual([
      [
        [1, 0, 0],
        [0, 1, 0],
      ],
      [
        [0, 0, 1],
        [1, 1, 1],
      ],
    ]);
  });

  it('are read from pictures, in the size asked for', async () => {
    const canvas = document.createElement('canvas');
    const grey = Array.from({ length: 56 }, () => new Array<number>(56).fill(0.4));
    await toPixels(grey, canvas);
    const image = new Image();
    image.src = canvas.toDataURL();
    await image.decode();
    const digit = fromPixels(image, { channels: 1, size: [28, 28] });
    expect(digit.shape).toEqual([28, 28, 1]);
    expect(digit.at(14, 14, 0)).toBeCloseTo(0.4, 2);
    expect(
      fromPixels({ data: new Uint8ClampedArray(16 * 16 * 4).fill(255), width: 16, height: 16 }, { size: [4, 4] }).at(
        2,
        2,
        0,
      ),
    ).toBe(1);
  });

  it('must have loaded', () => {
    expect(() => fromPixels(new Image())).toThrow('A picture must have loaded');
  });
});
