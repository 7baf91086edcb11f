/**
 * Random bits by counting: Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), in the
 * partitionable layout of JAX. Element i encrypts the counter (hi(i), lo(i)) and keeps x₀ xor x₁, so that bits depend only on the key
 * and the position: the same on every engine, with any number of threads.
 */
import { apply1, defineOp, requireDType, requireShape } from '../core/define.ts';
import type { Value } from '../core/graph.ts';
import { sameShape, tensorType, type Shape, type TensorType } from '../core/types.ts';

/** randomBits(key): uint32 bits of the given shape from a key, uint32[2]. */
export const randomBitsOp = /* @__PURE__ */ defineOp<'randomBits', { readonly shape: Shape }>({
  name: 'randomBits',
  infer: ([key], { shape }) => {
    requireDType('randomBits (key)', key as TensorType, ['uint32']);
    requireShape(sameShape((key as TensorType).shape, [2]), 'randomBits', 'a key of shape [2]', (key as TensorType).shape);
    return [tensorType('uint32', shape)];
  },
  gradient: () => [null],
});

export const randomBits = (key: Value, shape: Shape): Value => apply1(randomBitsOp, [key], { shape });
