/**
 * Stable sorting as loop nests. An element's rank is how many go before it: those with a smaller key, and those before it with an equal one. Short
 * lines are ranked at once. Long ones are cut into blocks that are ranked, then blocks are merged in pairs: an element's place in the
 * merged block is its own place plus a binary search in the other block. Only indices move; keys are computed from the input. Keys are int32
 * that order like the values: the bits of a float with the lower 31 turned around for negatives; NaN is the largest; complemented to descend.
 */
import { sizeOf } from '@weftjs/graph';
import { accumulated, apply, bitsAs, float, guard, indexOf, int, load, select, type Bound, type Expression, type Storage } from '../../kernel/expression.ts';
import { makeAccumulator, makeStage, type Stage } from '../../kernel/nest.ts';
import { along, computed, flatten, makeAxis, plus, quotient, remainder, times, type Position } from '../../kernel/position.ts';
import type { SortTemplate } from '../../kernel/template.ts';
import { makeStorage, runStep, type Step } from '../../fuse/program.ts';

/** Lines up to this long are ranked at once. */
const BLOCK = 512;

const add = (a: Expression, b: Expression): Expression => apply('add', a, b);
const less = (a: Expression, b: Expression): Expression => apply('less', a, b);

function keyOf(value: Expression, descending: boolean): Expression {
  const turn = (key: Expression): Expression => (descending ? apply('xor', key, int(-1)) : key);
  if (value.type === 'uint32') return turn(apply('xor', bitsAs(value, 'int32'), int(-0x80000000)));
  if (value.type === 'bool') return turn(select(value, int(1), int(0)));
  if (value.type !== 'float32') return turn(value);
  const bits = bitsAs(select(apply('equal', value, float(0)), float(0), value), 'int32');
  const ordered = select(less(bits, int(0)), apply('xor', bits, int(0x7fffffff)), bits);
  const isNan = less(int(0x7f800000), apply('and', bits, int(0x7fffffff)));
  return select(isNan, int(0x7fffffff), turn(ordered));
}

export function sortSteps(template: SortTemplate): Step[] {
  const { outer, extent, stride, keep, descending, input, values, indices } = template;
  const full = [outer, extent, stride];
  const steps: Step[] = [];
  const newOrder = (): Storage => makeStorage({ dtype: 'int32', shape: [sizeOf(full)] });
  /** Adds a nest over so many places of every line; `at` is a place in the full lines, `own` the point's in lines of so many. */
  const emit = (name: string, places: number, stagesAt: (place: Position, at: (place: Position) => Position, own: Position) => readonly Stage[]): void => {
    const grid = [outer, places, stride].map(makeAxis);
    const [o, place, s] = grid.map(along) as [Position, Position, Position];
    steps.push(runStep({ kind: 'nest', name: `sort: ${name}`, ops: ['sort'], grid, stages: stagesAt(place, (other) => flatten([o, other, s], full), flatten([o, place, s], [outer, places, stride])) }));
  };
  const keyAt = (position: Position): Expression => keyOf(load(input, position), descending);

  // ranks in blocks: order[o, block start + rank, s] = element
  let order = newOrder();
  emit('rank', extent, (i, at) => {
    const size = Math.min(BLOCK, extent);
    const other = makeAxis(size);
    const start = times(quotient(i, size), size);
    const place = plus(start, along(other));
    const inside: Bound[] = extent % size === 0 ? [] : [{ position: place, low: 0, high: extent }];
    const [mine, theirs] = [keyAt(at(i)), keyAt(at(place))];
    const isBefore = apply('or', less(theirs, mine), apply('and', apply('equal', theirs, mine), less(indexOf(place), indexOf(i))));
    const rank = makeAccumulator('int32', int(0), guard(inside, select(isBefore, int(1), int(0)), int(0)), 'add');
    const store = { storage: order, position: at(plus(start, computed(accumulated(rank), size))), value: indexOf(i) };
    return [makeStage({ loop: [other], accumulators: [rank] }), makeStage({ stores: [store] })];
  });

  for (let size = BLOCK; size < extent; size *= 2) {
    const sorted = order;
    order = newOrder();
    emit('merge', extent, (i, at) => {
      const element = load(sorted, at(i));
      const mine = keyAt(at(computed(element, extent)));
      // blocks 2p and 2p + 1 merge; how many of the other block go before this element?
      const start = indexOf(times(quotient(i, 2 * size), 2 * size));
      const isLeft = less(indexOf(remainder(i, 2 * size)), int(size));
      const atMost = (x: Expression): Expression => apply('min', x, int(extent));
      const middle = atMost(add(start, int(size)));
      const [from, to] = [select(isLeft, middle, start), select(isLeft, atMost(add(start, int(2 * size))), middle)];
      const low = makeAccumulator('int32', from, int(0));
      const high = makeAccumulator('int32', to, int(0));
      const [a, b] = [accumulated(low), accumulated(high)];
      const half = apply('shiftRight', add(a, b), int(1));
      const probe = load(sorted, at(computed(apply('min', half, int(extent - 1)), extent)));
      const theirs = keyAt(at(computed(probe, extent)));
      // an equal element of the left block goes first
      const goesBefore = apply('or', less(theirs, mine), apply('and', apply('not', isLeft), apply('equal', theirs, mine)));
      const isOpen = less(a, b);
      low.next = select(apply('and', isOpen, goesBefore), add(half, int(1)), a);
      high.next = select(apply('and', isOpen, apply('not', goesBefore)), half, b);
      const search = makeStage({ loop: [makeAxis(Math.ceil(Math.log2(size)) + 1)], accumulators: [low, high] });
      // its place among its own, and the others before it
      const own = apply('sub', indexOf(i), select(isLeft, start, middle));
      const target = add(add(start, own), apply('sub', accumulated(low), from));
      return [search, makeStage({ stores: [{ storage: order, position: at(computed(target, extent)), value: element }] })];
    });
  }

  if (values || indices) {
    emit('take', keep, (r, at, position) => {
      const index = load(order, at(r));
      const stores = [
        ...(values ? [{ storage: values, position, value: load(input, at(computed(index, extent))) }] : []),
        ...(indices ? [{ storage: indices, position, value: index }] : []),
      ];
      return [makeStage({ stores })];
    });
  }
  return steps;
}
