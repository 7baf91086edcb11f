import { describe, expect, it } from 'vitest';
import * as w from '@weftjs/graph';
import type { Nest } from '../../kernel/nest.ts';
import { makeAxis } from '../../kernel/position.ts';
import type { TemplateKernel } from '../../kernel/template.ts';
import { simplifyGraph } from '../../simplify/simplify.ts';
import { lowerProgram } from '../lower.ts';
import type { Kernel, Program } from '../program.ts';
import { refine } from './refine.ts';

const input = (...shape: number[]): w.Value => w.inputValue(w.tensorType('float32', shape));
const matmul = (a: w.Value, b: w.Value): w.Value => w.dot(a, b, { contractA: [1], contractB: [0] });

function lower(inputs: readonly w.Value[], outputs: readonly w.Value[], storagesPerKernel = 24): Program {
  return lowerProgram(simplifyGraph(w.graphOf(inputs, outputs), new Set()), { storagesPerKernel });
}

function kernelsOf(inputs: readonly w.Value[], outputs: readonly w.Value[]): Kernel[] {
  return lower(inputs, outputs).steps.map((step) => {
    if (step.kind !== 'run') throw new Error(`a step is a ${step.kind}`);
    return step.kernel;
  });
}

const onlyNest = (kernels: readonly Kernel[]): Nest => {
  const [kernel] = kernels;
  if (kernels.length !== 1 || kernel?.kind !== 'nest') throw new Error(`not one nest but ${kernels.map(({ name }) => name).join(' / ')}`);
  return kernel;
};
const stored = ({ stages }: Nest): number => stages.reduce((sum, { stores }) => sum + stores.length, 0);

describe('refining axes', () => {
  const extents = (a: number[], b: number[]): number[] | undefined => refine(a.map(makeAxis), b.map(makeAxis))?.axes.map(({ extent }) => extent);

  it('finds axes that are finer than both lists', () => {
    expect(extents([6, 4], [2, 12])).toEqual([2, 3, 4]);
    expect(extents([5, 1, 3], [15])).toEqual([5, 3]);
    expect(extents([7], [7])).toEqual([7]);
    expect(extents([1], [])).toEqual([]);
  });

  it('finds none where borders do not fit', () => {
    expect(extents([4, 6], [6, 4])).toBeUndefined();
    expect(extents([4], [5])).toBeUndefined();
  });
});

describe('kernels over rows', () => {
  it('computes softmax in three walks over a row, and keeps only the powers', () => {
    const x = input(64, 10);
    const nest = onlyNest(kernelsOf([x], [w.softmax(x)]));
    expect(nest.grid.map(({ extent }) => extent)).toEqual([64]);
    expect(nest.stages.map(({ loop }) => loop.map(({ extent }) => extent))).toEqual([[10], [10], [10]]);
    expect(stored(nest)).toBe(2);
  });

  it('computes the loss of classes and its gradient beside the softmax', () => {
    const [x, labels] = [input(64, 10), w.inputValue(w.tensorType('int32', [64]))];
    const losses = w.sparseSoftmaxCrossEntropy(x, labels);
    const [dx] = w.gradients(w.reduceSum(losses), [x]) as [w.Value];
    const nest = onlyNest(kernelsOf([x, labels], [losses, dx]));
    expect(nest.ops).toEqual(expect.arrayContaining(['reduceMax', 'exp', 'log', 'reduceSum']));
  });

  it('keeps the mean and the variance of a row in registers', () => {
    const [x, scale] = [input(40, 30), input(30)];
    const centred = w.sub(x, w.div(w.reduceSum(x, { axes: 1, keepDims: true }), 30));
    const variance = w.div(w.reduceSum(w.mul(centred, centred), { axes: 1, keepDims: true }), 30);
    const nest = onlyNest(kernelsOf([x, scale], [w.mul(w.mul(centred, w.rsqrt(w.add(variance, 1e-5))), scale)]));
    expect(stored(nest)).toBe(1);
  });

  it('works across a reshape of the rows', () => {
    const x = input(4, 16, 8);
    const sums = w.reduceSum(w.exp(w.reshape(x, [64, 8])), { axes: 1 });
    onlyNest(kernelsOf([x], [w.mul(w.exp(x), w.reshape(sums, [4, 16, 1]))]));
  });

  it('does not join what passes from row to row', () => {
    const x = input(96, 96);
    const columns = w.reduceSum(x, { axes: 0 });
    expect(kernelsOf([x], [w.mul(w.exp(columns), w.reduceMax(w.mul(x, columns), { axes: 1 }))]).length).toBeGreaterThan(1);
  });

  it('leaves few long rows to kernels that can share them', () => {
    const x = input(2, 100_000);
    expect(kernelsOf([x], [w.softmax(x)]).length).toBeGreaterThan(1);
  });
});

describe('epilogues', () => {
  const [x, kernel, bias, other] = [input(32, 24), input(24, 40), input(40), input(32, 40)];
  const product = matmul(x, kernel);

  const only = (kernels: readonly Kernel[]): TemplateKernel => {
    const [first] = kernels;
    if (kernels.length !== 1 || first?.kind !== 'template') throw new Error(`not one product but ${kernels.map(({ name }) => name).join(' / ')}`);
    return first;
  };

  it('adds a bias, activates and adds a residual where the product is made, in its memory', () => {
    const y = w.add(w.relu(w.add(product, bias)), other);
    const { template, epilogue } = only(kernelsOf([x, kernel, bias, other], [w.dot(y, y, { contractA: [0], contractB: [0] })]).slice(0, 1));
    expect(epilogue?.grid.map(({ extent }) => extent)).toEqual([32, 40]);
    expect(epilogue && stored(epilogue)).toBe(1);
    expect('output' in template && template.output).toBe(epilogue?.stages[0]?.stores[0]?.storage);
  });

  it('keeps the raw product for those that need it, in memory of its own', () => {
    const { template, epilogue } = only(kernelsOf([x, kernel, bias], [product, w.tanh(w.add(product, bias))]));
    expect('output' in template && epilogue?.stages[0]?.stores.map(({ storage }) => storage)).not.toContain('output' in template && template.output);
  });

  it('gives several results', () => {
    const y = w.sigmoid(w.add(product, bias));
    const { epilogue } = only(kernelsOf([x, kernel, bias], [y, w.mul(y, w.sub(1, y))]));
    expect(epilogue && stored(epilogue)).toBe(2);
  });

  it('reads where convolutions are written, batch and space being rows', () => {
    const [image, taps, shift] = [input(2, 8, 8, 4), input(3, 3, 4, 8), input(8)];
    const y = w.conv(image, taps, { strides: [1, 1], padding: [[1, 1], [1, 1]], dilations: [1, 1], groups: 1 });
    const { epilogue } = only(kernelsOf([image, taps, shift], [w.relu(w.add(y, shift))]));
    expect(epilogue?.grid.map(({ extent }) => extent)).toEqual([128, 8]);
  });

  it('leaves a transposed result to a kernel of its own', () => {
    expect(kernelsOf([x, kernel, bias], [w.transpose(w.tanh(w.add(product, bias))), product])).toHaveLength(2);
  });
});
