/**
 * Attention and its gradient as templates. Queries, keys, values, dy and shift are read where they lie, as strided
 * views: often they are parts of one product.
 */
import { internalError, type AttentionAttrs, type Graph, type Node, type Value } from '@weftjs/graph';
import type { Storage } from '../kernel/expression.ts';
import { along, makeAxis } from '../kernel/position.ts';
import { MASKED, stridesOf } from '../kernel/template.ts';
import type { AttentionGradTemplate, AttentionTemplate, View } from '../kernel/template.ts';
import type { Scope } from './lower.ts';
import { makeStorage } from './program.ts';

const GRADIENT = 'dotProductAttentionGrad';

/** The composites that both targets take whole. */
export const ATTENTION: ReadonlySet<string> = /* @__PURE__ */ new Set(['dotProductAttention', GRADIENT]);

export const isAttention = ({ op }: Node): boolean => ATTENTION.has(op);

/** So many scores of an attention may be kept from the forward to the backward pass. */
const KEPT_SCORES = 2 ** 20;

/**
 * Whether attention is faster whole on WebAssembly, or too large to keep its scores. In training, where nothing is masked, the gradient of the whole
 * would make all scores again.
 */
export function isFastWhole({ op, inputs, attrs }: Node, { nodes }: Graph): boolean {
  const { causal } = attrs as unknown as AttentionAttrs;
  const [q, k] = inputs as readonly [Value, Value];
  const [batch, queries, heads] = q.type.shape as readonly [number, number, number];
  const isMasked = causal || inputs.length > (op === GRADIENT ? 7 : 3);
  const isTraining = [...ATTENTION].every((name) => nodes.some((node) => node.op === name));
  return isMasked || !isTraining || batch * queries * heads * (k.type.shape[1] as number) > KEPT_SCORES;
}

/** The operands that are read through strides. */
export const attentionViews = ({ op }: Node): readonly number[] => (op === GRADIENT ? [0, 1, 2, 5, 6] : [0, 1, 2]);

type Strides = View['strides'];

/** The view of a value in memory. */
function viewOf(value: Value, scope: Scope): View {
  const axes = value.type.shape.map(makeAxis);
  const view = stridesOf({ axes, value: scope.inliner([], new Set())(value, axes.map(along)) });
  if (!view) throw internalError('an operand of attention is not a strided view');
  return { ...view, strides: view.strides as unknown as Strides };
}

/** A mask as a view of [batch, heads, queries, keys]. */
function maskView(value: Value, scope: Scope): View {
  const strides = [0, 0, 0, 0];
  let stride = 1;
  [...value.type.shape].reverse().forEach((extent, i) => {
    if (extent > 1) strides[3 - i] = stride;
    stride *= extent;
  });
  return { storage: scope.storageOf(value), offset: 0, strides: strides as unknown as Strides };
}

export function attentionTemplate(node: Node, scope: Scope): AttentionTemplate | AttentionGradTemplate {
  const [q, k, v, ...rest] = node.inputs as readonly [Value, Value, Value, ...Value[]];
  const [batch, queries, heads, width] = q.type.shape as readonly [number, number, number, number];
  const [keys, depth] = [v.type.shape[1] as number, v.type.shape[3] as number];
  const { scale, causal } = node.attrs as unknown as AttentionAttrs;
  const masked = q.type.dtype === 'float16' ? -6e4 : MASKED;
  const geometry = { batch, heads, queries, keys, width, depth, scale, causal, masked };
  const views = { q: viewOf(q, scope), k: viewOf(k, scope), v: viewOf(v, scope) };
  const targets = node.outputs.map((output) => scope.target(output));
  if (node.op === GRADIENT) {
    const [largest, total, shift, dy, mask] = rest as unknown as readonly [
      Value,
      Value,
      Value,
      Value,
      Value | undefined,
    ];
    const [dq = null, dk = null, dv = null] = targets;
    const [m, l] = [largest, total].map((value) => scope.storageOf(value)) as [Storage, Storage];
    return {
      op: 'attentionGrad',
      geometry,
      ...views,
      dy: viewOf(dy, scope),
      mask: mask ? maskView(mask, scope) : null,
      largest: m,
      total: l,
      shift: viewOf(shift, scope),
      dq,
      dk,
      dv,
    };
  }
  const [mask] = rest;
  const [y, largest = null, total = null] = targets;
  return {
    op: 'attention',
    geometry,
    ...views,
    mask: mask ? maskView(mask, scope) : null,
    y: y ?? makeStorage((node.outputs[0] as Value).type),
    largest,
    total,
  };
}
