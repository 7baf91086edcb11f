/**
 * Tracing the bodies of control-flow ops. A body may use values from outside: whatever existed before its tracing began is captured and
 * becomes an explicit operand. Constants are copied inside instead.
 */
import { WeftError, received } from '../../core/errors.ts';
import { graphOf, inputValue, isValue, mapGraph, nodeClock, type Graph, type Value } from '../../core/graph.ts';
import { formatType, sameType, type TensorType } from '../../core/types.ts';

/** A closed body: the graph's inputs are the captured values, then the parameters. */
export interface Subgraph {
  readonly graph: Graph;
  /** The outside values that stand for the first inputs. */
  readonly captured: readonly Value[];
}

/** Traces `body` on parameters of the given types. */
export function traceSubgraph(types: readonly TensorType[], body: (parameters: Value[]) => readonly Value[]): Subgraph {
  const clock = nodeClock();
  const parameters = types.map((type) => inputValue(type));
  const outputs = body([...parameters]);
  const captured = outsideValues(outputs, new Set(parameters), clock);
  return { graph: closeGraph([...captured, ...parameters], outputs), captured };
}

/** A graph over fresh inputs that stand for `boundary`, whose values may be made by nodes. */
export function closeGraph(boundary: readonly Value[], outputs: readonly Value[]): Graph {
  const open = graphOf(boundary, outputs);
  const inputs = boundary.map((value) => (value.node ? inputValue(value.type, value.label) : value));
  return graphOf(inputs, mapGraph(open, inputs));
}

/** The values made before `clock`, or free, that `outputs` depend on: in the order in which they are met. */
export function outsideValues(outputs: readonly Value[], inside: ReadonlySet<Value>, clock: number): Value[] {
  const captured = new Set<Value>();
  const seen = new Set<Value>();
  const visit = (value: Value): void => {
    if (inside.has(value) || seen.has(value)) return;
    seen.add(value);
    if (value.node === null || (value.node.id < clock && value.node.op !== 'constant')) captured.add(value);
    else value.node.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return [...captured];
}

/** Makes several bodies take one list of captured operands, so that one node can hold them all. */
export function unifyCaptures(subgraphs: readonly Subgraph[]): { graphs: Graph[]; captured: Value[] } {
  const captured = [...new Set(subgraphs.flatMap((subgraph) => subgraph.captured))];
  const graphs = subgraphs.map((subgraph) => {
    const operands = captured.map((value) => inputValue(value.type, value.label));
    const parameters = subgraph.graph.inputs.slice(subgraph.captured.length);
    const own = subgraph.captured.map((value) => operands[captured.indexOf(value)] as Value);
    return graphOf([...operands, ...parameters], mapGraph(subgraph.graph, [...own, ...parameters]));
  });
  return { graphs, captured };
}

/** Checks that a body gives back what it must, with a teaching error. */
export function requireTypes(op: string, what: string, given: readonly Value[], wanted: readonly TensorType[]): void {
  if (!given.every(isValue)) throw new WeftError('WEFT_E_ARGUMENT', `${op}: ${what} must be tensors. Received: ${received(given)}.`);
  const fits = given.length === wanted.length && given.every((value, i) => sameType(value.type, wanted[i] as TensorType));
  if (!fits) {
    throw new WeftError(
      'WEFT_E_SHAPE',
      `${op}: ${what} must have the types ${wanted.map(formatType).join(', ') || '(none)'}, the same at every turn. ` +
        `Received: ${given.map((value) => formatType(value.type)).join(', ') || '(none)'}.`,
    );
  }
}
