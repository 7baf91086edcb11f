import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import { native } from '../native.ts';
import { simplifyGraph } from './simplify.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));
const ops = (inputs: readonly w.Value[], output: w.Value): string[] =>
  simplifyGraph(w.graphOf(inputs, [output]), new Set()).nodes.map((node) => node.op);

describe('simplifying', () => {
  it('folds constants and drops neutral operands', () => {
    const x = input(3, 4);
    const two = w.div(w.full('float32', [4], 6), 3);
    expect(ops([x], w.add(w.mul(x, w.sub(two, 1)), 0))).toEqual([]);
    expect(ops([x], w.mul(x, w.broadcastTo(w.sqrt(two), [3, 4])))).toEqual(['constant', 'mul']);
  });

  it('multiplies instead of raising to 2', () => {
    const x = input(3, 4);
    expect(ops([x], w.pow(x, 2))).toEqual(['mul']);
  });

  it('multiplies instead of dividing by a power of two, and by no other number', () => {
    const x = input(3, 4);
    expect(ops([x], w.div(x, 0.125))).toEqual(['constant', 'mul']);
    expect(ops([x], w.div(x, -64))).toEqual(['constant', 'mul']);
    for (const divisor of [3, 0, Infinity, 2 ** -127]) expect(ops([x], w.div(x, divisor))).toEqual(['constant', 'div']);
  });

  it('casts truth values once, and whole numbers as often as they may round', () => {
    const x = input(3);
    expect(ops([x], w.cast(w.cast(w.less(x, 2), 'int32'), 'float32'))).toEqual(['constant', 'less', 'cast']);
    expect(ops([x], w.cast(w.cast(x, 'int32'), 'float32'))).toEqual(['cast', 'cast']);
  });

  it('computes a sum once, whether its axes are kept or not', () => {
    const x = input(3, 4);
    expect(ops([x], w.sub(w.sub(x, w.reduceSum(x, { axes: 1, keepDims: true })), w.reshape(w.reduceSum(x, { axes: 1 }), [3, 1])))).toEqual(['reduceSum', 'reshape', 'sub', 'sub']);
  });

  it('keeps a product with 0, which is not 0 for NaN', () => {
    const x = input(3);
    expect(ops([x], w.mul(x, 0))).toContain('mul');
  });

  it('exchanges the operands of a product instead of transposing its result', () => {
    const [a, b] = [input(5, 6), input(6, 7)];
    expect(ops([a, b], w.transpose(w.dot(a, b, { contractA: [1], contractB: [0] }))).slice(-2)).toEqual(['dot', 'reshape']);
  });

  it('sums a million equal numbers to within a few units in the last place', async () => {
    const backend = await native({ target: 'wasm' }).create();
    const x = input(1000, 1000);
    const graph = w.graphOf([x], [w.reduceSum(x), w.reduceSum(w.reshape(x, [250_000, 4]), { axes: 0, keepDims: true })]);
    const [all, columns] = (await backend.compile(graph)).run([backend.upload(new Float32Array(1e6).fill(0.1), x.type)]);
    const tenth = Math.fround(0.1);
    expect(Math.abs((await backend.read(all!))[0]! / (1e6 * tenth) - 1)).toBeLessThan(2e-6);
    for (const sum of await backend.read(columns!)) expect(Math.abs(sum / (250_000 * tenth) - 1)).toBeLessThan(2e-6);
  });
});
