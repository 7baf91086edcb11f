/**
 * Reverse-mode differentiation of graphs: vector-Jacobian products. It walks the nodes from the results back and adds up cotangents; what
 * it makes are ordinary nodes, so that gradients can be differentiated again.
 */
import { WeftError } from '../core/errors.ts';
import { graphOf, inputValue, mapGraph, type Node, type Value } from '../core/graph.ts';
import { formatType, isFloat, sameType } from '../core/types.ts';
import { add } from '../ops/elementwise/arithmetic.ts';
import { onesLike, zerosLike } from '../ops/literals.ts';

/**
 * The cotangents of `wrt`, given those of `outputs` (null: zero). A result is null where an output does not depend on that value.
 * For y = f(x) and cotangent v this is vᵀ·∂f/∂x.
 */
export function vjp(outputs: readonly Value[], cotangents: readonly (Value | null)[], wrt: readonly Value[]): (Value | null)[] {
  const nodes = nodesBehind(outputs);
  const active = new Set<Value>(wrt.filter((value) => isFloat(value.type.dtype)));
  for (const node of nodes) {
    if (!node.inputs.some((value) => active.has(value))) continue;
    for (const output of node.outputs) if (isFloat(output.type.dtype)) active.add(output);
  }

  const sums = new Map<Value, Value>();
  const accumulate = (value: Value, cotangent: Value): void => {
    const sum = sums.get(value);
    sums.set(value, sum ? add(sum, cotangent) : cotangent);
  };
  outputs.forEach((output, i) => {
    const cotangent = cotangents[i];
    if (!cotangent || !active.has(output)) return;
    if (!sameType(cotangent.type, output.type)) {
      throw new WeftError(
        'WEFT_E_SHAPE',
        `A cotangent must have the type of its output, ${formatType(output.type)}. Received: ${formatType(cotangent.type)}.`,
      );
    }
    accumulate(output, cotangent);
  });

  for (const node of nodes.reverse()) {
    if (!node.outputs.some((output) => sums.has(output))) continue;
    const needs = node.inputs.map((value) => active.has(value));
    if (!needs.some(Boolean)) continue;
    const grads = node.outputs.map((output) => sums.get(output) ?? zerosLike(output));
    gradientOf(node, grads, needs).forEach((grad, i) => {
      if (grad && needs[i]) accumulate(node.inputs[i] as Value, grad);
    });
  }
  return wrt.map((value) => sums.get(value) ?? null);
}

/** The gradient of a scalar with respect to values; zeros where it does not depend on them. */
export function gradients(output: Value, wrt: readonly Value[]): Value[] {
  if (output.type.shape.length !== 0 || !isFloat(output.type.dtype)) {
    throw new WeftError(
      'WEFT_E_GRADIENT',
      `A gradient needs a float scalar to differentiate. Received: ${formatType(output.type)}. Reduce it first, for example with mean or sum.`,
    );
  }
  for (const value of wrt) {
    if (!isFloat(value.type.dtype)) {
      throw new WeftError('WEFT_E_GRADIENT', `A gradient is taken with respect to floats. Received: ${formatType(value.type)}.`);
    }
  }
  return vjp([output], [onesLike(output)], wrt).map((grad, i) => grad ?? zerosLike(wrt[i] as Value));
}

/** One node's rule; a composite without its own is differentiated through its decomposition. */
function gradientOf(node: Node, grads: readonly Value[], needs: readonly boolean[]): readonly (Value | null)[] {
  const { def, inputs, outputs, attrs } = node;
  if (def.gradient) return def.gradient({ inputs, outputs, grads, attrs, needs });
  if (!def.decompose) return inputs.map(() => null);
  // over fresh parameters: operands may repeat, or depend on each other, and the walk must end at them
  const parameters = inputs.map((value) => inputValue(value.type));
  const seeds = grads.map((grad) => inputValue(grad.type));
  const cotangents = vjp(def.decompose(parameters, attrs), seeds, parameters);
  const found = cotangents.filter((value, i): value is Value => value !== null && needs[i] === true);
  const results = mapGraph(graphOf([...parameters, ...seeds], found), [...inputs, ...grads]);
  return cotangents.map((value, i) => (value !== null && needs[i] ? (results[found.indexOf(value)] ?? null) : null));
}

/** The nodes that values depend on, in topological order. */
function nodesBehind(outputs: readonly Value[]): Node[] {
  const seen = new Set<Node>();
  const stack = outputs.flatMap((value) => value.node ?? []);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) if (input.node) stack.push(input.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}
