/**
 * The reference evaluator: a graph computed op by op in float64. Integers are exact and wrap at 32 bits; floats are never rounded to the
 * graph's dtypes. Slow and plain: it is the oracle of the conformance suite, and a way to step through a graph when learning.
 */
import { WeftError } from '../core/errors.ts';
import type { Graph } from '../core/graph.ts';
import { runGraph } from './run.ts';
import { fromHost } from './tensor.ts';

/**
 * The outputs of `graph`, row-major. Inputs are numbers, or host arrays; a Uint16Array given for a float16 input holds half bits.
 *
 * @example
 * ```ts
 * const x = inputValue(tensorType('float32', [2]));
 * evaluate(graphOf([x], [mul(x, x)]), [[3, 4]]); // [Float64Array [9, 16]]
 * ```
 */
export function evaluate(graph: Graph, inputs: readonly ArrayLike<number>[]): Float64Array[] {
  if (inputs.length !== graph.inputs.length) {
    throw new WeftError(
      'WEFT_E_ARGUMENT',
      `A graph with ${graph.inputs.length} inputs needs as many arrays. Received: ${inputs.length}.`,
    );
  }
  const given = graph.inputs.map(({ type }, i) => fromHost(inputs[i] as ArrayLike<number>, type));
  return runGraph(graph, given).map(({ data }) => data);
}
