/**
 * Prints a loop nest as a function of the addresses of its storages and of the part [from, to) of its units to do. One axis is walked four elements at a time: the last of the grid (each
 * lane an element of its own), or the last of each stage's loop (lanes join at the end), whichever reads memory in order. What four does not
 * divide is done one by one.
 */
import type { Bound, Expression, Storage } from '../kernel/expression.ts';
import { rootsOf, storagesOf, type Accumulator, type Join, type Nest, type Stage, type Store } from '../kernel/nest.ts';
import { along, type Axis } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import { countUp, get, i32, op, set, shuffle, store, storeLane, when, type Code, type Local } from './code.ts';
import { Emitter, laneOf, type LibraryIndex } from './emitter.ts';
import { FunctionWriter, type ModuleWriter } from './module.ts';
import { atMost } from './templates/assembly.ts';
import { WIDE, chooseVector, coefficientOf, cutsAlong, rangeBetween, rootsOfStage, unroll, wideExtent, type Vectorized } from './vectorize.ts';
import { literalVector, scalarOperation, valueType, vectorOperation } from './operations.ts';

/**
 * A kernel as a function: its index, which storages its first parameters are the addresses of, and of how many independent *units* its work is made.
 * Two parameters follow, `from` and `to`: the units to do, at least one; then, where it needs scratch, the address of some that nobody else uses meanwhile.
 * Results do not depend on how the units are divided among calls.
 */
export interface PrintedKernel {
  readonly index: number;
  readonly storages: readonly Storage[];
  readonly units: number;
  readonly scratchBytes: number;
}

/** Elements of a unit where the only axis of the grid lies across the lanes: in a map; where stages loop, they are as many as are done at once. */
const MAP_BLOCK = 64;

/** The part of the grid that a call does. */
interface Share {
  readonly axis: Axis;
  /** Locals: the first element, and the one after the last; this may lie past the axis. */
  readonly first: Local;
  readonly last: Local;
}

export function printNest(module: ModuleWriter, library: LibraryIndex, nest: Nest): PrintedKernel {
  const { written, read } = storagesOf(nest);
  const storages = [...new Set([...written, ...read])];
  const writer = new FunctionWriter([...storages, 'from', 'to'].map(() => 'i32'));
  const emitter = new Emitter({ module, writer, library, bases: new Map(storages.map((storage, i) => [storage, i])) });
  emitter.count(rootsOf(nest));
  const vectorized = chooseVector(nest);
  const [axis] = nest.grid;
  const block = vectorized !== 'grid' || nest.grid.length > 1 ? 1 : nest.stages.some((stage) => stage.loop.length > 0) ? WIDE : MAP_BLOCK;
  const units = axis ? Math.ceil(axis.extent / block) : 1;
  const start: Code[] = [];
  const firstOf = (unit: Local): Local => {
    if (block === 1) return unit;
    const element = writer.local('i32');
    start.push(set(element, op('i32.mul', get(unit), i32(block))));
    return element;
  };
  const share = axis && units > 1 ? { axis, first: firstOf(storages.length), last: firstOf(storages.length + 1) } : null;
  return { index: module.add(writer, [start, printBody(nest, emitter, vectorized, share)]), storages, units, scratchBytes: 0 };
}

const same = (expression: Expression): Expression => expression;

