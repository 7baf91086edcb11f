/** What became of a graph: the model, node by node. */
import { formatGraph, type Explanation, type Graph } from '@weftjs/graph';
import { formatOnnxGraph } from '../encode/formatModel.ts';
import type { OnnxModel } from '../encode/schema.ts';

export function explain(target: string, graph: Graph, optimized: Graph, model: OnnxModel): Explanation {
  const code = formatOnnxGraph(model.graph);
  const texts = { graph: formatGraph(graph), optimized: formatGraph(optimized) };
  return {
    backend: 'onnx',
    target,
    ...texts,
    kernels: [{ name: 'one ONNX model', ops: [...new Set(optimized.nodes.map(({ op }) => op))], code }],
    hostLowered: [],
    toString: () => `onnx (${target})\n\n${texts.optimized}\n\nas one ONNX model of ${model.graph.nodes.length} nodes:\n\n${code}`,
  };
}
