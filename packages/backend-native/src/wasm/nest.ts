/**
 * Prints a loop nest as a function of the addresses of its storages and of the part [from, to) of its units to do. One axis is walked four elements at a time: the last of the grid (each
 * lane an element of its own), or the last of each stage's loop (lanes join at the end), whichever reads memory in order. What four does not
 * divide is done one by one.
 */
import type { Bound, Expression, Storage } from '../kernel/expression.ts';
import { expressionsOf, rootsOf, storagesOf, type Accumulator, type Join, type Nest, type Stage, type Store } from '../kernel/nest.ts';
import { along, type Axis } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import { countUp, extractLane, get, i32, op, set, shuffle, store, storeLane, when, type Code, type Local } from './code.ts';
import { Emitter, type LibraryIndex } from './emitter.ts';
import { FunctionWriter, type ModuleWriter } from './module.ts';
import { UNROLL, UNROLL_LIMIT, chooseVector, coefficientOf, cutsAlong, rootsOfStage, simpleRange, unroll, type Vectorized } from './vectorize.ts';
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

/** Elements of a unit where the only axis of the grid lies across the lanes: in a map, and where stages loop. */
const [MAP_BLOCK, LOOP_BLOCK] = [64, UNROLL * 4];

/** The part of the grid that a call does: `block` elements of `axis` are a unit. */
interface Share {
  readonly axis: Axis;
  readonly block: number;
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
  const block = vectorized !== 'grid' || nest.grid.length > 1 ? 1 : nest.stages.some((stage) => stage.loop.length > 0) ? LOOP_BLOCK : MAP_BLOCK;
  const units = axis ? Math.ceil(axis.extent / block) : 1;
  const [from, to] = [storages.length, storages.length + 1];
  const share = axis && units > 1 ? { axis, block, first: block > 1 ? writer.local('i32') : from, last: block > 1 ? writer.local('i32') : to } : null;
  const start = share && block > 1 ? [set(share.first, op('i32.mul', get(from), i32(block))), set(share.last, op('i32.mul', get(to), i32(block)))] : [];
  return { index: module.add(writer, [start, new NestPrinter(nest, emitter, vectorized, share).print()]), storages, units, scratchBytes: 0 };
}

/** Prints a part of a walk; `rewrite` leaves out the guards that are decided there. */
type WalkBody = (isVector: boolean, rewrite: (expression: Expression) => Expression) => Code;

class NestPrinter {
  readonly #nest: Nest;
  readonly #emitter: Emitter;
  readonly #vectorized: Vectorized;
  readonly #share: Share | null;

  constructor(nest: Nest, emitter: Emitter, vectorized: Vectorized, share: Share | null) {
    this.#nest = nest;
    this.#emitter = emitter;
    this.#vectorized = vectorized;
    this.#share = share;
  }

  print(): Code {
    return this.#grid(0);
  }

