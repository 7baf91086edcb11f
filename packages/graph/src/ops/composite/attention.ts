/** Scaled dot-product attention (Vaswani et al. 2017, "Attention is all you need"). */
import { apply1, defineOp, requireDType, requireShape } from '../../core/define.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { broadcastShapes, sameShape, type TensorType } from '../../core/types.ts';
import { BOOL, FLOATS } from '../dtypes.ts';
import { dot } from '../dot.ts';
import { mul } from '../elementwise/arithmetic.ts';
import { lessEqual } from '../elementwise/compare.ts';
import { select } from '../elementwise/select.ts';
import { iota } from '../iota.ts';
import { transpose } from '../movement.ts';
import { softmax } from './softmax.ts';

export interface AttentionAttrs {
  /** Multiplies the products of queries and keys. */
  readonly scale: number;
  /** Query i sees keys 0 … i only. */
  readonly causal: boolean;
  readonly [name: string]: number | boolean;
}

/** What a masked score becomes: far below any other, and finite, since engines differ on infinities. */
const MASKED: Readonly<Record<string, number>> = { float32: -1e38, float16: -6e4 };

/**
 * y = softmax(scale · q·kᵀ) · v for q [B, T, N, H], k [B, S, N, H], v [B, S, N, V]; y is [B, T, N, V]. An optional fourth operand is a bool
 * mask that broadcasts to [B, N, T, S]: where it is false, nothing is seen.
 */
export const dotProductAttentionOp = /* @__PURE__ */ defineOp<'dotProductAttention', AttentionAttrs>({
  name: 'dotProductAttention',
  infer: (types) => {
    const [q, k, v, mask] = types as readonly [TensorType, TensorType, TensorType, TensorType | undefined];
    requireDType('dotProductAttention', q, FLOATS);
    const dtype = requireSameDType('dotProductAttention', [q, k, v]);
    const [batch, queries, heads, width] = q.shape as [number, number, number, number];
    const keys = k.shape[1] as number;
    requireShape(
      q.shape.length === 4 &&
        sameShape(k.shape, [batch, keys, heads, width]) &&
        sameShape(v.shape.slice(0, 3), [batch, keys, heads]) &&
        v.shape.length === 4,
      'dotProductAttention',
      'q [B, T, N, H], k [B, S, N, H] and v [B, S, N, V]',
      [q.shape, k.shape, v.shape],
    );
    if (mask) {
      const scores = [batch, heads, queries, keys];
      requireDType('dotProductAttention (mask)', mask, BOOL);
      const joined = broadcastShapes(mask.shape, scores);
      requireShape(
        joined !== null && sameShape(joined, scores),
        'dotProductAttention',
        `a mask that broadcasts to [B, N, T, S] = [${scores.join(',')}]`,
        mask.shape,
      );
    }
    return [{ dtype, shape: [batch, queries, heads, v.shape[3] as number] }];
  },
  decompose: ([q, k, v, mask], { scale, causal }) => {
    const products = dot(q as Value, k as Value, { batchA: [0, 2], batchB: [0, 2], contractA: [3], contractB: [3] });
    let scores = mul(products, scale);
    const { shape, dtype } = scores.type;
    const never = MASKED[dtype] as number;
    if (mask) scores = select(mask, scores, never);
    if (causal) {
      const area = shape.slice(2);
      scores = select(lessEqual(iota('int32', area, 1), iota('int32', area, 0)), scores, never);
    }
    const mixed = dot(softmax(scores), v as Value, { batchA: [0, 1], batchB: [0, 2], contractA: [3], contractB: [1] });
    return [transpose(mixed, [0, 2, 1, 3])];
  },
});

interface AttentionOptions {
  /** bool, broadcasts to [B, N, T, S]. */
  mask?: Value;
  causal?: boolean;
  /** 1/√H by default. */
  scale?: number;
}

/** Attention of queries [B, T, N, H] to keys [B, S, N, H] and values [B, S, N, V]. */
export function dotProductAttention(q: Value, k: Value, v: Value, options: AttentionOptions = {}): Value {
  const { mask, causal = false, scale = 1 / Math.sqrt(q.type.shape.at(-1) ?? 1) } = options;
  return apply1(dotProductAttentionOp, mask ? [q, k, v, mask] : [q, k, v], { scale, causal });
}
