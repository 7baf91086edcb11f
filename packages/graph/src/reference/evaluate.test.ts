import { describe, expect, it } from 'vitest';
import * as w from '../index.ts';
import { runOnHost } from '../backend/hostLowering.ts';

const input = (dtype: w.DType, shape: number[]): w.Value => w.inputValue(w.tensorType(dtype, shape));

/** Evaluates a function of constants. */
function run(value: w.Value): number[] {
  return [...(w.evaluate(w.graphOf([], [value]), [])[0] as Float64Array)];
}
const ints = (...data: number[]): w.Value => w.constant('int32', [data.length], data);
const uints = (...data: number[]): w.Value => w.constant('uint32', [data.length], data);
const floats = (...data: number[]): w.Value => w.constant('float32', [data.length], data);

describe('the reference evaluator', () => {
  it('wraps integers and follows floor in division', () => {
    expect(run(w.add(ints(0x7fffffff), ints(1)))).toEqual([-0x80000000]);
    expect(run(w.mul(ints(65537, -3), ints(65537, 7)))).toEqual([131073, -21]);
    expect(run(w.mul(uints(0xffffffff), uints(0xffffffff)))).toEqual([1]);
    expect(run(w.sub(uints(0), uints(1)))).toEqual([0xffffffff]);
    expect(run(w.floorDiv(ints(7, -7, 7, -7, 5, -0x80000000), ints(2, 2, -2, -2, 0, -1)))).toEqual([
      3, -4, -4, 3, 0, -0x80000000,
    ]);
    expect(run(w.mod(ints(7, -7, 7, -7, 5), ints(3, 3, -3, -3, 0)))).toEqual([1, 2, -2, -1, 0]);
    expect(run(w.mod(floats(5.5, -5.5), floats(2, 2)))).toEqual([1.5, 0.5]);
    expect(run(w.neg(ints(-0x80000000)))).toEqual([-0x80000000]);
    expect(run(w.reduceSum(ints(0x7fffffff, 0x7fffffff, 2)))).toEqual([0]);
    expect(run(w.shiftRight(ints(-8, -8), ints(1, 33)))).toEqual([-4, -4]);
    expect(run(w.shiftRight(uints(0x80000000), uints(31)))).toEqual([1]);
    expect(run(w.shiftLeft(uints(1), uints(31)))).toEqual([0x80000000]);
  });

  it('casts with saturation', () => {
    expect(run(w.cast(floats(1.9, -1.9, 3e9, -3e9, NaN), 'int32'))).toEqual([1, -1, 0x7fffffff, -0x80000000, 0]);
    expect(run(w.cast(floats(-5, 5e9, 7.5), 'uint32'))).toEqual([0, 0xffffffff, 7]);
    expect(run(w.cast(uints(0xffffffff), 'int32'))).toEqual([-1]);
    expect(run(w.cast(floats(0, -0, 0.1, NaN), 'bool'))).toEqual([0, 0, 1, 1]);
  });

  it('rounds halves to even and knows erf', () => {
    expect(run(w.round(floats(0.5, 1.5, 2.5, -0.5, -1.5)))).toEqual([0, 2, 2, 0, -2]);
    const found = run(w.erf(floats(0.5, 2, 3.5, -1)));
    [0.5204998778130465, 0.9953222650189527, 0.9999992569016276, -0.8427007929497149].forEach((want, i) =>
      expect(found[i]).toBeCloseTo(want, 15),
    );
  });

  it('sorts stably, NaN last', () => {
    const { values, indices } = w.sort(floats(2, NaN, 1, 2), { descending: true });
    expect(run(values)).toEqual([2, 2, 1, NaN]);
    expect(run(indices)).toEqual([0, 3, 2, 1]);
    expect(run(w.topK(w.reshape(floats(1, 3, 3, 2, 9, 9), [2, 3]), 2).indices)).toEqual([1, 2, 1, 2]);
  });

  it('clamps indices, and adds in their order', () => {
    expect(run(w.gather(floats(1, 2, 3), ints(-4, 7, 1)))).toEqual([1, 3, 2]);
    expect(run(w.scatterAdd(floats(1, 2, 4), ints(-1, 5, 5), { size: 3 }))).toEqual([1, 0, 6]);
  });

  it('contracts and batches any axes of dot', () => {
    const a = input('float32', [2, 3, 4]);
    const b = input('float32', [4, 2, 5]);
    const data = (size: number): number[] => Array.from({ length: size }, (_, i) => i + 1);
    const [y] = w.evaluate(
      w.graphOf([a, b], [w.dot(a, b, { batchA: [0], batchB: [1], contractA: [2], contractB: [0] })]),
      [data(24), data(40)],
    );
    let want = 0;
    for (let k = 0; k < 4; k++) want += (1 * 12 + 2 * 4 + k + 1) * (k * 10 + 5 + 3 + 1);
    expect(y![(1 * 3 + 2) * 5 + 3]).toBe(want);
  });

  it('runs loops forwards and backwards, and branches', () => {
    const xs = floats(1, 2, 3);
    const sums = (reverse: boolean): w.Value =>
      w.scan(([sum], [x]) => ({ carry: [w.add(sum!, x!)], ys: [w.add(sum!, x!)] }), [w.full('float32', [], 0)], [xs], {
        reverse,
      }).ys[0]!;
    expect(run(sums(false))).toEqual([1, 3, 6]);
    expect(run(sums(true))).toEqual([6, 5, 3]);
    const [n] = w.whileLoop(
      ([n]) => w.less(n!, 100),
      ([n]) => [w.mul(n!, 3)],
      [w.full('int32', [], 1)],
    );
    expect(run(n!)).toEqual([243]);
    const [y] = w.cond(
      w.constant('bool', [], [0]),
      () => [xs],
      () => [w.neg(xs)],
    );
    expect(run(y!)).toEqual([-1, -2, -3]);
  });

  it('runs one node on the host, rounded to its dtype', () => {
    const x = input('float16', [2]);
    const { node } = w.div(x, 3);
    const [y] = runOnHost(node!, [Uint16Array.of(0x3c00, 0x4000), Uint16Array.of(w.numberToHalf(3))]);
    expect([...y!].map(w.halfToNumber)).toEqual([w.roundToHalf(1 / 3), w.roundToHalf(2 / 3)]);
  });
});

describe('half precision', () => {
  it('gives every half back, and rounds to even between them', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const number = w.halfToNumber(bits);
      if (!Number.isNaN(number)) expect(w.numberToHalf(number)).toBe(bits);
    }
    expect(w.roundToHalf(2049)).toBe(2048);
    expect(w.roundToHalf(2051)).toBe(2052);
    expect(w.roundToHalf(65519.9)).toBe(65504);
    expect(w.roundToHalf(2 ** -25)).toBe(0);
    expect(w.roundToHalf(2 ** -25 * 1.0001)).toBe(2 ** -24);
  });
});
