/** The largest or smallest of several tensors where some steps do not count. */
import type { Tensor } from '../../core/tensor/tensor.ts';
import { logicalOr, where } from '../../ops/compare.ts';
import { stepMask, type Masks } from './merge.ts';

/** A step that is left out in one input is taken from the others. */
export function extremeOf(
  choose: (a: Tensor, b: Tensor) => Tensor,
  inputs: readonly Tensor[],
  masks: Masks | null,
): Tensor {
  const [first, ...rest] = inputs.map((input, i) => ({
    value: input,
    mask: masks?.[i] ? stepMask(masks[i], input) : null,
  }));
  return rest.reduce(
    (so, { value, mask }) => {
      const b = mask ? where(mask, value, so.value) : value;
      const a = so.mask ? where(so.mask, so.value, b) : so.value;
      return { value: choose(a, b), mask: mask && so.mask ? logicalOr(so.mask, mask) : null };
    },
    first as { value: Tensor; mask: Tensor | null },
  ).value;
}
