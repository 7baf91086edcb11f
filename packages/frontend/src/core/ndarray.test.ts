import { describe, expect, it } from 'vitest';
import { NDArray, isNDArray, ndarray } from './ndarray.ts';

describe('NDArray', () => {
  const x = ndarray([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  it('reads single elements, from either end', () => {
    expect(x.at(0, 1)).toBe(2);
    expect(x.at(-1, -1)).toBe(6);
    expect(ndarray([true, false]).at(0)).toBe(1);
    expect(ndarray(['a', 'b']).at(1)).toBe('b');
    expect(ndarray(7).item()).toBe(7);
  });

  it('slices along the first axis as arrays do, and along all axes', () => {
    expect(x.slice(1).toArray()).toEqual([[4, 5, 6]]);
    expect(x.slice(0, 1).shape).toEqual([1, 3]);
    expect(x.slice(-5, 99).shape).toEqual([2, 3]);
    expect(x.slice(null, 1).toArray()).toEqual([2, 5]);
    expect(x.slice([0, 2], [0, 3, 2]).toArray()).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(x.slice(1, null).toArray()).toEqual([4, 5, 6]);
    expect(ndarray(['a', 'b', 'c']).slice(1).toArray()).toEqual(['b', 'c']);
  });

  it('takes rows by index, with and without the axis', () => {
    expect(x.take(1).toArray()).toEqual([4, 5, 6]);
    expect(x.take([1, 0, 1]).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.take([2, 0], 1).toArray()).toEqual([
      [3, 1],
      [6, 4],
    ]);
    expect(x.take(-1, -1).toArray()).toEqual([3, 6]);
    expect(x.take(ndarray([1, 1], { dtype: 'int32' })).shape).toEqual([2, 3]);
  });

  it('shares memory where it says so, and copies elsewhere', () => {
    expect(x.take(1).data.buffer).toBe(x.data.buffer);
    expect(x.reshape([3, 2]).data).toBe(x.data);
    expect(x.take([0, 1]).data.buffer).not.toBe(x.data.buffer);
  });

  it('reshapes with one unknown extent', () => {
    expect(x.reshape([-1]).shape).toEqual([6]);
    expect(x.reshape([3, -1]).at(2, 0)).toBe(5);
  });

  it('maps, casts and finds the largest', () => {
    expect(x.map((value) => value * 2).toArray()).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
    expect(ndarray([1.9, -1.9]).cast('int32').toArray()).toEqual([1, -1]);
    expect(ndarray([0, 2]).cast('bool').toArray()).toEqual([false, true]);
    expect(
      ndarray([
        [1, 9, 9],
        [3, 1, 2],
      ])
        .argmax()
        .toArray(),
    ).toEqual([1, 0]);
    expect(
      ndarray([
        [1, 9, 9],
        [3, 1, 2],
      ])
        .argmax(0)
        .toArray(),
    ).toEqual([1, 0, 0]);
    expect(ndarray([1, NaN, 5]).argmax().item()).toBe(1);
  });

  it('iterates over the first axis', () => {
    expect([...ndarray([3, 4])]).toEqual([3, 4]);
    expect([...x].map((row) => (row as NDArray).toArray())).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('gives nested arrays back', () => {
    expect(ndarray([[true], [false]]).toArray()).toEqual([[true], [false]]);
    expect(ndarray(2).toArray()).toBe(2);
    expect(ndarray([], { shape: [0, 3] }).toArray()).toEqual([]);
  });

  it('is recognised by its brand, not its class', () => {
    expect(isNDArray(x)).toBe(true);
    expect(isNDArray({ [Symbol.for('weft.ndarray')]: true })).toBe(true);
    expect(isNDArray([1])).toBe(false);
    expect(isNDArray(null)).toBe(false);
  });

  it('shows itself', () => {
    expect(x.describe().text).toBe('NDArray float32[2, 3]\n[[1. 2. 3.]\n [4. 5. 6.]]');
    expect(ndarray(['<b>']).describe().html).toContain('&lt;b&gt;');
  });

  it('teaches', () => {
    expect(() => x.at(0)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: at needs one index for each of the 2 axes of float32[2, 3]. Received: [0]. For a part of the array write \`take(0)\` or \`slice(…)\`.]`,
    );
    expect(() => x.at(0, 3)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: An index of axis 1 must be a whole number from -3 to 2. Received: 3. The axis has 3 entries.]`,
    );
    expect(() => x.reshape([4])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: reshape needs a shape of 6 elements, at most one extent -1. Received: [4] for float32[2, 3]. Choose extents whose product is 6.]`,
    );
    expect(() => x.take(0, 5)).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: An axis must be a whole number from -2 to 1. Received: 5. The array has 2 axes.]`,
    );
    expect(() => x.item()).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: item needs an array of one element. Received: float32[2, 3]. Use \`at(…)\` for one of them or \`toArray()\` for all.]`,
    );
    expect(() => new NDArray(new Float32Array(3), [2], 'float32')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: The shape of an array must be whole numbers >= 0 whose product is its number of elements, 3. Received: [2]. Give a shape that holds 3 elements.]`,
    );
    expect(() => x.map((value) => value / 2, 'int32')).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: int32 holds whole numbers from -2147483648 to 2147483647. Received: 0.5 at element 0. Round the values, or use float32.]`,
    );
  });
});
