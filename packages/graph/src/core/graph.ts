/**
 * The tensor graph. Values are made by nodes; a node applies one op to values. Nodes are immutable and free-standing: building an
 * expression needs no builder object, and `graphOf` collects what its outputs depend on, in topological order.
 */
import { WeftError, internalError } from './errors.ts';
import type { OpDef } from './define.ts';
import { formatType, type DType, type TensorType } from './types.ts';

/** What an attribute may hold. Sub-graphs are attributes of control-flow ops. */
export type AttrValue = number | string | boolean | null | Graph | readonly AttrValue[];

/** The static arguments of a node. */
export interface Attrs {
  readonly [name: string]: AttrValue;
}

/** One tensor in a graph: an input (`node` is null) or output `index` of a node. */
export interface Value {
  readonly type: TensorType;
  readonly node: Node | null;
  readonly index: number;
  /** A name for people, shown when a graph is printed. */
  readonly label?: string;
}

/** One op applied to values. */
export interface Node {
  /** Grows with creation, so that a node's number is above those of all nodes it depends on. */
  readonly id: number;
  readonly op: string;
  readonly def: OpDef;
  readonly inputs: readonly Value[];
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
}

/** A closed expression: outputs as a function of inputs. Nodes are in topological order. */
export interface Graph {
  readonly kind: 'graph';
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
}

let nextNodeId = 0;

/** The number that the next node will have: nodes with smaller numbers exist already. */
export function nodeClock(): number {
  return nextNodeId;
}

/** A free value, to become an input of a graph. */
export function inputValue(type: TensorType, label?: string): Value {
  return label === undefined ? { type, node: null, index: -1 } : { type, node: null, index: -1, label };
}

/** Makes a node; ops call this through `applyOp`, which also checks and infers. */
export function makeNode(def: OpDef, inputs: readonly Value[], attrs: Attrs, types: readonly TensorType[]): Node {
  const outputs: Value[] = [];
  const node: Node = { id: nextNodeId++, op: def.name, def, inputs, attrs, outputs };
  for (const type of types) outputs.push({ type, node, index: outputs.length });
  return node;
}

/** Collects the nodes that `outputs` depend on. Every value reached must be one of `inputs` or made by a node. */
export function graphOf(inputs: readonly Value[], outputs: readonly Value[]): Graph {
  const boundary = new Set(inputs);
  const seen = new Set<Node>();
  const stack: Value[] = [...outputs];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (boundary.has(value)) continue;
    if (value.node === null) {
      throw internalError(`a graph output depends on ${describeValue(value)}, which is not among the graph's inputs`);
    }
    if (seen.has(value.node)) continue;
    seen.add(value.node);
    stack.push(...value.node.inputs);
  }
  return { kind: 'graph', inputs, nodes: [...seen].sort((a, b) => a.id - b.id), outputs };
}

/** Whether an attribute is a sub-graph. */
export function isGraph(value: unknown): value is Graph {
  return typeof value === 'object' && value !== null && (value as Graph).kind === 'graph';
}

/** Whether `value` is a graph value rather than a literal. */
export function isValue(value: unknown): value is Value {
  return typeof value === 'object' && value !== null && 'type' in value && 'node' in value;
}

export function describeValue(value: Value): string {
  const type = formatType(value.type);
  if (value.node) return `${type} made by ${value.node.op}`;
  return value.label ? `input ${value.label}: ${type}` : `an input ${type}`;
}

/**
 * Copies the nodes of `graph` with its inputs replaced, optionally rewriting on the way: `rewrite` gets each node with its new
 * inputs and returns the values that stand for its outputs, or `null` to copy the node. The mechanism behind inlining and every pass.
 */
export function mapGraph(
  graph: Graph,
  inputs: readonly Value[],
  rewrite?: (node: Node, inputs: readonly Value[]) => readonly Value[] | null,
): Value[] {
  if (inputs.length !== graph.inputs.length) {
    throw internalError(`a graph with ${graph.inputs.length} inputs was given ${inputs.length}`);
  }
  const image = new Map<Value, Value>();
  graph.inputs.forEach((value, i) => image.set(value, inputs[i] as Value));
  for (const node of graph.nodes) {
    const mapped = node.inputs.map((value) => lookup(image, value));
    const unchanged = mapped.every((value, i) => value === node.inputs[i]);
    const results =
      rewrite?.(node, mapped) ??
      (unchanged ? node.outputs : makeNode(node.def, mapped, node.attrs, node.outputs.map((o) => o.type)).outputs);
    if (results.length !== node.outputs.length) throw internalError(`${node.op} was rewritten to ${results.length} values`);
    node.outputs.forEach((value, i) => image.set(value, results[i] as Value));
  }
  return graph.outputs.map((value) => lookup(image, value));
}

function lookup(image: ReadonlyMap<Value, Value>, value: Value): Value {
  const mapped = image.get(value);
  if (!mapped) throw internalError(`a graph uses ${describeValue(value)} before it is made`);
  return mapped;
}

/** Checks that values have one dtype, for ops that mix none. */
export function requireSameDType(op: string, types: readonly TensorType[]): DType {
  const first = types[0];
  if (!first) throw internalError(`${op} was given no operand`);
  for (const type of types) {
    if (type.dtype !== first.dtype) {
      throw new WeftError(
        'WEFT_E_DTYPE',
        `${op} needs operands of one dtype. Received: ${types.map(formatType).join(' and ')}. Convert one of them with cast.`,
      );
    }
  }
  return first.dtype;
}
