/** Runs graphs and single nodes by the reference semantics. */
import { internalError } from '../core/errors.ts';
import { graphOf, inputValue, type Attrs, type Graph, type Node, type Value } from '../core/graph.ts';
import { isPrimitive } from '../ops/primitives.ts';
import type { TensorType } from '../core/types.ts';
import type { RunGraph } from './control.ts';
import { SEMANTICS } from './semantics.ts';
import { refTensor, type RefTensor } from './tensor.ts';

/** The outputs of a graph for given inputs. */
export function runGraph(graph: Graph, inputs: readonly RefTensor[]): RefTensor[] {
  const values = new Map<Value, RefTensor>();
  const valueOf = (value: Value): RefTensor => {
    const tensor = values.get(value);
    if (!tensor) throw internalError('a graph uses a value before it is made');
    return tensor;
  };
  graph.inputs.forEach((value, i) => {
    const tensor = inputs[i];
    if (tensor) values.set(value, tensor);
  });
  for (const node of graph.nodes) {
    const results = runNode(node, node.inputs.map(valueOf));
    node.outputs.forEach((output, i) => values.set(output, results[i] as RefTensor));
  }
  return graph.outputs.map(valueOf);
}

/** The outputs of one node; a composite runs its decomposition. */
export function runNode(node: Node, inputs: readonly RefTensor[]): RefTensor[] {
  if (!isPrimitive(node.op)) return runComposite(node, inputs);
  type AnyMeaning = (
    inputs: readonly RefTensor[],
    attrs: Attrs,
    types: readonly TensorType[],
    run: RunGraph,
  ) => readonly Float64Array[];
  const types = node.outputs.map((output) => output.type);
  const meaning = SEMANTICS[node.op] as unknown as AnyMeaning;
  return meaning(inputs, node.attrs, types, runGraph).map((data, i) => refTensor(types[i] as TensorType, data));
}

function runComposite(node: Node, inputs: readonly RefTensor[]): RefTensor[] {
  if (!node.def.decompose) throw internalError(`${node.op} has neither reference semantics nor a decomposition`);
  const parameters = inputs.map((input) => inputValue(input.type));
  return runGraph(graphOf(parameters, node.def.decompose(parameters, node.attrs)), inputs);
}
