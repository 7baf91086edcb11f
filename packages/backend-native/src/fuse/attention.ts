/**
 * Attention and its gradient as templates. Queries, keys, values, dy and shift are read where they lie, as strided
 * views: often they are parts of one product.
 */
import { sizeOf, type AttentionAttrs, type Graph, type Node, type Value } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import { makeAxis } from '../kernel/position.ts';
import { MASKED, stridesOf } from '../kernel/template.ts';
import type { AttentionGradTemplate, AttentionTemplate, View } from '../kernel/template.ts';
import type { Scope } from './lower.ts';
import { makeStorage } from './program.ts';

const GRADIENT = 'dotProductAttentionGrad';

/** The composites that both targets take whole. */
export const ATTENTION: ReadonlySet<string> = /* @__PURE__ */ new Set(['dotProductAttention', GRADIENT]);

/** The operands of products and attention that are read where they lie, through any strides. */
export const VIEWED: Readonly<Record<string, readonly number[]>> = { dot: [0, 1], dotProductAttention: [0, 1, 2], [GRADIENT]: [0, 1, 2, 5, 6] };

/** So many scores of an attention may be kept from the forward to the backward pass. */
const KEPT_SCORES = 2 ** 20;

const maskOf = ({ op, inputs }: Node): Value | undefined => inputs[op === GRADIENT ? 7 : 3];

/**
 * Whether attention is faster whole on WebAssembly, or too large to keep its scores. In training, where nothing is masked, the gradient of the whole
 * would make all scores again.
 */
export function isFastWhole(node: Node, { nodes }: Graph): boolean {
  const { causal } = node.attrs as unknown as AttentionAttrs;
  const [q, k] = node.inputs as readonly [Value, Value];
  const [batch, queries, heads] = q.type.shape as readonly [number, number, number];
  const isTraining = [...ATTENTION].every((name) => nodes.some(({ op }) => op === name));
  return causal || maskOf(node) !== undefined || !isTraining || batch * queries * heads * (k.type.shape[1] as number) > KEPT_SCORES;
}

/** The view of a value that can be read through strides (see memoryFor in templates.ts). */
const viewOf = (value: Value, scope: Scope): View => stridesOf(scope.hole(value, value.type.shape.map(makeAxis))) as unknown as View;

/** A mask as a view of [batch, heads, queries, keys]. */
function maskView(value: Value, scope: Scope): View {
  const { shape } = value.type;
  const strides = [0, 0, 0, 0, ...shape.map((extent, i) => (extent > 1 ? sizeOf(shape.slice(i + 1)) : 0))].slice(-4);
  return { storage: scope.storageOf(value), offset: 0, strides: strides as unknown as View['strides'] };
}

export function attentionTemplate(node: Node, scope: Scope): AttentionTemplate | AttentionGradTemplate {
  const { inputs, outputs } = node;
  const [q, k, v, shift, dy] = (VIEWED[node.op] as readonly number[]).map((i) => viewOf(inputs[i] as Value, scope)) as [View, View, View, View, View];
  const [query, , content, largest, total] = inputs as readonly [Value, Value, Value, Value, Value];
  const [batch, queries, heads, width] = query.type.shape as readonly [number, number, number, number];
  const [, keys, , depth] = content.type.shape as readonly [number, number, number, number];
  const { scale, causal } = node.attrs as unknown as AttentionAttrs;
  const masked = query.type.dtype === 'float16' ? -6e4 : MASKED;
  const mask = maskOf(node);
  const common = { geometry: { batch, heads, queries, keys, width, depth, scale, causal, masked }, q, k, v, mask: mask ? maskView(mask, scope) : null };
  const [first, second, third] = outputs.map((output) => scope.target(output)) as [Storage | null, Storage | null, Storage | null];
  if (node.op === GRADIENT) {
    return { op: 'attentionGrad', ...common, dy, shift, largest: scope.storageOf(largest), total: scope.storageOf(total), dq: first, dk: second, dv: third };
  }
  return { op: 'attention', ...common, y: first ?? makeStorage((outputs[0] as Value).type), largest: second, total: third };
}
