/** A model as text, one node a line: what `explain` shows. */
import { isOnnxGraph } from './schema.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxType } from './schema.ts';

const typeText = ({ dtype, shape }: OnnxType): string => `${dtype}[${shape.join(',')}]`;

/** `t7 = MatMul(input_0, input_1)`, with constants and sub-graphs. */
export function formatOnnxGraph(graph: OnnxGraph, indent = ''): string {
  const inputs = graph.inputs.map((input) => `${input.name}: ${typeText(input)}`).join(', ');
  return [
    `${indent}${graph.name}(${inputs}) {`,
    ...graph.initializers.map((tensor) => `${indent}  ${tensor.name} = constant ${typeText(tensor)}`),
    ...graph.nodes.flatMap((node) => formatNode(node, `${indent}  `)),
    `${indent}  return ${graph.outputs.map((output) => output.name).join(', ')}`,
    `${indent}}`,
  ].join('\n');
}

function formatNode(node: OnnxNode, indent: string): string[] {
  const attributes = Object.entries(node.attributes).flatMap(([name, value]) => (isOnnxGraph(value) ? [] : [`${name}: ${attributeText(value)}`]));
  const bodies = Object.values(node.attributes).filter(isOnnxGraph);
  const suffix = attributes.length > 0 ? ` { ${attributes.join(', ')} }` : '';
  return [
    `${indent}${node.outputs.join(', ')} = ${node.op}(${node.inputs.join(', ')})${suffix}`,
    ...bodies.map((body) => formatOnnxGraph(body, `${indent}  `)),
  ];
}

function attributeText(value: Exclude<OnnxAttribute, OnnxGraph>): string {
  if (typeof value === 'object' && 'float' in value) return String(value.float);
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value);
}
