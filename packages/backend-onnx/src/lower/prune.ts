/** Removes nodes and constants that no output needs, sub-graphs included. */
import { isOnnxGraph } from '../encode/schema.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../encode/schema.ts';

/** `graph` without dead nodes and unused initializers; its inputs stay. */
export function prune(graph: OnnxGraph): OnnxGraph {
  const used = new Set<string>();
  const pruned = pruneNodes(graph, used);
  return { ...pruned, initializers: graph.initializers.filter(({ name }) => used.has(name)) };
}

/** Walks backwards, adding to `used` whatever is read, here or from the surroundings. */
function pruneNodes(graph: OnnxGraph, used: Set<string>): OnnxGraph {
  for (const { name } of graph.outputs) used.add(name);
  const nodes: OnnxNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => used.has(name))) continue;
    const attributes: Record<string, OnnxAttribute> = {};
    for (const [name, attribute] of Object.entries(node.attributes)) {
      attributes[name] = isOnnxGraph(attribute) ? pruneNodes(attribute, used) : attribute;
    }
    for (const name of node.inputs) used.add(name);
    nodes.push({ ...node, attributes, outputs: wanted(node, used) });
  }
  return { ...graph, nodes: nodes.reverse() };
}

/** Pooling is much faster when nobody asks for the positions of the maxima. */
function wanted(node: OnnxNode, used: ReadonlySet<string>): readonly string[] {
  const [values, positions] = node.outputs;
  return node.op === 'MaxPool' && values !== undefined && !used.has(positions ?? '') ? [values] : node.outputs;
}
