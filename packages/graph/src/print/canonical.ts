/**
 * One text for one structure: two graphs have the same canonical text exactly when they compute the same thing in the same way.
 * Labels and node numbers do not count. Common subexpressions, loop merging and hashing all compare these texts.
 */
import { isGraph, type Attrs, type AttrValue, type Graph, type Node, type Value } from '../core/graph.ts';
import { formatType } from '../core/types.ts';

const known = /* @__PURE__ */ new WeakMap<Graph, string>();

/** The canonical text of a graph. */
export function canonicalText(graph: Graph): string {
  let text = known.get(graph);
  if (text === undefined) {
    text = writeGraph(graph);
    known.set(graph, text);
  }
  return text;
}

/** The canonical text of attributes: names sorted, numbers exact (−0, NaN and infinities included). */
export function attrsText(attrs: Attrs): string {
  return Object.keys(attrs)
    .sort()
    .map((name) => `${name}=${attrText(attrs[name] as AttrValue)}`)
    .join(';');
}

function attrText(value: AttrValue): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isGraph(value)) return `{${canonicalText(value)}}`;
  if (Array.isArray(value)) return `[${(value as readonly AttrValue[]).map(attrText).join(',')}]`;
  return String(value);
}

function writeGraph(graph: Graph): string {
  const names = new Map<Value, string>();
  graph.inputs.forEach((value, i) => names.set(value, `i${i}`));
  const nameOf = (value: Value): string => names.get(value) ?? '?';
  const line = (node: Node, at: number): string => {
    node.outputs.forEach((value, i) => names.set(value, `${at}.${i}`));
    return `${node.op}(${node.inputs.map(nameOf).join(',')})<${attrsText(node.attrs)}>`;
  };
  const inputs = graph.inputs.map((value) => formatType(value.type)).join(',');
  const lines = graph.nodes.map(line);
  return `${inputs}|${lines.join('|')}|${graph.outputs.map(nameOf).join(',')}`;
}
