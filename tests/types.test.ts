/** The types of the public API: what a program may say, and (`@ts-expect-error`) what the compiler must refuse. */
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { Sequential, callbacks, configure, grad, layers, ops, valueAndGrad, type Logs, type Tensor } from 'weftjs';

beforeAll(() => configure({ backend: 'native', target: 'wasm' }));

describe('the types of compile', () => {
  it('know short forms of losses and metrics', () => {
    const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 1 })]);
    model.compile({ loss: 'mse', metrics: ['mae', 'acc', 'rmse', ['mape', 'msle']] });
    model.compile({ loss: { a: 'bce', b: 'kld' }, metrics: { a: ['acc'], b: 'ce' }, weightedMetrics: ['crossentropy'] });
    // @ts-expect-error no loss has that name
    expect(() => model.compile({ loss: 'msee' })).toThrow("Did you mean `'meanSquaredError'`?");
    // @ts-expect-error a short form of metrics is none of losses
    expect(() => model.compile({ loss: 'acc' })).toThrow('A loss must be one that Weft knows.');
  });
});

describe('the types of gradients', () => {
  it('follow the first argument, and hand the others on', async () => {
    const line = (p: { w: Tensor; b: Tensor }, x: Tensor, scale: number): Tensor => ops.sum(ops.add(ops.mul(p.w, x), p.b)).mul(scale);
    const both = valueAndGrad(line);
    const result = both({ w: 2, b: 1 }, ops.ones([3]), 10);
    expectTypeOf(result).toEqualTypeOf<{ value: Tensor; grad: { w: Tensor; b: Tensor } }>();
    expect(await Promise.all([result.value.item(), result.grad.w.item(), result.grad.b.item()])).toEqual([90, 30, 30]);
    // @ts-expect-error b is missing
    expectTypeOf(both).toBeCallableWith({ w: 2 }, ops.ones([3]), 10);
    // @ts-expect-error the third argument is a number
    expectTypeOf(both).toBeCallableWith({ w: 2, b: 1 }, ops.ones([3]), '10');
  });

  it('keep lists, and read a list of numbers as one tensor', async () => {
    const [first, second] = grad((xs: [Tensor, Tensor]) => ops.sum(ops.mul(xs[0], xs[1])))([ops.full([2], 3), ops.full([2], 4)]);
    expectTypeOf([first, second]).toEqualTypeOf<Tensor[]>();
    expect(await Promise.all([first.array(), second.array()])).toEqual([[4, 4], [3, 3]]);
    const slope = grad((x) => ops.sum(x.mul(x)));
    expectTypeOf(slope([1, 2])).toEqualTypeOf<Tensor>();
    expect(await slope([1, 2]).array()).toEqual([2, 4]);
    // @ts-expect-error two numbers are one tensor
    expectTypeOf(grad((xs: [Tensor, Tensor]) => xs[0])).toBeCallableWith([1, 2]);
    expect(await grad(ops.tanh)(0).item()).toBe(1);
  });
});

describe('the types of callbacks', () => {
  it('let each hook return nothing, a promise, or what an arrow function happens to give', async () => {
    const seen: string[] = [];
    class Sync extends callbacks.Callback {
      override onEpochEnd(): void {
        seen.push('sync');
      }
    }
    class Async extends callbacks.Callback {
      override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
        await Promise.resolve();
        seen.push(`async ${epoch} ${Object.keys(logs).join()}`);
      }
    }
    class Early extends callbacks.EarlyStopping {
      override onEpochEnd(): void {
        seen.push('early');
      }
    }
    class Reduce extends callbacks.ReduceLROnPlateau {
      override async onEpochEnd(): Promise<void> {
        await Promise.resolve();
        seen.push('reduce');
      }
    }
    const model = new Sequential([layers.input({ shape: [2] }), layers.dense({ units: 1 })]);
    model.compile({ loss: 'mse' });
    await model.fit([[1, 2]], [[3]], {
      verbose: 0,
      callbacks: [new Sync(), new Async(), new Early(), new Reduce(), { onEpochEnd: () => seen.push('object') }, { onEpochEnd: async () => seen.push('async object') }],
    });
    expect(seen).toEqual(['sync', 'async 0 loss', 'early', 'reduce', 'object', 'async object']);
  });
});
