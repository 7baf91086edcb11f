/** Scaled dot-product attention (Vaswani et al. 2017, "Attention is all you need"). */
import { applyOp, defineOp, requireDType, requireShape } from '../../core/define.ts';
import { requireSameDType, type Value } from '../../core/graph.ts';
import { broadcastShapes, sameShape, type Shape, type TensorType } from '../../core/types.ts';
import { BOOL, FLOATS } from '../dtypes.ts';
import { dot } from '../dot.ts';
import { mul, sub } from '../elementwise/arithmetic.ts';
import { lessEqual, logicalAnd } from '../elementwise/compare.ts';
import { exp } from '../elementwise/functions.ts';
import { select } from '../elementwise/select.ts';
import { iota } from '../iota.ts';
import { isFilledWith } from '../literals.ts';
import { transpose } from '../movement.ts';
import { reduceMax, reduceSum } from '../reduce.ts';
import { softmax } from './softmax.ts';
import { stopGradient } from './stopGradient.ts';

export interface AttentionAttrs {
  /** Multiplies the products of queries and keys. */
  readonly scale: number;
  /** Query i sees keys 0 … i only. */
  readonly causal: boolean;
  readonly [name: string]: number | boolean;
}

/** What a masked score becomes: far below any other, and finite, since engines differ on infinities. */
const MASKED: Readonly<Record<string, number>> = { float32: -1e38, float16: -6e4 };

/** Checks q [B, T, N, H], k [B, S, N, H], v [B, S, N, V] and a mask; gives B, T, S, N and V. */
function checkOperands(
  op: string,
  [q, k, v]: readonly [TensorType, TensorType, TensorType],
  mask: TensorType | undefined,
): readonly [number, number, number, number, number] {
  requireDType(op, q, FLOATS);
  requireSameDType(op, [q, k, v]);
  const [batch, queries, heads, width] = q.shape as [number, number, number, number];
  const keys = k.shape[1] as number;
  requireShape(
    q.shape.length === 4 &&
      sameShape(k.shape, [batch, keys, heads, width]) &&
      sameShape(v.shape.slice(0, 3), [batch, keys, heads]) &&
      v.shape.length === 4,
    op,
    'q [B, T, N, H], k [B, S, N, H] and v [B, S, N, V]',
    [q.shape, k.shape, v.shape],
  );
  if (mask) {
    const scores = [batch, heads, queries, keys];
    requireDType(`${op} (mask)`, mask, BOOL);
    const joined = broadcastShapes(mask.shape, scores);
    requireShape(
      joined !== null && sameShape(joined, scores),
      op,
      `a mask that broadcasts to [B, N, T, S] = [${scores.join(',')}]`,
      mask.shape,
    );
  }
  return [batch, queries, keys, heads, v.shape[3] as number];
}

/** Where scores are seen, if not everywhere: a bool for each score. */
function visible(shape: Shape, causal: boolean, mask: Value | undefined): Value | null {
  const area = shape.slice(2);
  const past = causal ? lessEqual(iota('int32', area, 1), iota('int32', area, 0)) : null;
  return mask && past ? logicalAnd(mask, past) : (mask ?? past);
}

/** Scores [B, N, T, S]: scale · q·kᵀ, far below all others where they are not seen. */
function scoresOf(q: Value, k: Value, mask: Value | undefined, { scale, causal }: AttentionAttrs): Value {
  const scores = mul(dot(q, k, { batchA: [0, 2], batchB: [0, 2], contractA: [3], contractB: [3] }), scale);
  const { shape, dtype } = scores.type;
  const seen = visible(shape, causal, mask);
  return seen ? select(seen, scores, MASKED[dtype] as number) : scores;
}

/** [B, T, N, …] from [B, N, T, …], and back. */
const exchangeHeads = (x: Value): Value => transpose(x, [0, 2, 1, 3]);

/**
 * y = softmax(scale · q·kᵀ) · v for q [B, T, N, H], k [B, S, N, H], v [B, S, N, V]; y is [B, T, N, V]. An optional
 * fourth operand is a bool mask that broadcasts to [B, N, T, S]: where it is false, nothing is seen.
 *
 * Two more outputs [B, N, T, 1] are what the gradient needs to make the weights again without having kept them: the
 * largest score of each query, and the sum of exp(score − largest).
 */
