/** What the pruning of scan, while and cond share: which inputs a result needs, and graphs with fewer inputs and outputs. */
import { graphOf, inputValue, mapGraph, type Graph, type Value } from '../../core/graph.ts';
import { emptyConstant, isEmpty } from '../zeroSize.ts';

/** What to make of a node: which operands it still reads, and its results from them (undefined where nobody asks). */
export interface Plan {
  readonly reads: readonly number[];
  build(inputs: readonly Value[]): readonly (Value | undefined)[];
}

export const indices = (flags: readonly boolean[]): number[] => flags.flatMap((flag, i) => (flag ? [i] : []));

/** Whether `list` is 0, 1, …, length − 1. */
export const isSequence = (list: readonly number[], length: number): boolean =>
  list.length === length && list.every((value, i) => value === i);

/** Which inputs of `graph` the wanted outputs depend on. Inputs without elements are not needed: their value is known. */
export function inputsBehind(graph: Graph, wanted: readonly boolean[]): boolean[] {
  const seen = new Set<Value>(graph.outputs.filter((_, i) => wanted[i]));
  for (const node of [...graph.nodes].reverse()) {
    if (node.outputs.some((output) => seen.has(output))) for (const value of node.inputs) seen.add(value);
  }
  return graph.inputs.map((value) => seen.has(value) && !isEmpty(value.type));
}

/** Adds outputs that wanted ones depend on from turn to turn, until none is missing; also gives the inputs that are read. */
export function closeOverTurns(
  wanted: readonly boolean[],
  behind: (wanted: readonly boolean[]) => boolean[],
  isWantedBy: (output: number, read: readonly boolean[]) => boolean,
): { wanted: readonly boolean[]; read: readonly boolean[] } {
  for (;;) {
    const read = behind(wanted);
    const next = wanted.map((want, output) => want || isWantedBy(output, read));
    if (next.every((want, output) => want === wanted[output])) return { wanted, read };
    wanted = next;
  }
}

/** `graph` with some of its inputs, in a new order, and some of its outputs. */
export function narrow(graph: Graph, inputs: readonly number[], outputs: readonly number[]): Graph {
  const keptInputs = inputs.map((i) => graph.inputs[i] as Value);
  const own = graphOf(
    graph.inputs,
    outputs.map((i) => graph.outputs[i] as Value),
  );
  const given = graph.inputs.map((value) => {
    if (keptInputs.includes(value)) return value;
    return isEmpty(value.type) ? emptyConstant(value.type) : inputValue(value.type);
  });
  return graphOf(keptInputs, mapGraph(own, given));
}
