/**
 * Frozen inputs keep their buffers from run to run: weights in inference. What depends on them only is computed once, in steps of its own, the
 * *prologue*: what scales and shifts a normalised value, a weight that is cast or turned around. Kernels compute the same numbers there as they would
 * in the program.
 */
import { sizeOf, type Graph, type Value } from '@weftjs/graph';
import { isElementwise } from '../kernel/elementwise.ts';
import type { Storage } from '../kernel/expression.ts';
import { isInlineable } from './inline.ts';
import type { FrozenInputs } from './lower.ts';
import { accessesOf, elementsOf, type Step } from './program.ts';

/** What the prologue makes takes at most so many times the memory of what it is made from. */
const MOST_GROWTH = 2;

/** @param frozen indices of inputs of the graph */
export function frozenInputs(graph: Graph, frozen: readonly number[]): FrozenInputs {
  return {
    prepared: preparedValues(graph, new Set(frozen.map((i) => graph.inputs[i] as Value))),
    split: (steps, inputs, outputs) => splitSteps(steps, frozen.map((i) => inputs[i] as Storage), outputs),
  };
}

/** Values to be kept in memory, since they are computed from frozen inputs only and the rest of the graph reads them, maybe through views. */
function preparedValues(graph: Graph, frozen: ReadonlySet<Value>): Set<Value> {
  const prepared = new Set<Value>();
  /** Of each value that is the same in every run, the elements of the frozen inputs behind it. */
  const sources = new Map<Value, number>([...frozen].map((value) => [value, sizeOf(value.type.shape)]));
  const prepare = (value: Value): void => {
    const elements = sources.get(value) ?? 0;
    if (!value.node || elements === 0 || prepared.has(value)) return;
    if (isElementwise(value.node.op) && sizeOf(value.type.shape) <= MOST_GROWTH * elements) prepared.add(value);
    else value.node.inputs.forEach(prepare);
  };
  for (const { op, inputs, outputs } of graph.nodes) {
    if (isInlineable(op) && inputs.every((input) => sources.has(input))) {
      sources.set(outputs[0] as Value, inputs.reduce((sum, input) => sum + (sources.get(input) as number), 0));
    } else inputs.forEach(prepare);
  }
  graph.outputs.forEach(prepare);
  return prepared;
}

/** Takes the steps out that read nothing but what is `fixed` or made so; `results` is what others read of them. */
function splitSteps(steps: readonly Step[], fixed: readonly Storage[], outputs: readonly Storage[]): { before: Step[]; results: Storage[]; rest: Step[] } {
  const same = new Set(fixed);
  const writers = new Map<Storage, number>(outputs.map((storage) => [storage, 1]));
  for (const step of steps) for (const storage of accessesOf(step).written) writers.set(storage, (writers.get(storage) ?? 0) + 1);
  const [before, rest]: [Step[], Step[]] = [[], []];
  for (const step of steps) {
    const { written, read } = accessesOf(step);
    const isSame = step.kind === 'run' && read.size > 0 && [...read].every((storage) => same.has(storage));
    const isEarly = isSame && [...written].every((storage) => writers.get(storage) === 1) && elementsOf(written) <= MOST_GROWTH * elementsOf(read);
    (isEarly ? before : rest).push(step);
    if (isEarly) written.forEach((storage) => same.add(storage));
  }
  const needed = new Set(rest.flatMap((step) => [...accessesOf(step).read]));
  return { before, results: before.flatMap((step) => [...accessesOf(step).written].filter((storage) => needed.has(storage))), rest };
}
