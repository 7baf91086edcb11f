/** Reductions, positions of extremes and running results as loop nests. Whatever leads to the operand is computed inside the loop. */
import type { AttrsOf, Node, Value } from '@weftjs/graph';
import { accumulated, apply, indexOf, int, literal, select, type Expression, type ScalarType, type Storage } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Accumulator, type Join, type Nest, type Stage } from '../../kernel/nest.ts';
import { along, flatten, makeAxis, plus, times, type Axis, type Position } from '../../kernel/position.ts';
import type { Inliner } from '../inline.ts';

/** Gives one element of each output of a node at positions; a loop that it needs is added to the stages. */
export type MakeElements = (node: Node, positions: readonly Position[], inline: Inliner, stages: Stage[]) => readonly Expression[];

/** How reducing and cumulative ops join elements: reduceSum, cumSum, … */
const JOINS: Readonly<Record<string, Join>> = { Sum: 'add', Prod: 'mul', Max: 'max', Min: 'min', Any: 'or', All: 'and' };

/** What joins with anything to that. */
function identityOf(join: Join, type: ScalarType): Expression {
  if (join === 'max') return literal(type, type === 'float32' ? -Infinity : -0x80000000);
  if (join === 'min') return literal(type, type === 'float32' ? Infinity : 0x7fffffff);
  return literal(type, join === 'mul' || join === 'and' ? 1 : 0);
}

/** What a reducing or cumulative op makes of elements, one each turn. */
function joining({ op }: Node, element: Expression): Accumulator {
  const join = JOINS[op.replace(/reduce|cum/, '')] as Join;
  return makeAccumulator(element.type, identityOf(join, element.type), element, join);
}

/** One element of a reduction, at positions of its output. */
export const reduceElement: MakeElements = (node, positions, inline, stages) => {
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
  const result = joining(node, inline(x, from));
  stages.push(makeStage({ loop, accumulators: [result] }));
  return [accumulated(result)];
};

/** The extreme among the elements that a loop walks, and the index at which it is: the first of equals. */
export function extremeOf(loop: readonly Axis[], element: Expression, index: Expression, isLargest: boolean, stages: Stage[]): Expression[] {
  const best = makeAccumulator(element.type, identityOf(isLargest ? 'max' : 'min', element.type), element);
  const where = makeAccumulator('int32', int(0), int(0));
  const isBetter = apply(isLargest ? 'less' : 'greater', accumulated(best), element);
  best.next = select(isBetter, element, accumulated(best));
  where.next = select(isBetter, index, accumulated(where));
  stages.push(makeStage({ loop, accumulators: [best, where] }));
  return [best, where].map(accumulated);
}

/** argMax, argMin. */
export const argElement: MakeElements = (node, positions, inline, stages) => {
  const x = node.inputs[0] as Value;
  const { axis } = node.attrs as AttrsOf<'argMax'>;
  const line = makeAxis(x.type.shape[axis] as number);
  const element = inline(x, [...positions.slice(0, axis), along(line), ...positions.slice(axis)]);
  return extremeOf([line], element, indexOf(along(line)), node.op === 'argMax', stages).slice(1);
};

/** cumSum, cumProd: a grid over the other axes; one ordered stage that accumulates and stores. */
export function cumulativeNest(node: Node, storage: Storage, inline: Inliner): Pick<Nest, 'grid' | 'stages'> {
  const x = node.inputs[0] as Value;
  const { axis, reverse } = node.attrs as AttrsOf<'cumSum'>;
  const { shape } = x.type;
  const line = makeAxis(shape[axis] as number);
  const axes = shape.map((extent, i) => (i === axis ? line : makeAxis(extent)));
  const positions = axes.map(along);
  if (reverse) positions[axis] = plus(times(along(line), -1), line.extent - 1);
  const running = joining(node, inline(x, positions));
  const store = { storage, position: flatten(positions, shape), value: accumulated(running) };
  return { grid: axes.filter((other) => other !== line), stages: [makeStage({ loop: [line], accumulators: [running], stores: [store] })] };
}
