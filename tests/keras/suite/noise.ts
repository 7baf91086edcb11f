/** Dropout and noise while training: chance decides the elements, so that their shares and moments are checked. */
import { describe, expect, it } from 'vitest';
import { ndarray, tensor, type Tensor } from 'weftjs';
import * as layers from 'weftjs/layers';
import { findClass } from '../support/make.ts';

const SIZE = 20_000;
const ones = (): Tensor => tensor(ndarray(new Float32Array(SIZE).fill(1), { shape: [SIZE / 100, 100] }));

export function checkNoise(): void {
  describe('noise', () => {
    it.each([0.1, 0.5, 0.9])('dropout drops a share of %d and scales the rest', async (rate) => {
      const output = await (layers.dropout({ rate, seed: 7 })(ones(), { training: true }) as Tensor).data();
      const kept = Array.from(output).filter((value) => value !== 0);
      expect(Math.abs(1 - kept.length / SIZE - rate)).toBeLessThan(0.015);
      for (const value of kept) expect(value).toBeCloseTo(1 / (1 - rate), 5);
    });

    it.skipIf(!findClass([layers], 'GaussianNoise'))(
      'Gaussian noise has mean 0 and the deviation asked for',
      async () => {
        const output = Array.from(
          await (layers.gaussianNoise({ stddev: 0.5, seed: 7 })(ones(), { training: true }) as Tensor).data(),
        );
        const mean = output.reduce((sum, value) => sum + value, 0) / SIZE;
        const deviation = Math.sqrt(output.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SIZE);
        expect(Math.abs(mean - 1)).toBeLessThan(0.015);
        expect(Math.abs(deviation - 0.5)).toBeLessThan(0.015);
      },
    );
  });
}