function printBody({ grid, stages }: Nest, emitter: Emitter, vectorized: Vectorized, share: Share | null): Code {
  const { writer } = emitter;
  /** Leaves out the guards that are decided in the part of a walk that is printed. */
  let rewrite = same;

  /** for (axis = from; axis < to; axis += step); of the axis that is shared the part that is this call's: both its ends move up to the next turn, so that shares meet. */
  function count(axis: Axis, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    const own = axis === share?.axis ? share : null;
    const local = writer.local('i32');
    const end = own && writer.local('i32');
    emitter.bindAxis(axis, local);
    // units are whole numbers of turns, unless a cut moved the first turn off their grid
    const atTurn = (element: Local): Code =>
      from % step === 0 ? get(element) : op('i32.add', op('i32.and', op('i32.add', get(element), i32(step - 1 - from)), i32(-step)), i32(from));
    const start =
      own && end !== null
        ? [
            set(local, atTurn(own.first)),
            from > 0 ? set(local, op('select', get(local), i32(from), op('i32.gt_s', get(local), i32(from)))) : [],
            set(end, atTurn(own.last)),
            set(end, atMost(get(end), to)),
          ]
        : set(local, i32(from));
    const limit = end === null ? i32(to) : get(end);
    const turns = (code: Code): Code => (to - from <= step ? code : countUp(local, limit, step, code));
    return [start, emitter.loop([axis, ...changes], body, (code) => (own ? when(op('i32.lt_s', get(local), limit), turns(code)) : turns(code)))];
  }

  /** All turns of some axes, one inside the other. */
  function nested(axes: readonly Axis[], changes: readonly Accumulator[], body: () => Code): Code {
    const [axis, ...inner] = axes;
    return axis ? count(axis, 0, axis.extent, 1, changes, () => nested(inner, changes, body)) : body();
  }

  /** As `count`, with the axis along the lanes. */
  function fours(axis: Axis, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    emitter.vectorAxis = axis;
    const code = count(axis, from, to, step, changes, body);
    emitter.vectorAxis = null;
    return code;
  }

  /** Stages that do several fours at once, where any are done so. */
  function unrolled(all: readonly Stage[], axis: Axis, whole: number): readonly Stage[] {
    if (whole === 0) return all;
    const wide = unroll(all, axis);
    emitter.count(rootsOf({ stages: wide }));
    return wide;
  }

  /**
   * Walks an axis: as far as `whole` several fours at once, by the stages that are unrolled so, then in fours, then the rest one by one. Where
   * guards among `roots` change along the axis at constant places, the walk is cut there, so that no guard is tested inside.
   */
  function walk(axis: Axis, all: readonly Stage[], wide: readonly Stage[], whole: number, roots: readonly Expression[], print: (stages: readonly Stage[]) => Code): Code {
    const changes = accumulatorsOf(all);
    const body = (): Code => print(all);
    const parts = [whole > 0 ? fours(axis, 0, whole, WIDE, accumulatorsOf(wide), () => print(wide)) : []];
    const cuts = cutsAlong(axis, roots, whole);
    cuts.slice(1).forEach((to, i) => {
      const from = cuts[i] as number;
      const last = to - ((to - from) % 4);
      if (cuts.length > 2) rewrite = decideGuards(emitter, axis, from, to);
      parts.push(last > from ? fours(axis, from, last, 4, changes, body) : [], last < to ? count(axis, last, to, 1, changes, body) : []);
    });
    rewrite = same;
    return parts;
  }

  /**
   * The last axis of the grid in fours. Where stages loop, several fours are done at once: their sums do not wait for each other, and a line of
   * the cache is used whole.
   */
  function walkGrid(axis: Axis): Code {
    const roots = rootsOf({ stages });
    const isMap = stages.length === 1 && stages[0]?.loop.length === 0;
    const whole = stages.some((stage) => stage.loop.length > 0) ? wideExtent(axis, roots) : 0;
    return walk(axis, stages, unrolled(stages, axis, whole), whole, isMap ? roots : [], (all) => all.map(printStage));
  }

  function printStage(stage: Stage): Code {
    const { accumulators, loop, stores } = stage;
    if (accumulators.length === 0 && loop.length === 0) return printStores(stores);
    const starts: Code[] = [];
    const locals = accumulators.map(({ type, start }) => {
      const local = writer.local(emitter.isVector ? 'v128' : valueType(type));
      starts.push(set(local, emitter.value(start)));
      return local;
    });
    return [starts, vectorized === 'loop' && loop.length > 0 ? lanesLoop(stage, locals) : nested(loop, accumulators, () => turn(stage, locals))];
  }

  /**
   * The loop of a stage whose last axis lies across the lanes: partial results in vectors, joined when the fours are done. A long axis is walked
   * several fours at a time, each with partial results of its own.
   */
  function lanesLoop(stage: Stage, locals: readonly Local[]): Code {
    const { accumulators, loop } = stage;
    const inner = loop[loop.length - 1] as Axis;
    const roots = rootsOfStage(stage);
    const isLong = inner.extent >= 4 * WIDE && cutsAlong(inner, roots, 0).length === 2;
    const whole = isLong ? wideExtent(inner, roots) : 0;
    const [wide] = unrolled([stage], inner, whole) as [Stage];
    const vectors = wide.accumulators.map(() => writer.local('v128'));
    const start = wide.accumulators.map((accumulator, i) => set(vectors[i] as Local, literalVector(accumulator.type, identity(accumulator))));
    const body = nested(loop.slice(0, -1), [...accumulators, ...wide.accumulators], () =>
      walk(inner, [stage], [wide], whole, roots, ([of]) => turn(of as Stage, emitter.isVector ? vectors : locals)),
    );
    bind(accumulators, locals);
    const joined = accumulators.map((accumulator, i) => {
      const [first, ...others] = vectors.filter((_, v) => v % accumulators.length === i) as [Local, ...Local[]];
      const { join, type } = accumulator;
      const gathered = others.map((other) => set(first, vectorOperation(join as Join, type, type, [get(first), get(other)])));
      return [gathered, set(locals[i] as Local, joinLanes(accumulator, first, locals[i] as Local, writer))];
    });
    return [...start, body, ...joined];
  }

  function bind(accumulators: readonly Accumulator[], locals: readonly Local[]): void {
    accumulators.forEach((accumulator, i) => emitter.bindAccumulator(accumulator, locals[i] as Local));
  }

  /** One turn: new values of all accumulators from the old ones, then the stores. */
  function turn({ accumulators, stores, ordered }: Stage, locals: readonly Local[]): Code {
    bind(accumulators, locals);
    const update = (): Code => {
      const values = accumulators.map(({ next, join, type }, i) => {
        const value = emitter.value(rewrite(next));
        if (!join) return value;
        const operands = [get(locals[i] as Local), value];
        return emitter.isVector ? vectorOperation(join, type, type, operands) : scalarOperation(join, type, type, operands, writer);
      });
      // all values are on the stack before the first is set, so that each saw the old ones
      return [...values, ...locals.slice(0, accumulators.length).reverse().map((local) => set(local, []))];
    };
    if (stores.length === 0) return update();
    // where stores read running accumulators, what the update made of the old ones is not theirs
    return [accumulators.length > 0 && ordered ? emitter.branch(update) : update(), printStores(stores)];
  }

  function printStores(stores: readonly Store[]): Code {
    // all values before the first store: an output may take the place of an input that another output reads
    const values: Code[] = [];
    const locals = stores.map(({ value, storage: { type } }) => {
      const local = writer.local(emitter.isVector ? 'v128' : valueType(type));
      const words = emitter.value(rewrite(value));
      // as it lies in memory, a mask is zeros and ones
      values.push(set(local, emitter.isVector && type === 'bool' ? op('v128.and', words, literalVector('int32', 1)) : words));
      return local;
    });
    return [values, stores.map((target, i) => printStore(emitter, target, locals[i] as Local))];
  }

  if (vectorized !== 'grid') return nested(grid, accumulatorsOf(stages), () => stages.map(printStage));
  return nested(grid.slice(0, -1), accumulatorsOf(stages), () => walkGrid(grid[grid.length - 1] as Axis));
}

