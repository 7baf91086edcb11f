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
  const block = vectorized !== 'grid' || nest.grid.length > 1 ? 1 : nest.stages.some((stage) => stage.loop.length > 0) ? WIDE : MAP_BLOCK;
  const units = axis ? Math.ceil(axis.extent / block) : 1;
  const [from, to] = [storages.length, storages.length + 1];
  const share = axis && units > 1 ? { axis, block, first: block > 1 ? writer.local('i32') : from, last: block > 1 ? writer.local('i32') : to } : null;
  const start = share && block > 1 ? [set(share.first, op('i32.mul', get(from), i32(block))), set(share.last, op('i32.mul', get(to), i32(block)))] : [];
  return { index: module.add(writer, [start, new NestPrinter(nest, emitter, vectorized, share).print()]), storages, units, scratchBytes: 0 };
}

const same = (expression: Expression): Expression => expression;

class NestPrinter {
  readonly #nest: Nest;
  readonly #emitter: Emitter;
  readonly #vectorized: Vectorized;
  readonly #share: Share | null;
  /** Leaves out the guards that are decided in the part of a walk that is printed. */
  #rewrite = same;

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
    const { grid, stages } = this.#nest;
    const axis = grid[depth];
    if (!axis) return this.#stages(stages);
    if (this.#vectorized === 'grid' && depth === grid.length - 1) return this.#walkGrid(axis);
    return this.#count(axis, 0, axis.extent, 1, accumulatorsOf(stages), () => this.#grid(depth + 1));
  }

  #stages(stages: readonly Stage[]): Code {
    return stages.map((stage) => this.#stage(stage));
  }

  /**
   * The last axis of the grid in fours. Where stages loop, several fours are done at once: their sums do not wait for each other, and a line of
   * the cache is used whole.
   */
  #walkGrid(axis: Axis): Code {
    const { stages } = this.#nest;
    const roots = rootsOf(this.#nest);
    const isMap = stages.length === 1 && stages[0]?.loop.length === 0;
    const whole = stages.some((stage) => stage.loop.length > 0) ? wideExtent(axis, roots) : 0;
    const code: Code[] = [];
    if (whole > 0) {
      const unrolled = this.#unroll(stages, axis);
      code.push(this.#fours(axis, 0, whole, WIDE, accumulatorsOf(unrolled), () => this.#stages(unrolled)));
    }
    return [...code, this.#walk(axis, accumulatorsOf(stages), () => this.#stages(stages), isMap ? roots : [], whole)];
  }

  #unroll(stages: readonly Stage[], axis: Axis): Stage[] {
    const unrolled = unroll(stages, axis);
    this.#emitter.count(rootsOf({ stages: unrolled }));
    return unrolled;
  }

  /** for (axis = from; axis < to; axis += step); of the axis that is shared the part that is this call's: both its ends move up to the next turn, so that shares meet. */
  #count(axis: Axis, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    const { writer } = this.#emitter;
    const share = axis === this.#share?.axis ? this.#share : null;
    const local = writer.local('i32');
    const end = share && writer.local('i32');
    this.#emitter.bindAxis(axis, local);
    // units are whole numbers of turns, unless a cut moved the first turn off their grid
    const atTurn = (element: Local): Code =>
      from % step === 0 ? get(element) : op('i32.add', op('i32.and', op('i32.add', get(element), i32(step - 1 - from)), i32(-step)), i32(from));
    const start =
      share && end !== null
        ? [
            set(local, atTurn(share.first)),
            from > 0 ? set(local, op('select', get(local), i32(from), op('i32.gt_s', get(local), i32(from)))) : [],
            set(end, atTurn(share.last)),
            set(end, atMost(get(end), to)),
          ]
        : set(local, i32(from));
    const limit = end === null ? i32(to) : get(end);
    const turns = (code: Code): Code => (to - from <= step ? code : countUp(local, limit, step, code));
    return [start, this.#emitter.loop([axis, ...changes], body, (code) => (share ? when(op('i32.lt_s', get(local), limit), turns(code)) : turns(code)))];
  }

  /** As `#count`, with an axis along the lanes. */
  #fours(axis: Axis, from: number, to: number, step: number, changes: readonly Accumulator[], body: () => Code): Code {
    this.#emitter.vectorAxis = axis;
    const code = this.#count(axis, from, to, step, changes, body);
    this.#emitter.vectorAxis = null;
    return code;
  }

  /**
   * Walks an axis in fours, then the rest one by one. Where guards among `roots` change along the axis at constant places, the walk is cut
   * there, so that no guard is tested inside.
   */
  #walk(axis: Axis, changes: readonly Accumulator[], body: () => Code, roots: readonly Expression[], start: number): Code {
    const cuts = cutsAlong(axis, roots, start);
    const parts = cuts.slice(1).map((to, i) => {
      const from = cuts[i] as number;
      const wide = from + Math.floor((to - from) / 4) * 4;
      if (cuts.length > 2) this.#rewrite = this.#decideGuards(axis, from, to);
      return [wide > from ? this.#fours(axis, from, wide, 4, changes, body) : [], wide < to ? this.#count(axis, wide, to, 1, changes, body) : []];
    });
    this.#rewrite = same;
    return parts;
  }

