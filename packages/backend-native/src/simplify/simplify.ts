/** What the compiler does to a graph before it chooses kernels: normal form, then ops rewritten into the forms that later passes expect. */
import { expandComposites, graphOf, isGraph, makeNode, mapGraph, normalize, type AttrValue, type Graph, type Node, type Value } from '@weftjs/graph';
import { canonicalDot } from './products.ts';
import { resizeByGather } from './resize.ts';

type Rewrite = (node: Node, inputs: readonly Value[]) => readonly Value[];

const REWRITES: Readonly<Record<string, Rewrite>> = {
  dot: canonicalDot,
  resize: resizeByGather,
  resizeGrad: resizeByGather,
};

/** An equal graph of primitives in the compiler's own normal form. */
export function simplifyGraph(graph: Graph, composites: ReadonlySet<string>): Graph {
  return normalize(rewrite(rewrite(normalize(expandComposites(graph, composites)), 'resize'), 'dot'));
}

/** Applies the rewrites whose name starts with `prefix`, in sub-graphs too. */
function rewrite(graph: Graph, prefix: string): Graph {
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const rule = node.op.startsWith(prefix) ? REWRITES[node.op] : undefined;
    if (rule) return rule(node, inputs);
    const entries = Object.entries(node.attrs).map(([name, value]): [string, AttrValue] => [name, isGraph(value) ? rewrite(value, prefix) : value]);
    if (!entries.some(([name, value]) => value !== node.attrs[name])) return null;
    return makeNode(node.def, inputs, Object.fromEntries(entries), node.outputs.map(({ type }) => type)).outputs;
  });
  return graphOf(graph.inputs, outputs);
}
