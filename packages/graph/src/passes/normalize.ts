/**
 * Normalising: what every backend does to a graph before anything of its own. Dead code and repeated work go, tensors without elements
 * are decided here, equal loops become one, control flow computes only what is read. Inputs and outputs of the graph stay as they are.
 */
import { graphOf, makeNode, mapGraph, type Graph } from '../core/graph.ts';
import { mapSubgraphs } from './expandComposites.ts';
import { subexpressionTable } from './commonSubexpressions.ts';
import { movedConstant } from './filledConstants.ts';
import { mergeScans } from './mergeScans.ts';
import { pruneControlFlow } from './pruneControlFlow.ts';
import { withoutEmptyWork } from './zeroSize.ts';

const normal = /* @__PURE__ */ new WeakMap<Graph, Graph>();

/** An equal graph in normal form, sub-graphs included. Its outputs may be inputs, constants or repeated values. */
export function normalize(graph: Graph): Graph {
  const known = normal.get(graph);
  if (known) return known;
  let current = simplify(removeDeadCode(graph));
  for (let changed = true; changed; ) {
    const next = pruneControlFlow(mergeScans(current));
    changed = next !== current;
    if (changed) current = simplify(next);
  }
  normal.set(graph, current);
  normal.set(current, current);
  return current;
}

/** `graph` without nodes that no output depends on. */
export function removeDeadCode(graph: Graph): Graph {
  return graphOf(graph.inputs, graph.outputs);
}

/** One pass forwards: sub-graphs, empty work, moved constants, repeated work. */
function simplify(graph: Graph): Graph {
  const merge = subexpressionTable();
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const replaced = withoutEmptyWork(node, inputs) ?? movedConstant(node, inputs);
    if (replaced)
      return replaced.map((value) => (value.node ? (merge(value.node).outputs[value.index] ?? value) : value));
    const attrs = mapSubgraphs(node.attrs, normalize);
    const same = attrs === node.attrs && inputs.every((value, i) => value === node.inputs[i]);
    return merge(
      same
        ? node
        : makeNode(
            node.def,
            inputs,
            attrs,
            node.outputs.map((output) => output.type),
          ),
    ).outputs;
  });
  return graphOf(graph.inputs, outputs);
}
