/**
 * Graphs as text that reads like maths with types:
 *
 *     graph(%0 x: float32[2,3], %1 w: float32[3,4]) {
 *       %2: float32[2,4] = dot(%0, %1) {contractA [1], contractB [0]}
 *       return %2
 *     }
 */
import { isGraph, type AttrValue, type Attrs, type Graph, type Node, type Value } from '../core/graph.ts';
import { formatType } from '../core/types.ts';

/** The text of a graph, sub-graphs included. */
export function formatGraph(graph: Graph): string {
  return new Writer().graph(graph, '').join('\n');
}

/** Names are handed out in the order of printing, so that inner graphs do not reuse outer names. */
class Writer {
  readonly #names = new Map<Value, string>();

  graph(graph: Graph, indent: string): string[] {
    const inputs = graph.inputs.map(
      (value) => `${this.#name(value)}${value.label ? ` ${value.label}` : ''}: ${formatType(value.type)}`,
    );
    return [
      `graph(${inputs.join(', ')}) {`,
      ...graph.nodes.flatMap((node) => this.#node(node, `${indent}  `)),
      `${indent}  return ${graph.outputs.map((value) => this.#use(value)).join(', ')}`,
      `${indent}}`,
    ];
  }

  #node(node: Node, indent: string): string[] {
    if (isInlined(node)) return [];
    const results = node.outputs.map((value) => `${this.#name(value)}: ${formatType(value.type)}`).join(', ');
    const call = `${node.op}(${node.inputs.map((value) => this.#use(value)).join(', ')})`;
    return [`${indent}${results} = ${call}${formatAttrs(node.attrs)}`, ...this.#bodies(node.attrs, indent)];
  }

  #bodies(attrs: Attrs, indent: string): string[] {
    return Object.entries(attrs).flatMap(([name, value]) => {
      if (!isGraph(value)) return [];
      const [head, ...rest] = this.graph(value, `${indent}  `);
      return [`${indent}  ${name}: ${head}`, ...rest];
    });
  }

  #use(value: Value): string {
    return value.node && isInlined(value.node)
      ? String((value.node.attrs.data as readonly number[])[0])
      : this.#name(value);
  }

  #name(value: Value): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `%${this.#names.size}`;
      this.#names.set(value, name);
    }
    return name;
  }
}

/** Scalar constants are written where they are used. */
const isInlined = (node: Node): boolean =>
  node.op === 'constant' && (node.attrs.shape as readonly number[]).length === 0;

/** The attributes that say something: graphs are printed below, empty lists not at all. */
function formatAttrs(attrs: Attrs): string {
  const shown = Object.entries(attrs).filter(
    ([, value]) => !isGraph(value) && !(Array.isArray(value) && value.length === 0),
  );
  return shown.length === 0 ? '' : ` {${shown.map(([name, value]) => `${name} ${formatAttr(value)}`).join(', ')}}`;
}

function formatAttr(value: AttrValue): string {
  if (!Array.isArray(value)) return String(value);
  const items = (value as readonly AttrValue[]).slice(0, 16).map(formatAttr).join(', ');
  return `[${items}${value.length > 16 ? `, … (${value.length})` : ''}]`;
}
