/**
 * How much a kernel does, read off its description: arithmetic on floats, and the bytes of the elements that it must
 * read and write. Each value counts once for every combination of the axes that it depends on; a call of a library
 * function counts what its body does.
 */
import { sizeOf } from '@weftjs/graph';
import { childrenOf, positionsOf, valuesIn, type Expression, type Storage } from '../kernel/expression.ts';
import { libraryFunction } from '../kernel/functions.ts';
import { expressionsOf, expressionsOfStage, type Nest } from '../kernel/nest.ts';
import { extentOf, type Axis, type Position } from '../kernel/position.ts';
import type { AnyTemplate } from '../kernel/template.ts';

export interface Work {
  readonly flops: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** What gives a float32 without arithmetic. */
const MOVES: readonly string[] = ['select', 'convert', 'bits', 'half'];

/** Bytes of whole storages. */
export const bytesOf = (storages: Iterable<Storage>): number =>
  [...storages].reduce((sum, { size, width }) => sum + size * width, 0);

/** Float operations of one evaluation of a library function. */
const flopsOfCall = (name: string): number => expressionsOf([libraryFunction(name).body]).reduce((sum, expression) => sum + ownFlops(expression), 0);

/** Float operations of an expression, without those of its operands. */
function ownFlops(expression: Expression): number {
  if (expression.kind === 'call') return flopsOfCall(expression.name);
  return expression.kind === 'apply' && expression.type === 'float32' && !MOVES.includes(expression.operation) ? 1 : 0;
}

/** The axes of a position, those inside computed values left out. */
function axesIn({ terms }: Position): Axis[] {
  return terms.flatMap(({ atom }) =>
    atom.kind === 'axis' ? [atom.axis] : atom.kind === 'value' ? [] : axesIn(atom.of),
  );
}

/** The work of a loop nest. */
export function workOfNest(nest: Nest): Work {
  const known = new Map<Expression, ReadonlySet<Axis>>();
  const axesOf = (expression: Expression): ReadonlySet<Axis> => {
    let axes = known.get(expression);
    if (!axes) {
      const own = positionsOf(expression).flatMap(axesIn);
      // what a reduction gives is there once for each point
      const kept = expression.kind === 'accumulator' ? nest.grid : [];
      axes = new Set([...own, ...kept, ...childrenOf(expression).flatMap((child) => [...axesOf(child)])]);
      known.set(expression, axes);
    }
    return axes;
  };

  let flops = 0;
  const [read, written] = [new Map<Storage, number>(), new Map<Storage, number>()];
  const touch = (counts: Map<Storage, number>, storage: Storage, elements: number): void => {
    counts.set(storage, Math.min(storage.size, (counts.get(storage) ?? 0) + elements));
  };
  for (const stage of nest.stages) {
    for (const expression of expressionsOfStage(stage)) {
      const points = extentOf([...axesOf(expression)]);
      flops += ownFlops(expression) * points;
      // what an earlier stage stored is at hand still
      if (expression.kind === 'load' && !written.has(expression.storage)) touch(read, expression.storage, points);
    }
    const turns = extentOf([...nest.grid, ...stage.loop]);
    for (const { join, type } of stage.accumulators) if (join && type === 'float32') flops += turns;
    for (const { storage, position } of stage.stores) {
      const scattered = valuesIn(position).flatMap((value) => [...axesOf(value)]);
      touch(written, storage, extentOf([...new Set([...axesIn(position), ...scattered])]));
    }
  }
  const bytes = (counts: Map<Storage, number>): number =>
    [...counts].reduce((sum, [{ width }, elements]) => sum + elements * width, 0);
  return { flops, bytesRead: bytes(read), bytesWritten: bytes(written) };
}

/** Float operations of a template: two for each product that is summed. */
export function flopsOfTemplate(template: AnyTemplate): number {
  switch (template.op) {
    case 'dot':
      return 2 * template.batch * template.m * template.n * template.k;
    case 'scatterAdd':
      return template.updates.size;
    case 'sort':
      return 0;
    case 'attention':
    case 'attentionGrad': {
      const { batch, heads, queries, keys, width, depth, causal } = template.geometry;
      // so many products of queries with keys along their width, and along the depth of values
      const [byWidth, byDepth] = template.op === 'attention' ? [1, 1] : [3, 2];
      const square = Math.min(queries, keys);
      // with a causal mask half of the square of pairs is seen
      const seen = queries * keys - (causal ? square * keys - (square * (square + 1)) / 2 : 0);
      return batch * heads * seen * (2 * (byWidth * width + byDepth * depth) + flopsOfCall('exp') + 4);
    }
    default: {
      const { batch, channelsIn, channelsOut, groups, output, kernel } = template.geometry;
      return 2 * batch * sizeOf([...output, ...kernel]) * (channelsIn / groups) * channelsOut;
    }
  }
}
