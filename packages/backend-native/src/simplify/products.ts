/**
 * Puts every dot into one form: a [batch, m, k], b [batch, k, n]. Axes are gathered by transposes and reshapes, which cost nothing where
 * the operand's memory can be walked with one stride an axis (all four transpose cases can); elsewhere the scheduler makes a copy.
 */
import { dot, freeAxes, reshape, sizeOf, transpose, type AttrsOf, type Node, type Value } from '@weftjs/graph';

/** transpose(a·b) as b·a where the transpose only exchanges the two operands' axes: gradients of kernels come in this form. */
export function exchangedDot(transposed: Node, product: Node): Value | null {
  const { batchA, batchB, contractA, contractB } = product.attrs as AttrsOf<'dot'>;
  const { permutation } = transposed.attrs as AttrsOf<'transpose'>;
  const [a, b] = product.inputs as readonly [Value, Value];
  const [batch, rows] = [batchA.length, freeAxes(a.type.shape.length, batchA, contractA).length];
  const columns = permutation.length - batch - rows;
  const isExchange = permutation.every((from, to) => from === (to < batch ? to : to < batch + columns ? to + rows : to - columns));
  return isExchange ? dot(b, a, { batchA: batchB, batchB: batchA, contractA: contractB, contractB: contractA }) : null;
}

export function canonicalDot(node: Node, [a, b]: readonly Value[]): readonly Value[] {
  const { batchA, batchB, contractA, contractB } = node.attrs as AttrsOf<'dot'>;
  const arrange = (x: Value, groups: readonly (readonly number[])[]): Value =>
    reshape(transpose(x, groups.flat()), groups.map((axes) => sizeOf(axes.map((axis) => x.type.shape[axis] as number))));
  const [left, right] = [a as Value, b as Value];
  const product = dot(
    arrange(left, [batchA, freeAxes(left.type.shape.length, batchA, contractA), contractA]),
    arrange(right, [batchB, contractB, freeAxes(right.type.shape.length, batchB, contractB)]),
    { batchA: [0], batchB: [0], contractA: [2], contractB: [1] },
  );
  return [reshape(product, (node.outputs[0] as Value).type.shape)];
}
