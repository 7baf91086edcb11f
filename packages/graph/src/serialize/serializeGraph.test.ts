import { expect, it } from 'vitest';
import * as w from '../index.ts';
import { deserializeGraph, serializeGraph } from './index.ts';

const input = (shape: number[], label?: string): w.Value => w.inputValue(w.tensorType('float32', shape), label);

it('gives back an equal graph through JSON, loops and odd numbers included', () => {
  const [xs, scale] = [input([3, 2], 'xs'), input([2])];
  const loop = w.scan(
    ([h], [x]) => ({ carry: [w.softmax(w.mul(w.maximum(h!, x!), scale))] }),
    [w.full('float32', [2], -Infinity)],
    [xs],
  );
  const graph = w.graphOf([xs, scale], [loop.carry[0]!, w.pad(scale, [[1, 0]], -0), xs]);
  const again = deserializeGraph(JSON.parse(JSON.stringify(serializeGraph(graph))));
  expect(w.hashGraph(again)).toBe(w.hashGraph(graph));
  const data = [
    [1, 2, 3, 4, 5, 6],
    [0.5, -1],
  ];
  expect(w.evaluate(again, data)).toEqual(w.evaluate(graph, data));
});

it('refuses damaged and hostile data', () => {
  const x = input([2]);
  const good = JSON.parse(JSON.stringify(serializeGraph(w.graphOf([x], [w.mul(x, 2)]))));
  const node = good.nodes[1];
  const bad: unknown[] = [
    null,
    'graph',
    {},
    { ...good, version: 2 },
    { ...good, nodes: [{ ...node, op: 'constructor' }] },
    { ...good, nodes: [{ ...node, inputs: [[0, 0]] }] },
    { ...good, outputs: [[7, 0]] },
    { ...good, inputs: [{ dtype: 'float64', shape: [2] }] },
    { ...good, inputs: [{ dtype: 'float32', shape: [-2] }] },
    { ...good, nodes: [{ op: 'reshape', inputs: [[-1, 0]], attrs: {} }] },
    { ...good, nodes: [{ op: 'scan', inputs: [], attrs: { body: { format: 'weft-graph' } } }] },
  ];
  for (const data of bad) {
    expect(() => deserializeGraph(data)).toThrow(expect.objectContaining({ code: 'WEFT_E_FILE' }));
  }
});
