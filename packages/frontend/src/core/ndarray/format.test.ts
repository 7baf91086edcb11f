import { describe, expect, it } from 'vitest';
import { ndarray } from './convert.ts';
import type { NDType } from './dtypes.ts';

/** The texts on the right are what `str(array)` gave in NumPy 2.4.6. */
describe('formatArray', () => {
  const text = (data: number[] | boolean[], shape: number[], dtype: NDType = 'float32'): string =>
    ndarray(data, { dtype, shape }).toString();

  it.each([
    [[1, 2, 3, 4], [2, 2], '[[1. 2.]\n [3. 4.]]'],
    [[1.5, 2.25, -3], [3], '[ 1.5   2.25 -3.  ]'],
    [[0.1, 0.2, 1 / 3], [3], '[0.1        0.2        0.33333334]'],
    [[1e-5, 1], [2], '[1.e-05 1.e+00]'],
    [[1, 1001], [2], '[1.000e+00 1.001e+03]'],
    [[NaN, 1, -Infinity], [3], '[ nan   1. -inf]'],
    [[3.5], [], '3.5'],
    [[-0, 1], [2], '[-0.  1.]'],
    [[65.27, 1234.5678, 0.3], [3], '[6.5269997e+01 1.2345677e+03 3.0000001e-01]'],
  ])('prints floats: %j %j', (data, shape, expected) => {
    expect(text(data, shape)).toBe(expected);
  });

  it('prints whole numbers, bools and halves', () => {
    expect(text([-1, 200, 3, 4], [2, 2], 'int32')).toBe('[[ -1 200]\n [  3   4]]');
    expect(text([true, true], [2], 'bool')).toBe('[ True  True]');
    expect(text([0.1, 0.3333], [2], 'float16')).toBe('[0.1    0.3333]');
  });

  it('separates axes by empty lines', () => {
    expect(text([0, 1, 2, 3], [2, 1, 2], 'int32')).toBe('[[[0 1]]\n\n [[2 3]]]');
  });

  it('breaks long lines', () => {
    expect(
      text(
        Array.from({ length: 30 }, (_, i) => i),
        [30],
      ),
    ).toBe(
      '[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14. 15. 16. 17.\n 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]',
    );
  });

  it('leaves out the middle of large arrays', () => {
    const many = Array.from({ length: 2000 }, (_, i) => i);
    expect(text(many, [2000], 'int32')).toBe('[   0    1    2 ... 1997 1998 1999]');
    expect(text(many, [1000, 2], 'int32')).toBe(
      '[[   0    1]\n [   2    3]\n [   4    5]\n ...\n [1994 1995]\n [1996 1997]\n [1998 1999]]',
    );
  });
});
