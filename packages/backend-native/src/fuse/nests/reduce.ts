/** Reductions, positions of extremes and running results as loop nests. Whatever leads to the operand is computed inside the loop. */
import type { AttrsOf, Node, TensorType, Value } from '@weftjs/graph';
import { scalarType } from '../../kernel/elementwise.ts';
import { accumulated, apply, indexOf, int, literal, select, type Expression, type ScalarType } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Accumulator, type Join, type Stage } from '../../kernel/nest.ts';
import { along, at, makeAxis, plus, times, type Axis, type Position } from '../../kernel/position.ts';
import type { Inliner } from '../inline.ts';

const JOINS: Readonly<Record<string, Join>> = {
  reduceSum: 'add',
  reduceProd: 'mul',
  reduceMax: 'max',
  reduceMin: 'min',
  reduceAny: 'or',
  reduceAll: 'and',
  cumSum: 'add',
  cumProd: 'mul',
};

/** What joins with anything to that. */
function identityOf(join: Join, type: ScalarType): Expression {
  if (join === 'max') return literal(type, type === 'float32' ? -Infinity : -0x80000000);
  if (join === 'min') return literal(type, type === 'float32' ? Infinity : 0x7fffffff);
  return literal(type, join === 'mul' || join === 'and' ? 1 : 0);
}

/** The stage that computes one element of a reduction, at positions of its output, and the accumulator that holds it. */
export function reduceStage(node: Node, positions: readonly Position[], inline: Inliner): { stage: Stage; result: Accumulator } {
  const x = node.inputs[0] as Value;
  const { axes, keepDims } = node.attrs as AttrsOf<'reduceSum'>;
  const loop: Axis[] = [];
  let next = 0;
  const from = x.type.shape.map((extent, i) => {
    if (!axes.includes(i)) return positions[next++] as Position;
    if (keepDims) next++;
    const axis = makeAxis(extent);
    loop.push(axis);
    return along(axis);
  });
  const join = JOINS[node.op] as Join;
  const type = scalarType(x.type.dtype);
  const result = makeAccumulator(type, identityOf(join, type), inline(x, from), join);
  return { stage: makeStage({ loop, accumulators: [result] }), result };
}

/** argMax, argMin: the best so far and where it was; the first wins. */
export function argStage(node: Node, positions: readonly Position[], inline: Inliner): { stage: Stage; result: Accumulator } {
  const x = node.inputs[0] as Value;
  const { axis } = node.attrs as AttrsOf<'argMax'>;
  const line = makeAxis(x.type.shape[axis] as number);
  const element = inline(x, [...positions.slice(0, axis), along(line), ...positions.slice(axis)]);
  const largest = node.op === 'argMax';
  const best = makeAccumulator(element.type, identityOf(largest ? 'max' : 'min', element.type), element);
  const result = makeAccumulator('int32', int(0), int(0));
  const better = apply(largest ? 'less' : 'greater', accumulated(best), element);
  best.next = select(better, element, accumulated(best));
  result.next = select(better, indexOf(along(line)), accumulated(result));
  return { stage: makeStage({ loop: [line], accumulators: [best, result] }), result };
}

/** cumSum, cumProd: a grid over the other axes; one ordered stage that accumulates and stores. */
export function cumulativeParts(node: Node, inline: Inliner): { grid: Axis[]; loop: Axis; positions: Position[]; running: Accumulator } {
  const x = node.inputs[0] as Value;
  const { axis, reverse } = node.attrs as AttrsOf<'cumSum'>;
  const { shape, dtype } = x.type as TensorType;
  const loop = makeAxis(shape[axis] as number);
  const line = reverse ? plus(times(along(loop), -1), Math.max(0, loop.extent - 1)) : along(loop);
  const grid: Axis[] = [];
  const positions = shape.map((extent, i) => {
    if (i === axis) return line;
    const other = makeAxis(extent);
    grid.push(other);
    return extent === 1 ? at(0) : along(other);
  });
  const join = JOINS[node.op] as Join;
  const type = scalarType(dtype);
  const running = makeAccumulator(type, identityOf(join, type), inline(x, positions), join);
  return { grid, loop, positions, running };
}
