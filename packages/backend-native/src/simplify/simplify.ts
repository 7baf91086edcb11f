/** What the compiler does to a graph before it chooses kernels: normal form, then ops rewritten into the forms that later passes expect. */
import { expandComposites, graphOf, makeNode, mapGraph, mapSubgraphs, normalize, type Graph, type Node, type Value } from '@weftjs/graph';
import { simplifyNode } from './algebra.ts';
import { hasHalves, roundToHalves } from './halves.ts';
import { splitLongSum } from './longSums.ts';
import { canonicalDot, exchangedDot } from './products.ts';
import { resizeByGather } from './resize.ts';

/**
 * An equal graph of primitives in the compiler's own normal form.
 * @param composites taken whole, but for nodes that `isWhole` says no of
 */
export function simplifyGraph(graph: Graph, composites: ReadonlySet<string>, isWhole?: (node: Node, graph: Graph) => boolean): Graph {
  const parted = isWhole
    ? rewrite(graph, (node, inputs) => (composites.has(node.op) && !isWhole(node, graph) ? (node.def.decompose?.(inputs, node.attrs) ?? null) : null))
    : graph;
  const primitives = rewrite(normalize(expandComposites(parted, composites)), (node, inputs) =>
    node.op === 'resize' || node.op === 'resizeGrad' ? resizeByGather(node, inputs) : null,
  );
  const simplified = rewrite(primitives, (node, inputs, isUsedOnce) => {
    const product = inputs[0]?.node;
    const exchanged = node.op === 'transpose' && product?.op === 'dot' && isUsedOnce(node.inputs[0] as Value) ? exchangedDot(node, product) : null;
    const simpler = exchanged ?? splitLongSum(node, inputs) ?? simplifyNode(node, inputs);
    return simpler && [simpler];
  });
  const products = rewrite(simplified, (node, inputs) => (node.op === 'dot' ? canonicalDot(node, inputs) : null));
  return normalize(hasHalves(products) ? rewrite(products, roundToHalves) : products);
}

/** Gives what stands for the outputs of a node, or null; `inputs` are rewritten already, `isUsedOnce` is asked of the node's own. */
type Rule = (node: Node, inputs: readonly Value[], isUsedOnce: (value: Value) => boolean) => readonly Value[] | null;

/** Applies a rule to all nodes, in sub-graphs too; a node without a replacement is copied. */
function rewrite(graph: Graph, rule: Rule): Graph {
  const uses = new Map<Value, number>();
  for (const value of [...graph.outputs, ...graph.nodes.flatMap((node) => node.inputs)]) uses.set(value, (uses.get(value) ?? 0) + 1);
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const replaced = rule(node, inputs, (value) => uses.get(value) === 1);
    if (replaced) return replaced;
    const attrs = mapSubgraphs(node.attrs, (inner) => rewrite(inner, rule));
    return attrs === node.attrs ? null : makeNode(node.def, inputs, attrs, node.outputs.map(({ type }) => type)).outputs;
  });
  return graphOf(graph.inputs, outputs);
}
