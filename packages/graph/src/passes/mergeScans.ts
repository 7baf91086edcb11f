/**
 * The gradient of a scan runs the forward loop again, with more ys. Here the two become one loop: scans with the same operands whose
 * carries develop alike are one scan with the ys of all.
 */
import { graphOf, makeNode, mapGraph, type Graph, type Node, type Value } from '../core/graph.ts';
import { stackType, type ScanAttrs } from '../ops/control/scan.ts';
import { canonicalText } from '../print/canonical.ts';

const attrsOf = (node: Node): ScanAttrs => node.attrs as ScanAttrs;

/** `graph` with equal loops merged; the same object when there are none. */
export function mergeScans(graph: Graph): Graph {
  const groups = new Map<string, Node[]>();
  const groupOf = new Map<Node, Node[]>();
  const numbers = new Map<Value, number>();
  for (const node of graph.nodes) {
    if (node.op !== 'scan') continue;
    const key = loopKey(node, numbers);
    const group = groups.get(key) ?? [];
    group.push(node);
    groups.set(key, group);
    groupOf.set(node, group);
  }
  if (![...groups.values()].some((group) => group.length > 1)) return graph;

  const merged = new Map<Node[], readonly Value[]>();
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const group = groupOf.get(node);
    if (!group || group.length === 1) return null;
    const results = merged.get(group) ?? mergedScan(group, inputs);
    merged.set(group, results);
    return outputsOf(node, group, results);
  });
  return graphOf(graph.inputs, outputs);
}

/** Equal for scans that can be one: the operands, the course of the loop and how its carries develop. */
function loopKey(node: Node, numbers: Map<Value, number>): string {
  const { body, length, reverse, consts, carries } = attrsOf(node);
  const operands = node.inputs.map((value) => {
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value);
  });
  const course = canonicalText(graphOf(body.inputs, body.outputs.slice(0, carries)));
  return [operands.join(','), length, reverse, consts, carries, course].join('|');
}

function mergedScan(group: readonly Node[], inputs: readonly Value[]): readonly Value[] {
  const [first] = group as [Node];
  const attrs = attrsOf(first);
  const { body, carries, length } = attrs;
  const ys = group.flatMap((node) => mapGraph(attrsOf(node).body, body.inputs).slice(carries));
  const carried = body.outputs.slice(0, carries);
  const types = [...carried.map((value) => value.type), ...ys.map((value) => stackType(value.type, length))];
  return makeNode(first.def, inputs, { ...attrs, body: graphOf(body.inputs, [...carried, ...ys]) }, types).outputs;
}

/** Which results of the merged scan stand for those of one member. */
function outputsOf(node: Node, group: readonly Node[], results: readonly Value[]): readonly Value[] {
  const { carries } = attrsOf(node);
  let start = carries;
  for (const member of group) {
    if (member === node) break;
    start += member.outputs.length - carries;
  }
  return [...results.slice(0, carries), ...results.slice(start, start + node.outputs.length - carries)];
}