  #grid(depth: number): Code {
    const { grid } = this.#nest;
    const axis = grid[depth];
    if (!axis) return this.#nest.stages.map((stage) => this.#stage(stage, false, (e) => e));
    const isVector = this.#vectorized === 'grid' && depth === grid.length - 1;
    const changes = this.#nest.stages.flatMap((stage) => stage.accumulators);
    if (isVector) return this.#walkGrid(axis, changes);
    return this.#count(axis, 0, axis.extent, 1, changes, () => this.#grid(depth + 1));
  }

  /**
   * The last axis of the grid in fours. Where stages loop, several fours are done at once: their sums do not wait for each other, and a line of
   * the cache is used whole.
   */
  #walkGrid(axis: Axis, changes: readonly Accumulator[]): Code {
    const { stages } = this.#nest;
    const isMap = stages.length === 1 && stages[0]?.loop.length === 0;
    const wide = stages.some((stage) => stage.loop.length > 0) && expressionsOf(rootsOf(this.#nest)).length <= UNROLL_LIMIT ? UNROLL * 4 : 0;
    const whole = wide > 0 ? Math.floor(axis.extent / wide) * wide : 0;
    const code: Code[] = [];
    if (whole > 0) {
      const unrolled = unroll(stages, axis, UNROLL);
      this.#emitter.count(unrolled.flatMap(rootsOfStage));
      this.#emitter.vectorAxis = axis;
      const all = unrolled.flatMap((stage) => stage.accumulators);
      code.push(this.#count(axis, 0, whole, wide, all, () => unrolled.map((stage) => this.#stage(stage, true, (e) => e))));
      this.#emitter.vectorAxis = null;
    }
    if (whole === axis.extent) return code;
    const every: WalkBody = (isVector, rewrite) => stages.map((stage) => this.#stage(stage, isVector, rewrite));
    return [...code, this.#walk(axis, changes, every, isMap ? rootsOf(this.#nest) : [], whole)];
  }

  /** for (axis = from; axis < to; axis += step), or the part of it that is this call's */
  #count(axis: Axis, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    if (axis === this.#share?.axis) return this.#countShare(this.#share, from, to, step, changes, body);
    const local = this.#emitter.writer.local('i32');
    this.#emitter.bindAxis(axis, local);
    const start = set(local, i32(from));
    if (to - from <= step) return [start, this.#emitter.loop([axis, ...changes], body, (code) => code)];
    return [start, this.#emitter.loop([axis, ...changes], body, (code) => countUp(local, i32(to), step, code))];
  }

  /** As `#count`, for the part of [from, to) that lies in the share: both its ends move up to the next turn, so that shares meet. */
  #countShare({ axis, first, last }: Share, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    const { writer } = this.#emitter;
    const [local, end] = [writer.local('i32'), writer.local('i32')];
    this.#emitter.bindAxis(axis, local);
    // units are whole numbers of turns, unless a cut moved the first turn off their grid
    const atTurn = (element: Local): Code =>
      from % step === 0 ? get(element) : op('i32.add', op('i32.and', op('i32.add', get(element), i32(step - 1 - from)), i32(-step)), i32(from));
    const start = [
      set(local, atTurn(first)),
      from > 0 ? set(local, op('select', get(local), i32(from), op('i32.gt_s', get(local), i32(from)))) : [],
      set(end, atTurn(last)),
      set(end, op('select', get(end), i32(to), op('i32.lt_s', get(end), i32(to)))),
    ];
    const isDue = op('i32.lt_s', get(local), get(end));
    return [start, this.#emitter.loop([axis, ...changes], body, (code) => when(isDue, to - from <= step ? code : countUp(local, get(end), step, code)))];
  }

  /**
   * Walks an axis in fours, then the rest one by one. Where guards among `roots` change along the axis at constant places, the walk is cut
   * there, so that no guard is tested inside.
   */
  #walk(axis: Axis, changes: readonly Accumulator[], body: WalkBody, roots: readonly Expression[], start = 0): Code {
    const cuts = cutsAlong(axis, roots, start);
    const parts: Code[] = [];
    cuts.slice(0, -1).forEach((from, i) => {
      const to = cuts[i + 1] as number;
      const rewrite = cuts.length > 2 ? this.#decideGuards(axis, from, to) : (e: Expression) => e;
      const wide = from + Math.floor((to - from) / 4) * 4;
      if (wide > from) {
        this.#emitter.vectorAxis = axis;
        parts.push(this.#count(axis, from, wide, 4, changes, () => body(true, rewrite)));
        this.#emitter.vectorAxis = null;
      }
      if (wide < to) {
        parts.push(this.#count(axis, wide, to, 1, changes, () => body(false, rewrite)));
      }
    });
    return parts;
  }

  #decideGuards(axis: Axis, from: number, to: number): (e: Expression) => Expression {
    const { expression } = mapExpression(along, {
      keepAccumulators: true,
      guards: (bounds) => {
        const left: Bound[] = [];
        for (const bound of bounds) {
          const range = simpleRange(bound.position, axis);
          if (!range) {
            left.push(bound);
            continue;
          }
          const [low, high] = range(from, to - 1);
          if (low >= bound.low && high < bound.high) continue;
          if (high < bound.low || low >= bound.high) return false;
          left.push(bound);
        }
        return left.length === 0 ? true : left;
      },
    });
    return (root) => {
      const result = expression(root);
      this.#emitter.count([result]);
      return result;
    };
  }

  #stage(stage: Stage, isVector: boolean, rewrite: (e: Expression) => Expression): Code {
    if (stage.accumulators.length === 0 && stage.loop.length === 0) return this.#stores(stage.stores, isVector, rewrite);
    const lanes = this.#vectorized === 'loop' && stage.loop.length > 0;
    const code: Code[] = [];
    const locals = stage.accumulators.map((accumulator) => {
      const local = this.#emitter.writer.local(isVector ? 'v128' : valueType(accumulator.type));
      code.push(set(local, isVector ? this.#emitter.vector(accumulator.start) : this.#emitter.scalar(accumulator.start)));
      return local;
    });
    stage.accumulators.forEach((accumulator, i) => this.#emitter.bindAccumulator(accumulator, locals[i] as Local, isVector));
    if (lanes) code.push(this.#lanesLoop(stage, locals));
    else code.push(this.#turns(stage, 0, isVector, locals));
    return code;
  }

  /** The loop of a stage, whole elements or lanes along the grid. */
  #turns(stage: Stage, depth: number, isVector: boolean, locals: readonly Local[]): Code {
    const axis = stage.loop[depth];
    if (!axis) return this.#turn(stage, isVector, locals, (e) => e);
    return this.#count(axis, 0, axis.extent, 1, stage.accumulators, () => this.#turns(stage, depth + 1, isVector, locals));
  }

  /**
   * The loop of a stage whose last axis lies across the lanes: partial results in vectors, joined when the fours are done. A long axis is walked
   * several fours at a time, each with partial results of its own.
   */
  #lanesLoop(stage: Stage, locals: readonly Local[]): Code {
    const { accumulators, loop } = stage;
    const emitter = this.#emitter;
    const inner = loop[loop.length - 1] as Axis;
    const roots = rootsOfStage(stage);
    const isLong = inner.extent >= UNROLL * 16 && expressionsOf(roots).length <= UNROLL_LIMIT && cutsAlong(inner, roots, 0).length === 2;
    const whole = isLong ? inner.extent - (inner.extent % (UNROLL * 4)) : 0;
    const [wide] = isLong ? unroll([stage], inner, UNROLL) : [stage];
    const partial = (wide as Stage).accumulators.map((accumulator) => ({ accumulator, local: emitter.writer.local('v128') }));
    const start = partial.map(({ accumulator, local }) => set(local, literalVector(accumulator.type, identity(accumulator))));
    const vectors = partial.map(({ local }) => local);
    const bind = (of: readonly Accumulator[], to: readonly Local[], isVector: boolean): void =>
      of.forEach((accumulator, i) => emitter.bindAccumulator(accumulator, to[i] as Local, isVector));

    const wideWalk = (): Code => {
      const unrolled = wide as Stage;
      emitter.count(rootsOfStage(unrolled));
      bind(unrolled.accumulators, vectors, true);
      emitter.vectorAxis = inner;
      const code = this.#count(inner, 0, whole, UNROLL * 4, unrolled.accumulators, () => this.#turn(unrolled, true, vectors, (e) => e));
      emitter.vectorAxis = null;
      return code;
    };
    const walk = (depth: number): Code => {
      const axis = loop[depth] as Axis;
      if (axis !== inner) return this.#count(axis, 0, axis.extent, 1, [...accumulators, ...(wide as Stage).accumulators], () => walk(depth + 1));
      const rest = (): Code =>
        this.#walk(axis, accumulators, (isVector, rewrite) => {
          bind(accumulators, isVector ? vectors : locals, isVector);
          return this.#turn(stage, isVector, isVector ? vectors.slice(0, accumulators.length) : locals, rewrite);
        }, roots, whole);
      return [whole > 0 ? wideWalk() : [], whole < axis.extent ? rest() : []];
    };
    const body = walk(0);
    bind(accumulators, locals, false);
    const joined = accumulators.map((accumulator, i) => {
      const own = vectors.filter((_, v) => v % accumulators.length === i);
      const [first, ...others] = own as [Local, ...Local[]];
      const { join, type } = accumulator;
      const gathered = others.map((other) => set(first, vectorOperation(join as Join, type, type, [get(first), get(other)])));
      return [gathered, set(locals[i] as Local, joinLanes(accumulator, first, locals[i] as Local, emitter))];
    });
    return [...start, body, ...joined];
  }

  /** One turn: new values of all accumulators from the old ones, then the stores. */
  #turn(stage: Stage, isVector: boolean, locals: readonly Local[], rewrite: (e: Expression) => Expression): Code {
    const emitter = this.#emitter;
    const update = (): Code => {
      const values = stage.accumulators.map((accumulator, i) => {
        const next = rewrite(accumulator.next);
        if (!accumulator.join) return isVector ? emitter.vector(next) : emitter.scalar(next);
        const operation = accumulator.join;
        const old = get(locals[i] as Local);
        if (isVector) return vectorOperation(operation, accumulator.type, accumulator.type, [old, emitter.vector(next)]);
        return scalarOperation(operation, accumulator.type, accumulator.type, [old, emitter.scalar(next)], emitter.writer);
      });
      // all values are on the stack before the first is set, so that each saw the old ones
      return [...values, ...[...locals].reverse().map((local) => set(local, []))];
    };
    if (stage.stores.length === 0) return update();
    // where stores read running accumulators, what the update made of the old ones is not theirs
    return [stage.accumulators.length > 0 && stage.ordered ? emitter.branch(update) : update(), this.#stores(stage.stores, isVector, rewrite)];
  }

  #stores(stores: readonly Store[], isVector: boolean, rewrite: (e: Expression) => Expression): Code {
    // all values before the first store: an output may take the place of an input that another output reads
    const emitter = this.#emitter;
    const values = stores.map(({ value, storage }) => {
      const local = emitter.writer.local(isVector ? 'v128' : valueType(storage.type));
      const result = rewrite(value);
      return { local, code: set(local, isVector ? this.#words(result) : emitter.scalar(result)) };
    });
    return [...values.map(({ code }) => code), ...stores.map((target, i) => this.#store(target, (values[i] as { local: Local }).local, isVector))];
  }

  /** Four elements as they lie in memory: a mask becomes zeros and ones. */
  #words(value: Expression): Code {
    const vector = this.#emitter.vector(value);
    return value.type === 'bool' ? op('v128.and', vector, literalVector('int32', 1)) : vector;
  }

  #store({ storage, position }: Store, value: Local, isVector: boolean): Code {
    const { code, offset } = this.#emitter.address(storage, position);
    if (!isVector) return store(valueType(storage.type), code, get(value), offset);
    const stride = coefficientOf(position, this.#emitter.vectorAxis as Axis);
    if (stride === 1) return store('v128', code, get(value), offset);
    const address = this.#emitter.writer.local('i32');
    const lane = (i: number): Code => storeLane(op('i32.add', get(address), i32(4 * stride * i)), get(value), i, offset);
    return [set(address, code), [0, 1, 2, 3].map(lane)];
  }
}

/** What leaves a partial result as it is. */
function identity({ join, type }: Accumulator): number {
  const least = type === 'float32' ? -Infinity : -0x80000000;
  const greatest = type === 'float32' ? Infinity : 0x7fffffff;
  const values: Readonly<Record<Join, number>> = { add: 0, or: 0, mul: 1, and: 1, min: greatest, max: least };
  return values[join as Join];
}

/** A scalar joined with the four lanes of a vector, always in the same order. */
function joinLanes({ join, type }: Accumulator, vector: Local, scalar: Local, emitter: Emitter): Code {
  const word = valueType(type);
  const half = emitter.writer.local('v128');
  const operation = join as Join;
  const pairs = vectorOperation(operation, type, type, [get(vector), shuffle(get(vector), get(vector), [2, 3, 0, 1])]);
  const lane = (i: number): Code => {
    const value = extractLane(word, get(half), i);
    return type === 'bool' ? op('i32.and', value, i32(1)) : value;
  };
  const both = scalarOperation(operation, type, type, [lane(0), lane(1)], emitter.writer);
  return [set(half, pairs), scalarOperation(operation, type, type, [get(scalar), both], emitter.writer)];
}