  /** Decides guards that are the same from `from` to `to`. */
  #decideGuards(axis: Axis, from: number, to: number): (e: Expression) => Expression {
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
      this.#emitter.count([result]);
      return result;
    };
  }

  #stage(stage: Stage): Code {
    const { accumulators, loop, stores } = stage;
    if (accumulators.length === 0 && loop.length === 0) return this.#stores(stores);
    const emitter = this.#emitter;
    const starts: Code[] = [];
    const locals = accumulators.map(({ type, start }) => {
      const local = emitter.writer.local(emitter.isVector ? 'v128' : valueType(type));
      starts.push(set(local, emitter.value(start)));
      return local;
    });
    return [starts, this.#vectorized === 'loop' && loop.length > 0 ? this.#lanesLoop(stage, locals) : this.#turns(stage, 0, locals)];
  }

  /** The loop of a stage, whole elements or lanes along the grid. */
  #turns(stage: Stage, depth: number, locals: readonly Local[]): Code {
    const axis = stage.loop[depth];
    if (!axis) return this.#turn(stage, locals);
    return this.#count(axis, 0, axis.extent, 1, stage.accumulators, () => this.#turns(stage, depth + 1, locals));
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
    const isLong = inner.extent >= 4 * WIDE && cutsAlong(inner, roots, 0).length === 2;
    const whole = isLong ? wideExtent(inner, roots) : 0;
    const [wide] = (whole > 0 ? this.#unroll([stage], inner) : [stage]) as [Stage];
    const vectors = wide.accumulators.map(() => emitter.writer.local('v128'));
    const start = wide.accumulators.map((accumulator, i) => set(vectors[i] as Local, literalVector(accumulator.type, identity(accumulator))));
    const walk = (depth: number): Code => {
      const axis = loop[depth] as Axis;
      if (axis !== inner) return this.#count(axis, 0, axis.extent, 1, [...accumulators, ...wide.accumulators], () => walk(depth + 1));
      return [
        whole > 0 ? this.#fours(axis, 0, whole, WIDE, wide.accumulators, () => this.#turn(wide, vectors)) : [],
        this.#walk(axis, accumulators, () => this.#turn(stage, emitter.isVector ? vectors : locals), roots, whole),
      ];
    };
    const body = walk(0);
    this.#bind(accumulators, locals);
    const joined = accumulators.map((accumulator, i) => {
      const [first, ...others] = vectors.filter((_, v) => v % accumulators.length === i) as [Local, ...Local[]];
      const { join, type } = accumulator;
      const gathered = others.map((other) => set(first, vectorOperation(join as Join, type, type, [get(first), get(other)])));
      return [gathered, set(locals[i] as Local, joinLanes(accumulator, first, locals[i] as Local, emitter.writer))];
    });
    return [...start, body, ...joined];
  }

  #bind(accumulators: readonly Accumulator[], locals: readonly Local[]): void {
    accumulators.forEach((accumulator, i) => this.#emitter.bindAccumulator(accumulator, locals[i] as Local));
  }

  /** One turn: new values of all accumulators from the old ones, then the stores. */
  #turn({ accumulators, stores, ordered }: Stage, locals: readonly Local[]): Code {
    const emitter = this.#emitter;
    this.#bind(accumulators, locals);
    const update = (): Code => {
      const values = accumulators.map(({ next, join, type }, i) => {
        const old = get(locals[i] as Local);
        const value = emitter.value(this.#rewrite(next));
        if (!join) return value;
        return emitter.isVector ? vectorOperation(join, type, type, [old, value]) : scalarOperation(join, type, type, [old, value], emitter.writer);
      });
      // all values are on the stack before the first is set, so that each saw the old ones
      return [...values, ...locals.slice(0, accumulators.length).reverse().map((local) => set(local, []))];
    };
    if (stores.length === 0) return update();
    // where stores read running accumulators, what the update made of the old ones is not theirs
    return [accumulators.length > 0 && ordered ? emitter.branch(update) : update(), this.#stores(stores)];
  }

  #stores(stores: readonly Store[]): Code {
    // all values before the first store: an output may take the place of an input that another output reads
    const emitter = this.#emitter;
    const values = stores.map(({ value, storage: { type } }) => {
      const local = emitter.writer.local(emitter.isVector ? 'v128' : valueType(type));
      const words = emitter.value(this.#rewrite(value));
      // as it lies in memory, a mask is zeros and ones
      return { local, code: set(local, emitter.isVector && type === 'bool' ? op('v128.and', words, literalVector('int32', 1)) : words) };
    });
    return [...values.map(({ code }) => code), ...stores.map((target, i) => this.#store(target, (values[i] as { local: Local }).local))];
  }

  #store({ storage, position }: Store, value: Local): Code {
    const { vectorAxis, writer } = this.#emitter;
    const { code, offset } = this.#emitter.address(storage, position);
    if (!vectorAxis) return store(valueType(storage.type), code, get(value), offset);
    const stride = coefficientOf(position, vectorAxis);
    if (stride === 1) return store('v128', code, get(value), offset);
    const address = writer.local('i32');
    const lane = (i: number): Code => storeLane(op('i32.add', get(address), i32(4 * stride * i)), get(value), i, offset);
    return [set(address, code), [0, 1, 2, 3].map(lane)];
  }
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
