/**
 * float16 computes in float32 and is rounded after every op, as if each result went through memory: so results do not
 * depend on what was fused, sums do not lose small terms, and what is too large is infinite for all that comes after.
 * An op on float16 becomes one with a float32 result and a cast of that; its operands stay as they are, since a kernel
 * reads a float16 as a float32. Ops whose results are float16 without rounding stay whole.
 */
import { cast, isGraph, makeNode, roundToHalf, type AttrsOf, type Graph, type Node, type Value } from '@weftjs/graph';

/** Ops that move or choose elements, and those whose kernels round what they store, which nothing reads before. */
const KEPT: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'reshape',
  'transpose',
  'broadcastTo',
  'slice',
  'concat',
  'reverse',
  'gather',
  'select',
  'cast',
  'sort',
  'topK',
  'scan',
  'while',
  'cond',
  'neg',
  'abs',
  'maximum',
  'minimum',
  'reduceMax',
  'reduceMin',
  'maxPool',
  'scatterAdd',
  'dotProductAttentionGrad',
]);

/** What stands for a node of a graph with float16, or null. */
export function roundToHalves(node: Node, inputs: readonly Value[]): readonly Value[] | null {
  const types = node.outputs.map(({ type }) => type);
  const isHalf = types.map(({ dtype }) => dtype === 'float16');
  if (node.op === 'dotProductAttentionGrad') {
    // the largest score and the total are needed as they were before they were rounded
    const whole = inputs.map((input) =>
      input.node?.op === 'cast' && input.node.inputs[0]?.node?.op === 'dotProductAttention'
        ? (input.node.inputs[0] as Value)
        : input,
    );
    return makeNode(node.def, whole, node.attrs, types).outputs;
  }
  if (!isHalf.includes(true) || KEPT.has(node.op)) return null;
  if (node.op === 'constant') {
    const { data } = node.attrs as AttrsOf<'constant'>;
    return makeNode(node.def, inputs, { ...node.attrs, data: data.map(roundToHalf) }, types).outputs;
  }
  // the attended values are rounded where they are stored
  const widened = isHalf.map((half, i) => half && !(node.op === 'dotProductAttention' && i === 0));
  const { outputs } = makeNode(
    node.def,
    inputs,
    node.attrs,
    types.map((type, i) => (widened[i] ? { dtype: 'float32', shape: type.shape } : type)),
  );
  return outputs.map((value, i) => (widened[i] ? cast(value, 'float16') : value));
}

/** Whether a graph has values of float16, or one inside it has. */
export const hasHalves = ({ inputs, nodes }: Graph): boolean =>
  [...inputs, ...nodes.flatMap(({ outputs }) => outputs)].some(({ type }) => type.dtype === 'float16') ||
  nodes.some(({ attrs }) => Object.values(attrs).some((value) => isGraph(value) && hasHalves(value)));
