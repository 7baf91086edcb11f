/** Gradients where functions have kinks, ties or zeros: conventions that no limit decides, so that they are fixed here. */
import { expect, it } from 'vitest';
import * as w from '../index.ts';

/** The gradients of Σ f(x, …) at the given points. */
function slopes(f: (...values: w.Value[]) => w.Value, ...points: number[][]): number[][] {
  const inputs = points.map((point) => w.inputValue(w.tensorType('float32', [point.length])));
  const grads = w.gradients(w.reduceSum(f(...inputs)), inputs);
  return w.evaluate(w.graphOf(inputs, grads), points).map((grad) => [...grad].map((x) => x + 0));
}

it('shares the gradient among equal maxima and minima', () => {
  expect(slopes((x) => w.reduceMax(x), [1, 3, 3, 2])).toEqual([[0, 0.5, 0.5, 0]]);
  expect(slopes((x) => w.reduceMin(x), [1, 1, 1, 1])).toEqual([[0.25, 0.25, 0.25, 0.25]]);
  expect(slopes(w.maximum, [1, 2, 3], [1, 3, 2])).toEqual([
    [0.5, 0, 1],
    [0.5, 1, 0],
  ]);
  expect(slopes(w.minimum, [1, 2, 3], [1, 3, 2])).toEqual([
    [0.5, 1, 0],
    [0.5, 0, 1],
  ]);
});

it('is right where factors are 0', () => {
  expect(slopes((x) => w.reduceProd(x), [2, 0, 5])).toEqual([[0, 10, 0]]);
  expect(slopes((x) => w.reduceProd(x), [0, 0, 5])).toEqual([[0, 0, 0]]);
  expect(slopes((x) => w.cumProd(x, { axis: 0 }), [2, 0, 5])).toEqual([[1, 12, 0]]);
  expect(slopes(w.pow, [0, 2, 0], [2, 0, 1])).toEqual([
    [0, 0, 1],
    [0, Math.log(2), 0],
  ]);
});

it('chooses a side at kinks', () => {
  expect(slopes(w.relu, [-1, 0, 2])).toEqual([[0, 0, 1]]);
  expect(slopes(w.abs, [-1, 0, 2])).toEqual([[-1, 0, 1]]);
  expect(slopes(w.floor, [0.5])).toEqual([[0]]);
  expect(slopes((x) => w.mul(x, w.stopGradient(x)), [3])).toEqual([[3]]);
});

it('gives the first of equal maxima the whole gradient of its window', () => {
  const pooled = (x: w.Value): w.Value =>
    w.maxPool(w.reshape(x, [1, 4, 1]), { window: [2], strides: [2], padding: [[0, 0]], dilations: [1] }).values;
  expect(slopes(pooled, [1, 1, 0, 2])).toEqual([[1, 0, 0, 1]]);
});

it('differentiates composites whose operands repeat or depend on each other', () => {
  expect(slopes((x) => w.softmaxCrossEntropy(x, x), [0, 0])[0]!.map((g) => Math.round(g * 1e6) / 1e6)).toEqual([
    0.693147, 0.693147,
  ]);
  const chained = (x: w.Value): w.Value => w.softmaxCrossEntropy(x, w.mul(x, 2));
  const alone = (x: w.Value): w.Value => w.neg(w.reduceSum(w.mul(w.mul(x, 2), w.logSoftmax(x))));
  slopes(chained, [0.3, -0.2])[0]!.forEach((g, i) => expect(g).toBeCloseTo(slopes(alone, [0.3, -0.2])[0]![i]!, 12));
});

it('refuses to differentiate a while loop, naming scan', () => {
  const x = w.inputValue(w.tensorType('float32', []));
  const [y] = w.whileLoop(
    ([v]) => w.less(v!, 10),
    ([v]) => [w.mul(v!, 2)],
    [x],
  );
  expect(() => w.gradients(y!, [x])).toThrow(/scan/);
});
