/** What the compiler does to a graph before it chooses kernels: normal form, then ops rewritten into the forms that later passes expect. */
import { expandComposites, graphOf, isGraph, makeNode, mapGraph, normalize, type AttrValue, type Graph, type Node, type Value } from '@weftjs/graph';
import { simplifyNode } from './algebra.ts';
import { canonicalDot } from './products.ts';
import { resizeByGather } from './resize.ts';

/** An equal graph of primitives in the compiler's own normal form. */
export function simplifyGraph(graph: Graph, composites: ReadonlySet<string>): Graph {
  const primitives = rewrite(normalize(expandComposites(graph, composites)), (node, inputs) =>
    node.op === 'resize' || node.op === 'resizeGrad' ? resizeByGather(node, inputs) : null,
  );
  const simplified = rewrite(primitives, (node, inputs) => {
    const simpler = simplifyNode(node, inputs);
    return simpler && [simpler];
  });
  return normalize(rewrite(simplified, (node, inputs) => (node.op === 'dot' ? canonicalDot(node, inputs) : null)));
}

/** Applies a rule to all nodes, in sub-graphs too; a node without a replacement is copied. */
function rewrite(graph: Graph, rule: (node: Node, inputs: readonly Value[]) => readonly Value[] | null): Graph {
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const replaced = rule(node, inputs);
    if (replaced) return replaced;
    const entries = Object.entries(node.attrs).map(([name, value]): [string, AttrValue] => [name, isGraph(value) ? rewrite(value, rule) : value]);
    if (!entries.some(([name, value]) => value !== node.attrs[name])) return null;
    return makeNode(node.def, inputs, Object.fromEntries(entries), node.outputs.map(({ type }) => type)).outputs;
  });
  return graphOf(graph.inputs, outputs);
}
