import { graphOf, inputValue, mul, reduceSum, tensorType, gradients, type Buffer } from '@weftjs/graph';
import { expect, it } from 'vitest';
import { onnx } from './onnx.ts';

it('runs in a page', async () => {
  const backend = await onnx().create();
  const x = inputValue(tensorType('float32', [3]));
  const run = await backend.compile(graphOf([x], gradients(reduceSum(mul(x, x)), [x])));
  const [dx] = run.run([backend.upload(Float32Array.of(1, 2, 3), x.type)]) as [Buffer];
  expect([...(await backend.read(dx))]).toEqual([2, 4, 6]);
  await backend.dispose();
});
