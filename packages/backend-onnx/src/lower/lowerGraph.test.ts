import {
  add, conv, cumSum, dot, expandComposites, gradients, graphOf, inputValue, maxPool, mul, normalize, reduceSum, relu, reshape, scan, tensorType, transpose, type Graph, type Value,
} from '@weftjs/graph';
import { describe, expect, it } from 'vitest';
import { isOnnxGraph, type OnnxGraph } from '../encode/schema.ts';
import { lowerGraph } from './lowerGraph.ts';

const float = (...shape: number[]): Value => inputValue(tensorType('float32', shape));
const expanded = (inputs: readonly Value[], outputs: readonly Value[]): Graph => normalize(expandComposites(graphOf(inputs, outputs), new Set()));
const ops = (graph: OnnxGraph): string[] =>
  graph.nodes.flatMap((node) => [node.op, ...Object.values(node.attributes).filter(isOnnxGraph).flatMap(ops)]);
const transposesOfActivations = (graph: OnnxGraph): number =>
  graph.nodes.filter(({ op, attributes }) => op === 'Transpose' && ['0,3,1,2', '0,2,3,1'].includes(String(attributes.perm))).length;

describe('lowering', () => {
  it('keeps two transposes in a convolutional net, at its borders, and as many in its gradient', () => {
    const windows = { strides: [1, 1], padding: [[1, 1], [1, 1]] as const, dilations: [1, 1], groups: 1 };
    const pool = { window: [2, 2], strides: [2, 2], padding: [[0, 0], [0, 0]] as const, dilations: [1, 1] };
    const [x, k1, k2, bias] = [float(2, 8, 8, 3), float(3, 3, 3, 4), float(3, 3, 4, 4), float(4)] as [Value, Value, Value, Value];
    const block = (v: Value, k: Value): Value => maxPool(relu(add(conv(v, k, windows), bias)), pool).values;
    const flat = reshape(block(block(x, k1), k2), [2, 16]);
    expect(transposesOfActivations(lowerGraph(expanded([x, k1, k2, bias], [flat])).model.graph)).toBe(2);
    const grads = gradients(reduceSum(mul(flat, flat)), [k1, k2, bias]);
    expect(transposesOfActivations(lowerGraph(expanded([x, k1, k2, bias], [flat, ...grads])).model.graph)).toBe(3);
  });

  it('makes a transposed product another product', () => {
    const [a, b] = [float(3, 4), float(4, 5)];
    const y = transpose(dot(a, b, { contractA: [1], contractB: [0] }));
    const { model } = lowerGraph(graphOf([a, b], [y]));
    expect(ops(model.graph)).toEqual(['Gemm', 'Identity']);
    expect(model.graph.nodes[0]?.attributes).toEqual({ transA: 1, transB: 1 });
  });

  it('computes equal nodes once, drops dead ones, and leaves unread inputs out', () => {
    const [x, unread] = [float(2), float(3)];
    const { model, inputs } = lowerGraph(graphOf([x, unread], [add(mul(x, 2), mul(x, 2))]));
    expect(ops(model.graph)).toEqual(['Mul', 'Add', 'Identity']);
    expect(inputs).toEqual(['input_0', null]);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['input_0']);
  });

  it('asks for the positions of maxima only where they are read', () => {
    const x = float(1, 4, 4, 2);
    const { values, positions } = maxPool(x, { window: [2, 2], strides: [2, 2], padding: [[0, 0], [0, 0]], dilations: [1, 1] });
    const outputsOf = (...outputs: Value[]) => lowerGraph(graphOf([x], outputs)).model.graph.nodes.find(({ op }) => op === 'MaxPool')?.outputs.length;
    expect([outputsOf(values), outputsOf(values, positions), outputsOf(positions)]).toEqual([1, 2, 2]);
  });

  it('takes outputs that are inputs from outside of the model', () => {
    const x = float(2);
    const lowered = lowerGraph(graphOf([x], [x]));
    expect(lowered.outputs).toEqual([{ from: 'input', index: 0 }]);
    expect(lowered.model.graph.nodes).toEqual([]);
  });

  it('gives loop bodies outer values by name', () => {
    const [xs, w] = [float(4, 2), float(2)];
    const { carry } = scan(([h], [x]) => ({ carry: [add(mul(h as Value, w), cumSum(x as Value, { axis: 0 }))] }), [w], [xs]);
    const { model } = lowerGraph(graphOf([xs, w], carry));
    const body = model.graph.nodes.find(({ op }) => op === 'Scan')?.attributes.body as OnnxGraph;
    expect(body.inputs.map(({ shape }) => shape)).toEqual([[2], [2]]);
    expect(ops(body)).toEqual(['Mul', 'CumSum', 'Add', 'Identity']);
  });
});
