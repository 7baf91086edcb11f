/** Convolutions that are loop nests rather than matrix products. */
import type { AttrsOf, Node, Value } from '@weftjs/graph';

/** Convolutions with so few channels a group that a matrix product would be mostly edge: plain loop nests. */
export function isThin(node: Node): boolean {
  if (node.op !== 'conv' && node.op !== 'convInputGrad' && node.op !== 'convKernelGrad') return false;
  const { groups } = node.attrs as AttrsOf<'conv'>;
  return groups > 1 && kernelOf(node)[kernelOf(node).length - 2] === 1;
}

/** The shape of the kernel of any of the three convolutions. */
export function kernelOf(node: Node): readonly number[] {
  return ((node.op === 'convKernelGrad' ? node.outputs[0] : node.inputs[1]) as Value).type.shape;
}
