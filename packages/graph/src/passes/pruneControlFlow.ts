/**
 * Control flow computes only what is read: results that nobody uses go, with the carries and operands that only they needed. Carries that
 * never change become constants of the loop, and empty tensors leave. The gradients of scan rely on it.
 */
import { graphOf, mapGraph, type Graph, type Node, type Value } from '../core/graph.ts';
import { planCond } from './prune/cond.ts';
import type { Plan } from './prune/plan.ts';
import { planScan } from './prune/scan.ts';
import { planWhile } from './prune/while.ts';

/** `graph` with its control flow pruned (not inside its sub-graphs); the same object when there is nothing to prune. */
export function pruneControlFlow(graph: Graph): Graph {
  const live = new Set<Value>(graph.outputs);
  const plans = new Map<Node, Plan>();
  for (const node of [...graph.nodes].reverse()) {
    const used = node.outputs.map((output) => live.has(output));
    if (!used.some(Boolean)) continue;
    const plan = planOf(node, used);
    if (plan) plans.set(node, plan);
    const reads = plan ? plan.reads.map((i) => node.inputs[i] as Value) : node.inputs;
    for (const value of reads) live.add(value);
  }
  if (plans.size === 0) return graph;
  const outputs = mapGraph(graph, graph.inputs, (node, inputs) => {
    const built = plans.get(node)?.build(inputs);
    // what stands for a result without a reader does not matter
    return built ? built.map((value, i) => value ?? (node.outputs[i] as Value)) : null;
  });
  return graphOf(graph.inputs, outputs);
}

function planOf(node: Node, used: readonly boolean[]): Plan | null {
  switch (node.op) {
    case 'scan':
      return planScan(node, used);
    case 'while':
      return planWhile(node, used);
    case 'cond':
      return planCond(node, used);
    default:
      return null;
  }
}
