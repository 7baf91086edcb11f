/** Attention: each position takes from others what its query finds in their keys. */
import * as g from '@weftjs/graph';
import type { Value } from '@weftjs/graph';
import { asFloat } from '../core/tensor/convert.ts';
import { apply1, type Operand, type ResultOf } from './define.ts';

export interface DotProductAttentionOptions {
  /** Bools that broadcast to [batch, heads, queries, keys]: where false, nothing is seen. */
  mask?: Operand;
  /** Multiplies the products of queries and keys; 1/√width by default. */
  scale?: number;
  /** Whether query i sees keys 0 … i only. */
  isCausal?: boolean;
}

/**
 * softmax(scale · query·keyᵀ) · value for each head (Vaswani et al. 2017).
 *
 * `query` [batch, queries, heads, width], `key` [batch, keys, heads, width], `value` [batch, keys, heads, depth]; the result is [batch,
 * queries, heads, depth]. {@link https://keras.io/api/ops/nn/}
 *
 * @throws WeftError `WEFT_E_SHAPE` when the shapes do not fit together.
 * @example
 * ops.dotProductAttention(q, k, v, { isCausal: true });
 */
export function dotProductAttention<A extends Operand>(
  query: A,
  key: Operand,
  value: Operand,
  options: DotProductAttentionOptions = {},
): ResultOf<A> {
  const { mask, scale, isCausal = false } = options;
  const operands = (mask === undefined ? [query, key, value] : [query, key, value, mask]) as A[];
  return apply1('dotProductAttention', operands, [scale, isCausal], ([q, k, v, seen]) =>
    g.dotProductAttention(asFloat(q as Value), asFloat(k as Value), asFloat(v as Value), {
      causal: isCausal,
      ...(seen && { mask: seen }),
      ...(scale !== undefined && { scale }),
    }),
  );
}
