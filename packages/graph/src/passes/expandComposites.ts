/** Composites become primitives, except those that an engine takes whole. */
import {
  graphOf,
  inputValue,
  isGraph,
  makeNode,
  mapGraph,
  type Attrs,
  type AttrValue,
  type Graph,
  type Node,
  type Value,
} from '../core/graph.ts';

/** `graph` with every composite that is not in `keep` replaced by its decomposition, in sub-graphs too. */
export function expandComposites(graph: Graph, keep: ReadonlySet<string>): Graph {
  const rewrite = (node: Node, inputs: readonly Value[]): readonly Value[] | null => {
    const { def } = node;
    if (def.decompose && !keep.has(node.op)) {
      // decomposed over fresh inputs: what lies behind the operands has been rewritten already
      const parameters = inputs.map((value) => inputValue(value.type));
      const inner = graphOf(parameters, def.decompose(parameters, node.attrs));
      return mapGraph(inner, inputs, rewrite);
    }
    const attrs = mapSubgraphs(node.attrs, (inner) => expandComposites(inner, keep));
    return attrs === node.attrs
      ? null
      : makeNode(
          def,
          inputs,
          attrs,
          node.outputs.map((output) => output.type),
        ).outputs;
  };
  const outputs = mapGraph(graph, graph.inputs, rewrite);
  return outputs.every((value, i) => value === graph.outputs[i]) ? graph : graphOf(graph.inputs, outputs);
}

/** Attributes with their graphs mapped; the same object when none changed. */
export function mapSubgraphs(attrs: Attrs, map: (graph: Graph) => Graph): Attrs {
  let changed = false;
  const entries = Object.entries(attrs).map(([name, value]): [string, AttrValue] => {
    if (!isGraph(value)) return [name, value];
    const mapped = map(value);
    changed ||= mapped !== value;
    return [name, mapped];
  });
  return changed ? Object.fromEntries(entries) : attrs;
}
