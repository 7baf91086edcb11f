/**
 * Inlining: the scalar expression of one element of a value, at given positions. Elementwise ops apply their rule; movement ops only change
 * the positions (see kernel/position.ts), so a chain of them is free; where a value is in memory, the recursion ends in a load. What one kernel
 * uses twice at the same positions is one shared expression.
 */
import { inversePermutation, sizeOf, type AttrsOf, type Node, type TensorType, type Value } from '@weftjs/graph';
import { ELEMENTWISE, isElementwise, scalarType } from '../kernel/elementwise.ts';
import { apply, convert, guard, indexOf, int, literal, load, type Bound, type Expression, type Storage } from '../kernel/expression.ts';
import { at, computed, flatten, plus, positionKey, rangeOf, times, unflatten, type Position } from '../kernel/position.ts';
import { threefry } from '../kernel/random.ts';

/** Ops other than elementwise ones whose elements can be computed where they are used, and the work of one. */
export const MOVEMENT: Readonly<Record<string, number>> = {
  reshape: 0, transpose: 0, broadcastTo: 0, slice: 0, reverse: 0, iota: 0, constant: 0, pad: 1, concat: 1, gather: 2, randomBits: 80,
};

export const isInlineable = (op: string): boolean => isElementwise(op) || op in MOVEMENT;

/** Gives the expression of an element of a value at positions, one for each axis. */
export type Inliner = (value: Value, positions: readonly Position[]) => Expression;

/** What a value is when it is not computed in place: in memory, or (a fused reduction) an expression made by the kernel. */
export type Resolve = (value: Value, positions: readonly Position[]) => Storage | Expression | null;

/** An inliner for one kernel; the ops that it computes are added to `ops`. */
export function makeInliner(resolve: Resolve, ops: Set<string> = new Set()): Inliner {
  const made = new Map<Value, Map<string, Expression>>();
  const inline: Inliner = (value, positions) => {
    let known = made.get(value);
    if (!known) made.set(value, (known = new Map()));
    const key = positions.map(positionKey).join();
    let expression = known.get(key);
    if (!expression) known.set(key, (expression = build(value, positions)));
    return expression;
  };

  function build(value: Value, positions: readonly Position[]): Expression {
    const resolved = resolve(value, positions);
    if (resolved) return 'kind' in resolved ? resolved : load(resolved, flatten(positions, value.type.shape));
    // inputs are in memory
    const node = value.node as Node;
    ops.add(node.op);
    return inlineNode(node, positions, inline);
  }
  return inline;
}

/** Positions in an operand that is broadcast: aligned at the last axis. */
export function broadcastPositions(positions: readonly Position[], { shape }: TensorType): Position[] {
  const offset = positions.length - shape.length;
  return shape.map((extent, i) => (extent === 1 ? at(0) : (positions[offset + i] as Position)));
}

function inlineNode(node: Node, positions: readonly Position[], inline: Inliner): Expression {
  const { inputs, attrs } = node;
  const [x] = inputs as readonly [Value];
  const type = node.outputs[0]?.type as TensorType;
  if (isElementwise(node.op)) {
    return ELEMENTWISE[node.op](inputs.map((input) => inline(input, broadcastPositions(positions, input.type))), attrs);
  }
  switch (node.op) {
    case 'reshape':
      return inline(x, unflatten(flatten(positions, type.shape), x.type.shape));
    case 'transpose':
      return inline(x, inversePermutation((attrs as AttrsOf<'transpose'>).permutation).map((axis) => positions[axis] as Position));
    case 'broadcastTo':
      return inline(x, broadcastPositions(positions, x.type));
    case 'slice': {
      const { starts, strides } = attrs as AttrsOf<'slice'>;
      return inline(x, positions.map((position, i) => plus(times(position, strides[i] as number), starts[i] as number)));
    }
    case 'reverse': {
      const { axes } = attrs as AttrsOf<'reverse'>;
      return inline(x, positions.map((p, i) => (axes.includes(i) ? plus(times(p, -1), (type.shape[i] as number) - 1) : p)));
    }
    case 'pad': {
      const { padding, value } = attrs as AttrsOf<'pad'>;
      const from = positions.map((position, i) => plus(position, -(padding[i]?.[0] as number)));
      return within(from, x.type.shape, inline(x, from), literal(scalarType(type.dtype), value));
    }
    case 'concat':
      return inlineConcat(node, positions, inline);
    case 'gather':
      return inlineGather(node, positions, inline);
    case 'iota': {
      const { axis, dtype } = attrs as AttrsOf<'iota'>;
      return convert(indexOf(positions[axis] as Position), scalarType(dtype));
    }
    case 'constant':
      return literal(scalarType(type.dtype), (attrs as AttrsOf<'constant'>).data[0] as number);
    default:
      // randomBits
      return threefry(inline(x, [at(0)]), inline(x, [at(1)]), indexOf(flatten(positions, type.shape)));
  }
}

/** What is left to test so that every position is inside its extent. */
export function boundsOf(positions: readonly Position[], shape: readonly number[]): Bound[] {
  return positions.flatMap((position, i) => {
    const high = shape[i] as number;
    const [least, greatest] = rangeOf(position);
    return least < 0 || greatest >= high ? [{ position, low: 0, high }] : [];
  });
}

/** `inside` where every position is inside its extent. */
export const within = (positions: readonly Position[], shape: readonly number[], inside: Expression, outside: Expression): Expression =>
  guard(boundsOf(positions, shape), inside, outside);

/** Each part has elements: those without are gone (see normalize in @weftjs/graph). */
function inlineConcat({ inputs, attrs }: Node, positions: readonly Position[], inline: Inliner): Expression {
  const { axis } = attrs as AttrsOf<'concat'>;
  let start = inputs.reduce((sum, { type }) => sum + (type.shape[axis] as number), 0);
  let result: Expression | null = null;
  for (const part of [...inputs].reverse()) {
    const extent = part.type.shape[axis] as number;
    start -= extent;
    const from = positions.map((position, i) => (i === axis ? plus(position, -start) : position));
    const element = inline(part, from);
    const along = from[axis] as Position;
    result = result ? guard([{ position: along, low: 0, high: extent }], element, result) : element;
  }
  return result as unknown as Expression;
}

/** y[b, p, i, s] = x[b, p, clamp(indices[b, i]), s] */
function inlineGather({ inputs, attrs }: Node, positions: readonly Position[], inline: Inliner): Expression {
  const [x, indices] = inputs as readonly [Value, Value];
  const { axis, batchDims } = attrs as AttrsOf<'gather'>;
  const indexAxes = indices.type.shape.length - batchDims;
  const selected = positions.slice(axis, axis + indexAxes);
  const index = inline(indices, [...positions.slice(0, batchDims), ...selected]);
  const extent = x.type.shape[axis] as number;
  const clamped = apply('min', apply('max', index, int(0)), int(extent - 1));
  return inline(x, [...positions.slice(0, axis), computed(clamped, extent), ...positions.slice(axis + indexAxes)]);
}

/** How often each element of an operand is read by a node that inlines it: what recomputing would cost. */
export const repeats = ({ outputs }: Node, operand: Value): number => sizeOf((outputs[0] as Value).type.shape) / sizeOf(operand.type.shape);

