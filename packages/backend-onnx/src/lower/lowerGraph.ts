/**
 * From a graph to an ONNX model: a pure function. Walks the nodes in order, gives each op to its lowering, and declares inputs and
 * outputs. What needs no engine (an output that is an input, a tensor without elements) stays outside of the model.
 */
import { internalError, isPrimitive, sizeOf, type Graph, type Node, type TensorType, type Value } from '@weftjs/graph';
import type { OnnxGraph, OnnxModel } from '../encode/schema.ts';
import { Operand } from '../layout/operand.ts';
import { Emitter, type Ref } from './emitter.ts';
import { converted, needsWidening, widenedType } from './half.ts';
import { prune } from './prune.ts';
import type { Lowering, Site } from './site.ts';
import { LOWERINGS } from './table.ts';

/** Where an output of the graph comes from. */
export type OutputSource =
  | { readonly from: 'model'; readonly name: string }
  | { readonly from: 'input'; readonly index: number }
  | { readonly from: 'nothing' };

export interface LoweredGraph {
  readonly model: OnnxModel;
  /** The model's name for each input of the graph; null where the model does not read it. */
  readonly inputs: readonly (string | null)[];
  readonly outputs: readonly OutputSource[];
}

type Values = Map<Value, Operand>;

const isEmpty = (type: TensorType): boolean => sizeOf(type.shape) === 0;

export interface LoweringOptions {
  /** The engine will run each op on one thread: some ops are faster then. */
  readonly serial?: boolean;
}

/** Lowers a normalised graph without composites. */
export function lowerGraph(graph: Graph, { serial = false }: LoweringOptions = {}): LoweredGraph {
  const e = new Emitter({ serial });
  const notes = new WeakMap<Operand, Ref>();
  const values: Values = new Map();
  const inputs = graph.inputs.map(({ type }, i): Ref => ({ name: `input_${i}`, ...type }));
  graph.inputs.forEach((value, i) => values.set(value, Operand.plain(e, inputs[i] as Ref)));
  lowerNodes(e, notes, graph, values);

  e.label = 'outputs';
  const sources = graph.outputs.map((value, i): OutputSource => {
    const index = graph.inputs.indexOf(value);
    if (index >= 0) return { from: 'input', index };
    return isEmpty(value.type) ? { from: 'nothing' } : { from: 'model', name: `output_${i}` };
  });
  const computed = graph.outputs.filter((_, i) => sources[i]?.from === 'model').map((value) => operandOf(values, value).in('last', e));
  const names = sources.flatMap((source) => (source.from === 'model' ? [source.name] : []));
  const whole = closed(e, 'graph', inputs, computed, names);
  const pruned = prune({ ...whole, initializers: e.initializers });
  const read = readNames(pruned);
  return {
    model: { graph: { ...pruned, inputs: pruned.inputs.filter(({ name }) => read.has(name)) } },
    inputs: inputs.map(({ name }) => (read.has(name) ? name : null)),
    outputs: sources,
  };
}

function lowerNodes(e: Emitter, notes: WeakMap<Operand, Ref>, graph: Graph, values: Values): void {
  const outerLabel = e.label;
  for (const node of graph.nodes) {
    e.label = `${node.op}_${node.id}`;
    const operands = node.inputs.map((value) => operandOf(values, value));
    lowerNode(e, notes, node, operands).forEach((result, i) => values.set(node.outputs[i] as Value, result));
  }
  e.label = outerLabel;
}

function lowerNode(e: Emitter, notes: WeakMap<Operand, Ref>, node: Node, given: readonly Operand[]): readonly Operand[] {
  if (!isPrimitive(node.op)) throw internalError(`${node.op} reached the ONNX backend unexpanded`);
  const types = node.outputs.map((output) => output.type);
  const widened = needsWidening(node.op, [...types, ...node.inputs.map((input) => input.type)]);
  const operands = widened ? given.map((operand) => converted(e, operand, 'float16', 'float32')) : given;
  const site: Site<never> = {
    e,
    attrs: node.attrs as never,
    operands,
    outputs: widened ? types.map(widenedType) : types,
    notes,
    input: (i) => (operands[i] as Operand).in('last', e),
    inline: (graph, arguments_) => {
      const values: Values = new Map(graph.inputs.map((value, i) => [value, arguments_[i] as Operand]));
      lowerNodes(e, notes, graph, values);
      return graph.outputs.map((value) => operandOf(values, value));
    },
    subgraph: (parameters, results) =>
      e.inSubgraph(() => {
        const outputs = results();
        return closed(e, 'body', parameters, outputs, outputs.map(() => e.freshName('r')));
      }),
  };
  const results = (LOWERINGS[node.op] as Lowering<never>)(site);
  return results.map((result, i) => {
    const operand = result instanceof Operand ? result : Operand.plain(e, result);
    return widened && types[i]?.dtype === 'float16' ? converted(e, operand, 'float32', 'float16') : operand;
  });
}

function operandOf(values: Values, value: Value): Operand {
  const operand = values.get(value);
  if (!operand) throw internalError('the ONNX backend met a value before its node');
  return operand;
}

/** The current scope as a graph. Each output is a node's own, so that inputs, constants and repeated values may be outputs too. */
function closed(e: Emitter, name: string, inputs: readonly Ref[], outputs: readonly Ref[], names: readonly string[]): OnnxGraph {
  const identities = outputs.map((ref, i) => ({
    name: `${e.label}/${names[i]}`,
    op: 'Identity',
    inputs: [ref.name],
    outputs: [names[i] as string],
    attributes: {},
  }));
  return {
    name,
    nodes: [...e.scope.nodes, ...identities],
    initializers: [],
    inputs,
    outputs: outputs.map(({ dtype, shape }, i) => ({ name: names[i] as string, dtype, shape })),
  };
}

/** All names that nodes read, sub-graphs included. */
function readNames(graph: OnnxGraph, found = new Set<string>()): Set<string> {
  for (const { inputs, attributes } of graph.nodes) {
    for (const name of inputs) found.add(name);
    for (const attribute of Object.values(attributes)) {
      if (typeof attribute === 'object' && 'nodes' in attribute) readNames(attribute, found);
    }
  }
  return found;
}
