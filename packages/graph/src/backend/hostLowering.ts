/** One node computed on the host, for adapters whose engine lacks an op or gets it wrong. */
import type { Node } from '../core/graph.ts';
import type { TypedArray } from '../core/types.ts';
import { runNode } from '../reference/run.ts';
import { fromHost, toHost } from '../reference/tensor.ts';

/** The outputs of `node` for operands in host form: the reference semantics, rounded to the dtypes of the outputs. */
export function runOnHost(node: Node, inputs: readonly TypedArray[]): TypedArray[] {
  const operands = node.inputs.map(({ type }, i) => fromHost(inputs[i] as TypedArray, type));
  return runNode(node, operands).map(toHost);
}
