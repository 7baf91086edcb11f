/**
 * Algebra that holds for every input: arithmetic on constants, and operations with a neutral element. Multiplication by 0 stays, since it is not 0
 * for NaN and infinity. Sub-expressions that become equal are merged by the normal form.
 */
import { broadcastTo, cast, div, full, isFilledWith, makeNode, mul, reshape, sameType, type AttrsOf, type Node, type Value } from '@weftjs/graph';

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
};

/** Whether a number is a power of two whose inverse is one that a float32 holds exactly. */
function isPowerOfTwo(value: number | null | undefined): value is number {
  const exponent = Math.log2(Math.abs(value ?? 0));
  return Number.isInteger(exponent) && Math.abs(exponent) <= 126;
}

/** Ops that give a filled tensor for a filled tensor. */
const KEEPS_FILL = new Set(['reshape', 'transpose', 'broadcastTo', 'slice', 'reverse']);

/** What changes nothing as the second operand. For x + 0 the sign of a zero is not kept: −0 + 0 is 0. */
const NEUTRAL: Readonly<Record<string, number>> = { add: 0, sub: 0, mul: 1, div: 1, pow: 1 };

/** The number that fills a constant. */
function fillOf({ node }: Value): number | null {
  if (node?.op !== 'constant') return null;
  const { data } = node.attrs as AttrsOf<'constant'>;
  return data.length === 1 ? (data[0] as number) : null;
}

/** What stands for a node, or null. */
export function simplifyNode(node: Node, inputs: readonly Value[]): Value | null {
  const { type } = node.outputs[0] as Value;
  const fills = inputs.map(fillOf);
  const [first, second] = fills;
  const compute = ARITHMETIC[node.op];
  if (type.dtype === 'float32' && compute && fills.every((fill) => fill !== null)) return full('float32', type.shape, compute(first as number, second as number));
  if (KEEPS_FILL.has(node.op) && first !== null && first !== undefined) return full(type.dtype, type.shape, first);
  if (node.attrs.keepDims === true) return withoutKeptAxes(node, inputs);
  const [a, b] = inputs;
  const same = (value: Value | undefined): Value | null => (value ? broadcastTo(value, type.shape) : null);
  const neutral = NEUTRAL[node.op];
  if (neutral !== undefined && b && isFilledWith(b, neutral)) return same(a);
  switch (node.op) {
    case 'add':
    case 'mul':
      return a && isFilledWith(a, neutral as number) ? same(b) : null;
    case 'div':
      // exact: both round the same number
      return a && type.dtype === 'float32' && isPowerOfTwo(second) ? same(mul(a, 1 / second)) : null;
    case 'cast':
      // what holds 0 and 1 loses nothing on the way
      return a?.node?.op === 'cast' && a.node.inputs[0]?.type.dtype === 'bool' ? cast(a.node.inputs[0], type.dtype) : null;
    case 'pow':
      if (!a || !b) return null;
      return isFilledWith(b, 2) ? same(mul(a, a)) : isFilledWith(b, -1) ? same(div(1, a)) : null;
    case 'reshape':
    case 'broadcastTo':
      return a && sameType(a.type, type) ? a : null;
    default:
      return null;
  }
}

/** A reduction that keeps its axes, as one that does not, and a reshape, which is free: the two forms are then one where both occur. */
function withoutKeptAxes(node: Node, inputs: readonly Value[]): Value {
  const [{ type }] = node.outputs as readonly [Value];
  const { axes } = node.attrs as AttrsOf<'reduceSum'>;
  const shape = type.shape.filter((_, axis) => !axes.includes(axis));
  const [reduced] = makeNode(node.def, inputs, { ...node.attrs, keepDims: false }, [{ dtype: type.dtype, shape }]).outputs as readonly [Value];
  return reshape(reduced, type.shape);
}
