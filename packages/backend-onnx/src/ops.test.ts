/** What engines get wrong: the corners of the ops, against the float64 evaluator. Conformance covers the breadth. */
import * as g from '@weftjs/graph';
import type { Backend, Value } from '@weftjs/graph';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { onnx } from './onnx.ts';
import { checkOp, floats, given } from './testing/checkOp.ts';

const INT_EDGES = [-0x80000000, -0x7fffffff, -7, -3, -2, -1, 0, 1, 2, 3, 7, 0x7fffffff];
const DIVISORS = [0, 1, -1, 2, -2, 3, -3, 0x7fffffff, -0x80000000];
const FLOAT_EDGES = [NaN, Infinity, -Infinity, 0, -0, 1e20, -1e20, 2147483648, -2147483648, 4294967296, 3e9, 0.5, 1.5, 2.5, -0.5, -1.5, 255.9, -0.9];
const column = (dtype: 'int32' | 'float32' | 'uint32', data: readonly number[]) => given(dtype, [data.length, 1], data);
const row = (dtype: 'int32' | 'float32' | 'uint32', data: readonly number[]) => given(dtype, [data.length], data);

describe.each(['web', 'node'] as const)('ops on onnx (%s)', (target) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await onnx({ target }).create();
  });
  afterAll(() => backend.dispose());

  describe('integers', () => {
    it.each(['floorDiv', 'mod', 'add', 'sub', 'mul', 'maximum', 'minimum'] as const)('%s at the limits', (op) =>
      checkOp(backend, [column('int32', INT_EDGES), row('int32', DIVISORS)], g[op]));
    it.each(['neg', 'abs', 'sign', 'bitwiseNot'] as const)('%s at the limits', (op) => checkOp(backend, [row('int32', INT_EDGES)], g[op]));
    it.each(['int32', 'uint32'] as const)('shifts of %s by any amount', async (dtype) => {
      const bits = dtype === 'int32' ? INT_EDGES : INT_EDGES.map((x) => x >>> 0);
      const amounts = dtype === 'int32' ? [0, 1, 31, 32, 33, -1] : [0, 1, 31, 32, 33, 0xffffffff];
      await checkOp(backend, [column(dtype, bits), row(dtype, amounts)], (a, b) => [g.shiftLeft(a, b), g.shiftRight(a, b)]);
    });
    it('uint32 arithmetic, order and bits', () => {
      const edges = [0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff];
      return checkOp(backend, [column('uint32', edges), row('uint32', edges)], (a, b) => [
        g.add(a, b), g.sub(a, b), g.mul(a, b), g.less(a, b), g.greaterEqual(a, b), g.equal(a, b), g.bitwiseXor(a, b), g.bitwiseAnd(a, b), g.bitwiseOr(a, b),
        g.select(g.less(a, b), a, b),
      ]);
    });
    it('products of int32 wrap', () =>
      checkOp(backend, [given('int32', [2, 3], INT_EDGES.slice(0, 6)), given('int32', [3, 2], INT_EDGES.slice(6))], (a, b) =>
        g.dot(a, b, { contractA: [1], contractB: [0] })));
  });

  describe('casts', () => {
    it('from float saturate, and NaN gives 0', () =>
      checkOp(backend, [row('float32', FLOAT_EDGES)], (x) => [g.cast(x, 'int32'), g.cast(x, 'uint32'), g.cast(x, 'bool'), g.isNan(x), g.isFinite(x)]));
    it('between the others', async () => {
      await checkOp(backend, [row('int32', INT_EDGES)], (x) => [g.cast(x, 'uint32'), g.cast(x, 'float32'), g.cast(x, 'bool')]);
      await checkOp(backend, [row('uint32', [0, 1, 0x80000000, 0xffffffff])], (x) => [g.cast(x, 'int32'), g.cast(x, 'float32'), g.cast(x, 'bool')]);
      await checkOp(backend, [given('bool', [2], [0, 1])], (x) => [g.cast(x, 'int32'), g.cast(x, 'uint32'), g.cast(x, 'float32')]);
    });
    it('through float16', () =>
      checkOp(backend, [given('float16', [4], [1, 0.1, -2.5, 9])], (x) => [
        g.add(x, x), g.cast(x, 'float32'), g.cast(x, 'int32'), g.exp(x), g.reduceSum(x), g.dot(x, x, {}), g.select(g.greater(x, 0), x, g.neg(x)),
      ]));
    it('of a float32 to float16', () => checkOp(backend, [row('float32', [1, 1e-6, 0.1, 2049, 65504, 6e-8])], (x) => g.cast(x, 'float16')));
  });

  describe('floats', () => {
    const points = [-88, -20, -9.3, -3, -1, -0.5, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.5, 1, 3, 9.3, 20, 80];
    const inOne = [-0.999, -0.5, -1e-3, -1e-6, 0, 1e-6, 1e-3, 0.5, 0.999];
    it.each(['exp', 'expm1', 'sin', 'cos', 'tan', 'atan', 'sinh', 'cosh', 'tanh', 'asinh', 'erf', 'sigmoid', 'floor', 'ceil', 'round', 'sign', 'abs'] as const)('%s', (op) =>
      checkOp(backend, [row('float32', points)], g[op]));
    it.each(['log', 'log1p', 'sqrt', 'rsqrt'] as const)('%s', (op) => checkOp(backend, [row('float32', [1e-6, 1e-3, 0.5, 1, 3, 1e4, 1e8])], g[op]));
    it.each(['asin', 'acos', 'atanh', 'log1p'] as const)('%s in (−1, 1)', (op) => checkOp(backend, [row('float32', inOne)], g[op]));
    it('acosh', () => checkOp(backend, [row('float32', [1, 1.001, 2, 30, 1e4])], g.acosh));
    it('round takes halves to even', () => checkOp(backend, [row('float32', FLOAT_EDGES)], (x) => [g.round(x), g.floor(x), g.ceil(x), g.sign(x)]));
    it.each(['atan2', 'floorDiv', 'mod', 'pow', 'maximum', 'minimum', 'less', 'lessEqual', 'equal', 'notEqual'] as const)('%s of all signs', (op) => {
      const values = [-3, -1.5, -0.5, 0.5, 1, 2, 5.5];
      return checkOp(backend, [column('float32', op === 'pow' ? [0, 0.5, 1, 2, 5.5] : [0, ...values]), row('float32', values)], g[op]);
    });
    it('the extremes keep NaN', () => checkOp(backend, [column('float32', [NaN, 1]), row('float32', [NaN, 1])], (a, b) => [g.maximum(a, b), g.minimum(a, b)]));
  });

  describe('reductions', () => {
    it.each(['reduceSum', 'reduceProd', 'reduceMax', 'reduceMin'] as const)('%s over any axes', async (op) => {
      for (const axes of [[], [0], [1], [2], [0, 2], [0, 1, 2]]) {
        for (const dtype of ['float32', 'int32'] as const) {
          await checkOp(backend, [given(dtype, [3, 4, 5], [1, 2, -1, 3, -2, 1, 1])], (x) => [g[op](x, { axes }), g[op](x, { axes, keepDims: true })]);
        }
      }
    });
    it('sums of int32 wrap', () => checkOp(backend, [given('int32', [4, 300], INT_EDGES)], (x) => [g.reduceSum(x), g.reduceSum(x, { axes: 0 }), g.cumSum(x, { axis: 1 })]));
    it('extremes of int32 are exact', () =>
      checkOp(backend, [given('int32', [3, 6], [0x7fffffff, 0x7ffffffe, -0x80000000, -0x7fffffff, 16777216, 16777217, 16777218])], (x) => [
        g.reduceMax(x), g.reduceMin(x), g.reduceMax(x, { axes: 0 }), g.reduceMin(x, { axes: 1 }), g.argMax(x, 1), g.argMin(x, 0), ...Object.values(g.sort(x)), ...Object.values(g.topK(x, 4)),
      ]));
    it('over bools', () => checkOp(backend, [given('bool', [2, 3], [0, 1, 1, 1, 1, 1])], (x) => [g.reduceAny(x, { axes: 1 }), g.reduceAll(x, { axes: 1 }), g.reduceAll(x)]));
    it('argMax takes the first of equals', () =>
      checkOp(backend, [given('float32', [3, 4], [1, 3, 3, 2, 5, 5, 5, 5, -1, -1, -2, -1])], (x) => [g.argMax(x, 0), g.argMax(x, 1), g.argMin(x, 0), g.argMin(x, 1)]));
    it.each(['float32', 'int32'] as const)('running sums and products of %s', async (dtype) => {
      for (const axis of [0, 1]) {
        for (const reverse of [false, true]) {
          await checkOp(backend, [given(dtype, [3, 7], [1, 2, -1, 1, 0, 3, -2, 1, 1, 2])], (x) => [
            g.cumSum(x, { axis, reverse }), g.cumProd(x, { axis, reverse }), g.cumProd(x, { axis, reverse, exclusive: true }),
          ]);
        }
      }
    });
  });

  describe('movement', () => {
    it.each(['float32', 'float16', 'int32', 'uint32', 'bool'] as const)('of %s', (dtype) =>
      checkOp(backend, [given(dtype, [2, 3, 4], [1, 0, 1, 1, 0])], (x) => [
        g.reshape(x, [6, 4]), g.transpose(x, [2, 0, 1]), g.slice(x, [0, 1, 0], [2, 3, 4], [1, 1, 2]), g.pad(x, [[0, 1], [2, 0], [1, 1]], 1), g.concat([x, x], 1),
        g.reverse(x, [0, 2]), g.broadcastTo(x, [2, 2, 3, 4]), g.select(g.reshape(g.equal(g.cast(x, 'int32'), 0), [2, 3, 4]), x, x),
      ]));
    it('counting and constants', () =>
      checkOp(backend, [floats([2])], (x) => [
        g.iota('int32', [3, 4], 1), g.iota('float32', [300, 2], 0), g.iota('uint32', [4], 0), g.full('float32', [2, 300], 1.5), g.full('bool', [3], 1),
        g.constant('int32', [2, 2], [1, -2, 3, 4]), x, x, g.add(x, 1),
      ]));
  });

  describe('indexing', () => {
    const indices = (shape: readonly number[]) => given('int32', shape, [1, 0, -5, 3, 100, 2, 1]);
    it.each([
      { x: [4, 3], i: [5], axis: 0, batchDims: 0 },
      { x: [4, 3], i: [2, 3], axis: 1, batchDims: 0 },
      { x: [2, 4, 3], i: [2, 5], axis: 1, batchDims: 1 },
      { x: [2, 3, 4, 2], i: [2, 5], axis: 2, batchDims: 1 },
      { x: [2, 3, 4], i: [2, 3, 2, 2], axis: 2, batchDims: 2 },
      { x: [4], i: [], axis: 0, batchDims: 0 },
    ])('gather and scatterAdd $x at $i', async ({ x, i, axis, batchDims }) => {
      await checkOp(backend, [floats(x), indices(i)], (v, at) => {
        const read = g.gather(v, at, { axis, batchDims });
        return [read, g.scatterAdd(read, at, { axis, batchDims, size: x[axis] as number })];
      });
      await checkOp(backend, [given('uint32', x, [1, 2, 0xffffffff]), indices(i)], (v, at) => g.gather(v, at, { axis, batchDims }));
      await checkOp(backend, [given('int32', x, [1, 2, 3]), indices(i)], (v, at) => g.scatterAdd(g.gather(v, at, { axis, batchDims }), at, { axis, batchDims, size: 6 }));
    });
    it('sort is stable, with NaN last', async () => {
      const data = [3, NaN, 1, 1, -Infinity, Infinity, 3, 0, -0, NaN, Infinity, 2];
      for (const descending of [false, true]) {
        await checkOp(backend, [given('float32', [2, 6], data)], (x) => Object.values(g.sort(x, { descending })));
        await checkOp(backend, [given('float32', [2, 6], data)], (x) => Object.values(g.sort(x, { axis: 0, descending })));
        await checkOp(backend, [given('int32', [2, 6], INT_EDGES)], (x) => Object.values(g.sort(x, { descending })));
      }
      await checkOp(backend, [given('float32', [2, 6], data)], (x) => Object.values(g.topK(x, 3)));
      await checkOp(backend, [given('float32', [257], [5, 1, 5, 2])], (x) => Object.values(g.topK(x, 200)));
    });
    it('random bits are those of JAX', () => checkOp(backend, [given('uint32', [2], [123, 0xfedcba98])], (key) => [g.randomBits(key, [5, 7]), g.randomBits(key, []), g.randomBits(key, [1000])]));
  });

  describe('dot', () => {
    const D = (batchA: number[], batchB: number[], contractA: number[], contractB: number[]) => ({ batchA, batchB, contractA, contractB });
    it.each([
      { a: [3, 4], b: [4, 5], attrs: D([], [], [1], [0]) },
      { a: [4, 3], b: [4, 5], attrs: D([], [], [0], [0]) },
      { a: [3, 4], b: [5, 4], attrs: D([], [], [1], [1]) },
      { a: [4, 3], b: [5, 4], attrs: D([], [], [0], [1]) },
      { a: [4], b: [4], attrs: D([], [], [0], [0]) },
      { a: [3, 4], b: [4], attrs: D([], [], [1], [0]) },
      { a: [4], b: [4, 5], attrs: D([], [], [0], [0]) },
      { a: [3], b: [5], attrs: D([], [], [], []) },
      { a: [], b: [5], attrs: D([], [], [], []) },
      { a: [2, 3, 4], b: [2, 4, 5], attrs: D([0], [0], [2], [1]) },
      { a: [2, 6, 3, 4], b: [6, 2, 5, 4], attrs: D([0, 1], [1, 0], [3], [3]) },
      { a: [2, 3, 4], b: [3, 4, 2, 7], attrs: D([], [], [1, 2], [0, 1]) },
      { a: [2, 3, 4], b: [4, 3, 7], attrs: D([], [], [1, 2], [1, 0]) },
      { a: [63, 65], b: [65, 17], attrs: D([], [], [1], [0]) },
    ])('$a · $b', ({ a, b, attrs }) => checkOp(backend, [floats(a), floats(b, 7)], (x, y) => g.dot(x, y, attrs), 1e-3));
  });

  describe('windows', () => {
    const cases = [
      { x: [2, 9, 4], k: [3], strides: [2], padding: [[1, 0]], dilations: [1], groups: 1, out: 6 },
      { x: [2, 9, 4], k: [3], strides: [1], padding: [[0, 0]], dilations: [3], groups: 2, out: 6 },
      { x: [2, 7, 8, 4], k: [3, 2], strides: [1, 1], padding: [[1, 1], [0, 1]], dilations: [1, 1], groups: 1, out: 3 },
      { x: [2, 7, 8, 4], k: [3, 2], strides: [2, 3], padding: [[0, 1], [2, 0]], dilations: [1, 2], groups: 2, out: 6 },
      { x: [2, 8, 9, 6], k: [2, 3], strides: [3, 2], padding: [[1, 2], [0, 3]], dilations: [2, 1], groups: 6, out: 12 },
      { x: [1, 6, 6, 2], k: [1, 1], strides: [2, 2], padding: [[0, 0], [0, 0]], dilations: [1, 1], groups: 1, out: 3 },
      { x: [1, 4, 4, 2], k: [3, 3], strides: [1, 1], padding: [[4, 4], [3, 5]], dilations: [1, 1], groups: 1, out: 3 },
      { x: [1, 4, 5, 6, 2], k: [2, 3, 2], strides: [1, 2, 2], padding: [[0, 0], [1, 1], [0, 1]], dilations: [1, 1, 1], groups: 1, out: 3 },
    ] as { x: number[]; k: number[]; strides: number[]; padding: [number, number][]; dilations: number[]; groups: number; out: number }[];
    it.each(cases)('convolution of $x by $k, strides $strides, padding $padding, dilations $dilations, groups $groups', ({ x, k, out, ...attrs }) =>
      checkOp(backend, [floats(x), floats([...k, (x.at(-1) as number) / attrs.groups, out], 5)], (v, kernel) => {
        const y = g.conv(v, kernel, attrs);
        return [y, g.convInputGrad(y, kernel, { ...attrs, inputShape: x.slice(1, -1) }), g.convKernelGrad(v, y, { ...attrs, kernelShape: k })];
      }, 3e-5));
    const pools = [
      { x: [2, 9, 3], window: [3], strides: [2], padding: [[1, 1]], dilations: [1] },
      { x: [2, 9, 3], window: [2], strides: [1], padding: [[2, 2]], dilations: [3] },
      { x: [2, 6, 8, 3], window: [2, 2], strides: [2, 2], padding: [[0, 0], [0, 0]], dilations: [1, 1] },
      { x: [2, 7, 8, 3], window: [3, 2], strides: [1, 2], padding: [[1, 2], [0, 1]], dilations: [1, 1] },
      { x: [2, 7, 8, 3], window: [2, 3], strides: [2, 1], padding: [[1, 1], [2, 0]], dilations: [2, 2] },
      { x: [1, 4, 5, 6, 2], window: [2, 2, 3], strides: [2, 1, 2], padding: [[0, 0], [1, 0], [1, 1]], dilations: [1, 1, 1] },
    ] as { x: number[]; window: number[]; strides: number[]; padding: [number, number][]; dilations: number[] }[];
    it.each(pools)('pooling of $x by $window, strides $strides, padding $padding, dilations $dilations', async ({ x, ...attrs }) => {
      const inputShape = x.slice(1, -1);
      await checkOp(backend, [given('float32', x, [1, 3, 3, -2, 0.5, 3, -7, 2, 2, 2, 5])], (v) => {
        const { values, positions } = g.maxPool(v, attrs);
        return [values, positions, g.maxPoolGrad(g.mul(values, values), positions, { ...attrs, inputShape })];
      });
      const pooled = g.maxPool(g.inputValue({ dtype: 'float32', shape: x }), attrs).values.type.shape;
      await checkOp(backend, [floats(pooled), given('int32', pooled, [1, 0])], (dy, positions) => g.maxPoolGrad(dy, positions, { ...attrs, inputShape }));
      for (const countPadding of [false, true]) {
        await checkOp(backend, [floats(x)], (v) => {
          const y = g.avgPool(v, { ...attrs, countPadding });
          return [y, g.avgPoolGrad(y, { ...attrs, countPadding, inputShape })];
        });
      }
    });
    it.each(['nearest', 'linear'] as const)('resize (%s)', async (method) => {
      for (const [from, to] of [[[3, 4], [6, 5]], [[5, 7], [2, 3]], [[4], [9]], [[2, 3, 4], [4, 3, 2]], [[1, 1], [3, 3]]] as [number[], number[]][]) {
        await checkOp(backend, [floats([2, ...from, 3])], (x) => {
          const y = g.resize(x, { size: to, method });
          return [y, g.resizeGrad(y, { inputShape: from, method })];
        });
      }
    });
    it('a convolution broadcasts against a tensor with more axes', () => {
      const attrs = { strides: [1], padding: [[1, 1]] as const, dilations: [1], groups: 1 };
      return checkOp(backend, [floats([2, 5, 3]), floats([3, 3, 4], 5), floats([3, 2, 5, 4], 2), floats([2, 5, 4, 4, 3], 2)], (x, k, more, image) => {
        const y = g.conv(x, k, attrs);
        const planes = g.conv(image, g.full('float32', [1, 1, 1, 3, 4], 0.5), { strides: [1, 1, 1], padding: [[0, 0], [0, 0], [0, 0]], dilations: [1, 1, 1], groups: 1 });
        return [g.add(y, more), g.add(planes, g.slice(y, [0, 0, 0], [1, 4, 4], [1, 1, 1])), g.mul(g.full('float32', [2, 5, 4], 2), g.full('float32', [4], 3))];
      });
    });
    it('ops after a convolution keep their meaning in either order of axes', () => {
      const attrs = { strides: [1, 1], padding: [[1, 1], [1, 1]] as const, dilations: [1, 1], groups: 1 };
      return checkOp(backend, [floats([2, 5, 6, 3]), floats([3, 3, 3, 4], 5), floats([4], 9), floats([6, 1], 3), floats([2, 5, 6, 4], 2)], (x, k, bias, w, full) => {
        const y = g.conv(x, k, attrs);
        const z = g.add(g.mul(g.add(y, bias), w), full);
        return [
          z, g.reduceSum(z, { axes: [0, 1, 2] }), g.reduceMax(z, { axes: [3] }), g.reduceSum(z, { axes: [1, 3] }), g.reduceSum(z, { axes: [1, 2], keepDims: true }),
          g.slice(z, [0, 1, 0, 2], [2, 5, 6, 4], [1, 2, 1, 1]), g.pad(z, [[0, 0], [1, 0], [0, 2], [3, 0]], 2), g.concat([z, full], 3), g.concat([full, z], 1), g.reverse(z, [1, 3]),
          g.broadcastTo(g.reduceSum(z, { axes: [3], keepDims: true }), [2, 5, 6, 4]), g.select(g.greater(z, 0), z, 0), g.argMax(z, 3), g.cumSum(z, { axis: 3, reverse: false }),
          g.reshape(z, [2, 120]), g.transpose(z, [3, 0, 1, 2]), g.resize(z, { size: [3, 7], method: 'linear' }), g.cast(z, 'int32'), g.softmax(z), g.broadcastTo(z, [2, 2, 5, 6, 4]),
        ];
      }, 3e-5);
    });
  });

  describe('control flow', () => {
    it.each([false, true])('scan, reverse %s', (reverse) =>
      checkOp(backend, [floats([5, 3]), floats([3], 4), floats([3], 8)], (xs, start, outer) => {
        const { carry, ys } = g.scan(
          ([h], [x]) => {
            const next = g.tanh(g.add(g.mul(h as Value, outer), x as Value));
            return { carry: [next], ys: [g.mul(next, 2), next, x as Value, outer] };
          },
          [start], [xs], { reverse },
        );
        return [...carry, ...ys];
      }));
    it('scan without slices, and with two carries that change places', () =>
      checkOp(backend, [floats([3]), given('int32', [3], [1, 2, 3])], (a, n) => {
        const swapped = g.scan(([x, y]) => ({ carry: [y as Value, g.add(x as Value, 1)] }), [a, g.mul(a, 2)], [], { length: 5 });
        const counted = g.scan(([x]) => ({ carry: [g.add(x as Value, n)], ys: [x as Value] }), [n], [], { length: 4 });
        return [...swapped.carry, ...counted.carry, ...counted.ys];
      }));
    it('the gradient of scan', () =>
      checkOp(backend, [floats([5, 2, 4]), floats([4, 4], 3), floats([2, 4], 6)], (xs, w, start) => {
        const { ys } = g.scan(([h], [x]) => {
          const next = g.tanh(g.add(g.dot(h as Value, w, { contractA: [1], contractB: [0] }), x as Value));
          return { carry: [next], ys: [next] };
        }, [start], [xs]);
        return g.gradients(g.reduceSum(g.mul(ys[0] as Value, ys[0] as Value)), [xs, w, start]);
      }, 3e-5));
    it('while', () =>
      checkOp(backend, [given('float32', [], [1]), given('float32', [], [100]), given('int32', [], [0])], (x, limit, n) =>
        g.whileLoop(([v]) => g.less(v as Value, limit), ([v, i]) => [g.mul(v as Value, 3), g.add(i as Value, 1)], [x, n])));
    it('while that never turns', () =>
      checkOp(backend, [given('float32', [2], [1, 5])], (x) => g.whileLoop(([v]) => g.less(g.reduceSum(v as Value), 0), ([v]) => [g.mul(v as Value, 3)], [x])));
    it.each([1, -1])('cond, and its gradient, at %s', (sign) =>
      checkOp(backend, [given('float32', [3], [sign, 2 * sign, 0.5])], (x) => {
        const y = g.cond(g.greater(g.reduceSum(x), 0), () => [g.mul(x, x), x, g.full('float32', [2], 1)], () => [g.mul(x, 3), g.neg(x), g.full('float32', [2], 2)]);
        return [...y, ...g.gradients(g.reduceSum(y[0] as Value), [x])];
      }));
    it('loops inside of branches inside of loops', () =>
      checkOp(backend, [floats([4, 3]), floats([3], 4)], (xs, start) => {
        const { carry, ys } = g.scan(([h], [x]) => {
          const [next] = g.cond(
            g.greater(g.reduceSum(x as Value), 0),
            () => g.whileLoop(([v]) => g.less(g.reduceSum(v as Value), 4), ([v]) => [g.add(v as Value, g.mul(start, start))], [g.add(h as Value, x as Value)]),
            () => [h as Value],
          );
          return { carry: [next as Value], ys: [next as Value] };
        }, [start], [xs]);
        return [...carry, ...ys];
      }));
  });
});
