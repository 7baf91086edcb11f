/**
 * Work on tensors without elements is removed before an engine sees it: an empty result is a constant, and a sum over nothing is the
 * identity. Engines differ wildly on these cases, so that they are decided here, once.
 */
import type { Node, Value } from '../core/graph.ts';
import { isFloat, sizeOf, type DType, type TensorType } from '../core/types.ts';
import { full } from '../ops/literals.ts';
import { concat } from '../ops/movement.ts';

export const isEmpty = (type: TensorType): boolean => sizeOf(type.shape) === 0;

const lowest = (dtype: DType): number => (isFloat(dtype) ? -Infinity : -0x80000000);
const highest = (dtype: DType): number => (isFloat(dtype) ? Infinity : 0x7fffffff);

/** What ops give, everywhere, when an operand has no elements but the result has. */
const IDENTITIES: Readonly<Record<string, (node: Node, dtype: DType) => number>> = {
  reduceSum: () => 0,
  reduceProd: () => 1,
  reduceMax: (_, dtype) => lowest(dtype),
  reduceMin: (_, dtype) => highest(dtype),
  reduceAny: () => 0,
  reduceAll: () => 1,
  dot: () => 0,
  conv: () => 0,
  convInputGrad: () => 0,
  convKernelGrad: () => 0,
  scatterAdd: () => 0,
  maxPoolGrad: () => 0,
  avgPoolGrad: () => 0,
  pad: (node) => node.attrs.value as number,
};

/** What a node with empty operands or results stands for; null when there is nothing to remove. */
export function withoutEmptyWork(node: Node, inputs: readonly Value[]): readonly Value[] | null {
  if (node.op === 'constant') return null;
  const { outputs } = node;
  if (outputs.length > 0 && outputs.every((output) => isEmpty(output.type)))
    return outputs.map((output) => emptyConstant(output.type));
  if (!inputs.some((value) => isEmpty(value.type))) return null;
  if (node.op === 'concat') {
    return [
      concat(
        inputs.filter((value) => !isEmpty(value.type)),
        node.attrs.axis as number,
      ),
    ];
  }
  const identity = IDENTITIES[node.op];
  return identity ? outputs.map(({ type }) => full(type.dtype, type.shape, identity(node, type.dtype))) : null;
}

/** The only value of an empty type. */
export const emptyConstant = (type: TensorType): Value => full(type.dtype, type.shape, 0);
