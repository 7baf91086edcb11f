import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ndarray } from '../core/ndarray.ts';
import { plotImageGallery } from './imageGallery.ts';

describe('plotImageGallery', () => {
  const images = ndarray([
    [
      [0, 1, 0],
      [0, 1, 0],
      [0, 0.5, 0],
    ],
    [
      [1, 1, 1],
      [1, 0, 1],
      [1, 1, 1],
    ],
  ]);

  it('draws pictures with characters, two pixels each', () => {
    expect(inspect(plotImageGallery(images, { titles: [1, 'zero'] }))).toBe('1    zer\n █   █▒█\n ░   ▒▒▒');
    expect(plotImageGallery(images, { columns: 1 }).describe().text).toBe(' █\n ░\n\n█▒█\n▒▒▒');
  });

  it('gives images with a text for those who cannot see them', () => {
    const { html } = plotImageGallery(ndarray(new Uint8Array([1, 2, 3, 4, 5, 6]), { shape: [1, 1, 2, 3] }), {
      titles: ndarray(['<cat>']),
    }).describe();
    expect(html).toContain('alt="&lt;cat&gt;"');
    const bytes = Uint8Array.from(atob(/base64,([^"]+)/.exec(html)?.[1] ?? ''), (char) => char.charCodeAt(0));
    expect([String.fromCharCode(...bytes.subarray(0, 2)), bytes.length]).toEqual(['BM', 54 + 8]);
    expect(Array.from(bytes.subarray(54))).toEqual([3, 2, 1, 6, 5, 4, 0, 0]);
  });

  it('teaches', () => {
    expect(() => plotImageGallery([[1, 2]])).toThrowErrorMatchingInlineSnapshot(`[WeftError: plotImageGallery needs pictures [n, height, width] or [n, height, width, 1 or 3]. Received: float32[1, 2]. Give a single picture a batch axis: \`image.reshape([1, height, width])\`.]`);
    expect(() => plotImageGallery(images, { cols: 2 } as never)).toThrowErrorMatchingInlineSnapshot(`[WeftError: plotImageGallery: unknown option \`cols\`. It takes: titles, columns.]`);
  });
});