export const dotProductAttentionOp = /* @__PURE__ */ defineOp<'dotProductAttention', AttentionAttrs>({
  name: 'dotProductAttention',
  infer: (types) => {
    const [q, k, v, mask] = types as readonly [TensorType, TensorType, TensorType, TensorType | undefined];
    const [batch, queries, , heads, depth] = checkOperands('dotProductAttention', [q, k, v], mask);
    const residual = { dtype: q.dtype, shape: [batch, heads, queries, 1] };
    return [{ dtype: q.dtype, shape: [batch, queries, heads, depth] }, residual, residual];
  },
  decompose: ([q, k, v, mask], attrs) => {
    const scores = scoresOf(q as Value, k as Value, mask, attrs);
    const largest = stopGradient(reduceMax(scores, { axes: 3, keepDims: true }));
    const total = reduceSum(exp(sub(scores, largest)), { axes: 3, keepDims: true });
    const mixed = dot(softmax(scores), v as Value, { batchA: [0, 1], batchB: [0, 2], contractA: [3], contractB: [1] });
    return [exchangeHeads(mixed), largest, total];
  },
  // with P = softmax(S): dP = dy·vᵀ, dS = P∘(dP − Σ dP∘P) and Σ dP∘P = Σ dy∘y over the features; the total adds P·total
  // to dS
  gradient: ({ inputs: [q, k, v, mask], outputs: [y, largest, total], grads: [dy, , dtotal], attrs }) => {
    const along = exchangeHeads(reduceSum(mul(dy as Value, y as Value), { axes: 3, keepDims: true }));
    const shift = isFilledWith(dtotal as Value, 0) ? along : sub(along, mul(dtotal as Value, total as Value));
    const operands = [q, k, v, largest, total, shift, dy, ...(mask ? [mask] : [])] as Value[];
    const gradients = applyOp(dotProductAttentionGradOp, operands, attrs);
    return mask ? [...gradients, null] : gradients;
  },
});

/**
 * dq, dk and dv of {@link dotProductAttentionOp}, from q, k, v, its largest scores and totals, a shift [B, N, T, 1]
 * that is taken from dP, dy, and the mask if there is one: dS = P∘(dy·vᵀ − shift), dq = scale · dS·k, dk = scale ·
 * dSᵀ·q, dv = Pᵀ·dy.
 */
export const dotProductAttentionGradOp = /* @__PURE__ */ defineOp<'dotProductAttentionGrad', AttentionAttrs>({
  name: 'dotProductAttentionGrad',
  infer: (types) => {
    const [q, k, v, largest, total, shift, dy, mask] = types as readonly [
      TensorType,
      TensorType,
      TensorType,
      TensorType,
      TensorType,
      TensorType,
      TensorType,
      TensorType | undefined,
    ];
    const [batch, queries, , heads, depth] = checkOperands('dotProductAttentionGrad', [q, k, v], mask);
    requireSameDType('dotProductAttentionGrad', [q, largest, total, shift, dy]);
    requireShape(
      [largest, total, shift].every(({ shape }) => sameShape(shape, [batch, heads, queries, 1])) &&
        sameShape(dy.shape, [batch, queries, heads, depth]),
      'dotProductAttentionGrad',
      'residuals [B, N, T, 1] and dy [B, T, N, V]',
      [largest.shape, total.shape, shift.shape, dy.shape],
    );
    return [q, k, v];
  },
  decompose: ([q, k, v, , , shift, dy, mask], attrs) => {
    const scores = scoresOf(q as Value, k as Value, mask, attrs);
    const weights = softmax(scores);
    const dweights = dot(dy as Value, v as Value, { batchA: [0, 2], batchB: [0, 2], contractA: [3], contractB: [3] });
    const dseen = mul(weights, sub(dweights, shift as Value));
    const seen = visible(scores.type.shape, attrs.causal, mask);
    const dscores = mul(seen ? select(seen, dseen, 0) : dseen, attrs.scale);
    const dq = dot(dscores, k as Value, { batchA: [0, 1], batchB: [0, 2], contractA: [3], contractB: [1] });
    const dk = dot(dscores, q as Value, { batchA: [0, 1], batchB: [0, 2], contractA: [2], contractB: [1] });
    const dv = dot(weights, dy as Value, { batchA: [0, 1], batchB: [0, 2], contractA: [2], contractB: [1] });
    return [dq, dk, dv].map(exchangeHeads);
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
  return applyOp(dotProductAttentionOp, mask ? [q, k, v, mask] : [q, k, v], { scale, causal })[0] as Value;
}
