/** Equal work is done once: nodes with the same op, operands and attributes become one. All ops are pure, random bits included. */
import { graphOf, makeNode, mapGraph, type Graph, type Node, type Value } from '../core/graph.ts';
import { attrsText } from '../print/canonical.ts';

/** `graph` without repeated nodes. */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const merge = subexpressionTable();
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const unchanged = inputs.every((value, i) => value === node.inputs[i]);
    return merge(
      unchanged
        ? node
        : makeNode(
            node.def,
            inputs,
            node.attrs,
            node.outputs.map((output) => output.type),
          ),
    ).outputs;
  });
  return graphOf(graph.inputs, outputs);
}

/** A function that gives for each node the first one equal to it. */
export function subexpressionTable(): (node: Node) => Node {
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    let number = numbers.get(value);
    if (number === undefined) numbers.set(value, (number = numbers.size));
    return number;
  };
  const first = new Map<string, Node>();
  return (node) => {
    const key = `${node.op}(${node.inputs.map(numberOf).join(',')})${attrsText(node.attrs)}`;
    const equal = first.get(key);
    if (equal) return equal;
    first.set(key, node);
    return node;
  };
}
