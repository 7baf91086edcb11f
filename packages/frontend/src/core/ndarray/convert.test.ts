import { describe, expect, it } from 'vitest';
import { ndarray, toIntegers } from './convert.ts';
import type { ArrayData } from './convert.ts';

describe('ndarray', () => {
  it.each([
    [
      'numbers',
      [
        [1, 2],
        [3, 4],
      ],
      'float32',
      [2, 2],
    ],
    ['one number', 5, 'float32', []],
    ['booleans', [true, false], 'bool', [2]],
    ['text', [['a'], ['b']], 'string', [2, 1]],
    ['nothing', [], 'float32', [0]],
    ['empty rows', [[], []], 'float32', [2, 0]],
    ['Float32Array', new Float32Array(3), 'float32', [3]],
    ['Float64Array', new Float64Array(3), 'float32', [3]],
    ['Int32Array', new Int32Array(3), 'int32', [3]],
    ['Uint32Array', new Uint32Array(3), 'uint32', [3]],
    ['Uint8Array', new Uint8Array(3), 'uint8', [3]],
    ['Uint8ClampedArray', new Uint8ClampedArray(3), 'uint8', [3]],
    ['Int8Array', new Int8Array(3), 'int32', [3]],
    ['Uint16Array', new Uint16Array(3), 'int32', [3]],
    ['BigInt64Array', new BigInt64Array(3), 'int32', [3]],
    ['rows of typed arrays', [new Uint8Array(3), new Uint8Array(3)], 'uint8', [2, 3]],
    ['rows of NDArrays', [ndarray([1, 2]), ndarray([3, 4])], 'float32', [2, 2]],
  ] as [string, ArrayData, string, number[]][])('reads %s', (_, data, dtype, shape) => {
    const array = ndarray(data);
    expect([array.dtype, array.shape]).toEqual([dtype, shape]);
  });

  it('keeps typed arrays without copying, and values exactly', () => {
    const data = new Float32Array([1, 2, 3]);
    expect(ndarray(data).data).toBe(data);
    expect(ndarray(new BigInt64Array([-5n, 7n])).toArray()).toEqual([-5, 7]);
    expect(ndarray([new Uint8Array([1, 2]), new Uint8Array([3, 4])]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(ndarray(new Uint8Array(6), { shape: [2, -1] }).shape).toEqual([2, 3]);
    expect(ndarray([1, 2], { dtype: 'int32' }).data).toBeInstanceOf(Int32Array);
    expect(ndarray([0, 1], { dtype: 'bool' }).toArray()).toEqual([false, true]);
  });

  it('rounds to half precision and back', () => {
    const halves = [0, 1, -2, 0.5, 65504, 6e-8, 0.333251953125, 2 ** -14, 2 ** -24 * 1023];
    expect(ndarray(halves, { dtype: 'float16' }).toArray()).toEqual(
      halves.map((value) => (value === 6e-8 ? 2 ** -24 : value)),
    );
    // Halfway cases round to even: 2049 lies between 2048 and 2050, 2051 between 2050 and 2052.
    expect(ndarray([2049, 2051, 65519, 65520, NaN], { dtype: 'float16' }).toArray()).toEqual([
      2048,
      2052,
      65504,
      Infinity,
      NaN,
    ]);
  });

  it('gives whole numbers to those who need them', () => {
    expect(toIntegers('labels', ndarray([1, 2])).data).toEqual(new Int32Array([1, 2]));
    expect(toIntegers('labels', ndarray(new Uint8Array([9]))).dtype).toBe('int32');
    expect(() => toIntegers('labels', ndarray([1, 1.5]))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: labels needs whole numbers. Received: 1.5 at element 1 of float32[2]. Round the values, or use a loss for regression.]`,
    );
  });

  it('teaches', () => {
    const bad = (data: unknown, options?: object) => () => ndarray(data as ArrayData, options);
    expect(bad([[1, 2], [3]])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Nested arrays must be regular: every row as long as its neighbours. Received: a row of 1 at [1], where the first row has 2. Pad the rows to one length (\`padSequences\`), or cut them.]`,
    );
    expect(bad([[1, 2], 3])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Nested arrays must be regular: every row as long as its neighbours. Received: 3 at [1], where its neighbours are arrays. Wrap it in an array, or leave it out.]`,
    );
    expect(bad([1, [2]])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Nested arrays must be regular: every row as long as its neighbours. Received: an array of 1 at [1], where its neighbours are single values. Pad the rows to one length (\`padSequences\`), or cut them.]`,
    );
    expect(bad([1, '2'])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: All values must be of one kind, here number. Received: "2" at [1]. Convert text to numbers with \`Number(text)\`.]`,
    );
    expect(bad([1, null])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Data must have no gaps. Received: null at [1]. Leave the sample out, or fill in a value such as the mean.]`,
    );
    expect(bad([1.5], { dtype: 'int32' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: int32 holds whole numbers from -2147483648 to 2147483647. Received: 1.5 at element 0. Round the values, or use float32.]`,
    );
    expect(bad(new Float32Array(4), { shape: [3] })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: \`shape\` must hold as many elements as the data, 4. Received: [3], which holds 3. Give extents whose product is 4.]`,
    );
    expect(bad([1], { dtype: 'float64' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: A dtype must be one of float32, float16, int32, uint32, bool, uint8, string. Received: "float64". Use float32.]`,
    );
    expect(bad(new BigInt64Array([3_000_000_000n]))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: 64-bit integers become int32 and must lie between -2147483648 and 2147483647. Received: 3000000000. Subtract an offset, or convert to float32 yourself.]`,
    );
    expect(bad(Promise.resolve([1]))).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Data must be here when they are used. Received: a Promise. Did you forget \`await\`?]`,
    );
    expect(bad({ a: 1 })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: Data must be numbers, booleans or text in (nested) arrays, typed arrays or an NDArray. Received: { a }. Give an array of numbers, nested arrays, a typed array or an NDArray.]`,
    );
    expect(bad(['a'], { dtype: 'float32' })).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: dtype float32 needs numbers or booleans. Received: ["a"]. Convert text to numbers with \`Number(text)\`.]`,
    );
    expect(bad([new Float32Array(2), new Float32Array(3)])).toThrowErrorMatchingInlineSnapshot(
      `[WeftError: All rows must have one shape and dtype, here float32[2]. Received: float32[3] at row 1. Pad or convert the rows first.]`,
    );
  });
});
