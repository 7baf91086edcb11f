import { expect, it } from 'vitest';
import { expandComposites, normalize, runOnHost, type Graph, type TypedArray, type Value } from '@weftjs/graph';
import { compare } from '../compare.ts';
import { decode, encode } from '../host.ts';
import { programGroups } from './programs.ts';

/** Runs a graph with every op rounded to its dtype, as an engine does. */
function evaluateRounded(graph: Graph, data: readonly Float64Array[]): Float64Array[] {
  const values = new Map<Value, TypedArray>();
  graph.inputs.forEach((value, i) => values.set(value, encode(data[i]!, value.type.dtype)));
  for (const node of graph.nodes) {
    const results = runOnHost(
      node,
      node.inputs.map((value) => values.get(value)!),
    );
    node.outputs.forEach((output, i) => values.set(output, results[i]!));
  }
  return graph.outputs.map((output) => decode(values.get(output)!, output.type.dtype));
}

it('has programs that rounding alone does not throw off', () => {
  const shaky: string[] = [];
  for (const { cases } of programGroups()) {
    for (const item of cases()) {
      const graph = normalize(expandComposites(item.graph(), new Set()));
      const { failure, worst } = compare(evaluateRounded(graph, item.data), item.expected());
      if (failure !== null || worst > 0.25) shaky.push(`${item.name}: ${failure ?? worst}`);
    }
  }
  expect(shaky).toEqual([]);
});