/** Decides guards that are the same from `from` to `to`. */
function decideGuards(emitter: Emitter, axis: Axis, from: number, to: number): (e: Expression) => Expression {
  const { expression } = mapExpression(along, {
    keepAccumulators: true,
    guards: (bounds) => {
      const left: Bound[] = [];
      for (const bound of bounds) {
        const [least, greatest] = rangeBetween(bound.position, axis, from, to - 1);
        if (greatest < bound.low || least >= bound.high) return false;
        if (least < bound.low || greatest >= bound.high) left.push(bound);
      }
      return left.length === 0 || left;
    },
  });
  return (root) => {
    const result = expression(root);
    emitter.count([result]);
    return result;
  };
}

function printStore(emitter: Emitter, { storage, position }: Store, value: Local): Code {
  const { vectorAxis, writer } = emitter;
  const { code, offset } = emitter.address(storage, position);
  if (!vectorAxis) return store(valueType(storage.type), code, get(value), offset);
  const stride = coefficientOf(position, vectorAxis);
  if (stride === 1) return store('v128', code, get(value), offset);
  const address = writer.local('i32');
  const lane = (i: number): Code => storeLane(op('i32.add', get(address), i32(4 * stride * i)), get(value), i, offset);
  return [set(address, code), [0, 1, 2, 3].map(lane)];
}

const accumulatorsOf = (stages: readonly Stage[]): Accumulator[] => stages.flatMap((stage) => stage.accumulators);

/** What leaves a partial result as it is. */
function identity({ join, type }: Accumulator): number {
  const least = type === 'float32' ? -Infinity : -0x80000000;
  const greatest = type === 'float32' ? Infinity : 0x7fffffff;
  const values: Readonly<Record<Join, number>> = { add: 0, or: 0, mul: 1, and: 1, min: greatest, max: least };
  return values[join as Join];
}

/** A scalar joined with the four lanes of a vector, always in the same order. */
function joinLanes({ join, type }: Accumulator, vector: Local, scalar: Local, writer: FunctionWriter): Code {
  const half = writer.local('v128');
  const operation = join as Join;
  const pairs = vectorOperation(operation, type, type, [get(vector), shuffle(get(vector), get(vector), [2, 3, 0, 1])]);
  const both = scalarOperation(operation, type, type, [laneOf(type, half, 0), laneOf(type, half, 1)], writer);
  return [set(half, pairs), scalarOperation(operation, type, type, [get(scalar), both], writer)];
}
