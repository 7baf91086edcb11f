import { expect, it } from 'vitest';
import { gradients, inputValue, mul, reduceSum, scan, tanh, dot, add, tensorType, cond, greater, relu, graphOf } from '../index.ts';

it('differentiates, repeatedly, and through scan and cond', () => {
  const x = inputValue(tensorType('float32', [3]), 'x');
  const [dx] = gradients(reduceSum(mul(x, tanh(x))), [x]);
  const [ddx] = gradients(reduceSum(dx!), [x]);
  expect(ddx!.type).toEqual({ dtype: 'float32', shape: [3] });

  const w = inputValue(tensorType('float32', [4, 4]), 'w');
  const xs = inputValue(tensorType('float32', [5, 2, 4]), 'xs');
  const h0 = inputValue(tensorType('float32', [2, 4]), 'h0');
  const run = scan(([h], [xt]) => {
    const next = tanh(add(dot(h!, w, { contractA: [1], contractB: [0] }), xt!));
    return { carry: [next], ys: [next] };
  }, [h0], [xs]);
  const loss = reduceSum(mul(run.ys[0]!, run.ys[0]!));
  const grads = gradients(loss, [w, xs, h0]);
  expect(grads.map((g) => g.type.shape)).toEqual([[4, 4], [5, 2, 4], [2, 4]]);
  const [ww] = gradients(reduceSum(mul(grads[0]!, grads[0]!)), [w]);
  expect(ww!.type.shape).toEqual([4, 4]);
  expect(graphOf([w, xs, h0], [ww!]).nodes.length).toBeGreaterThan(3);

  const p = greater(reduceSum(x), 0);
  const [y] = cond(p, () => [relu(x)], () => [mul(x, 2)]);
  expect(gradients(reduceSum(y!), [x])[0]!.type.shape).toEqual([3]);
});
