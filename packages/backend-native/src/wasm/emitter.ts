/**
 * Prints scalar expressions as instructions, one element at a time or four (a *vector* along one axis). Shared nodes get locals, and what a
 * loop does not change is computed in front of it: V8 does not move it there itself.
 *
 * Regions nest: a loop is a region with a place in front of it (`before`); a branch is a region from which loads may not leave, since they may
 * be out of range outside. A node is computed in the outermost region that it does not depend on, and remembered there. Code is made in the
 * order in which it runs, so that a local is set before it is read.
 */
import { internalError } from '@weftjs/graph';
import type { Bound, Expression, ScalarType, Storage } from '../kernel/expression.ts';
import type { Accumulator } from '../kernel/nest.ts';
import { along, plus, rangeOf, type Axis, type Position, type Term } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import { callFunction, choose, extractLane, get, i32, lanesOf, load, loadLane, op, replaceLane, set, tee, type Code, type Local, type ValueType } from './code.ts';
import { Facts, MEMORY, meet, type Dependencies, type Variable } from './facts.ts';
import { isVectorOperation, literalScalar, literalVector, scalarOperation, splat, valueType, vectorOperation } from './operations.ts';
import type { FunctionWriter, ModuleWriter } from './module.ts';

/** Index of the library function of a name, scalar or vector. */
export type LibraryIndex = (name: string, isVector: boolean) => number;

interface Region {
  readonly parent: Region | null;
  /** Loops: what each turn changes. Branches: null. */
  readonly changes: Dependencies | null;
  readonly before: Code[];
  /** What was computed here: elements by expression and positions by key, and vectors. */
  readonly words: Map<Expression | string, Local>;
  readonly vectors: Map<Expression | string, Local>;
}

const makeRegion = (parent: Region | null, changes: Dependencies | null): Region => ({ parent, changes, before: [], words: new Map(), vectors: new Map() });

export interface EmitterOptions {
  readonly module: ModuleWriter;
  readonly writer: FunctionWriter;
  readonly library: LibraryIndex;
  /** Locals that hold the addresses of storages. */
  readonly bases?: ReadonlyMap<Storage, Local>;
}

export class Emitter {
  readonly writer: FunctionWriter;
  /** What differs from lane to lane, while vectors are printed; null: single elements are. */
  vectorAxis: Axis | null = null;
  readonly #options: EmitterOptions;
  readonly #axes = new Map<Axis, Local>();
  readonly #accumulators = new Map<Variable, { local: Local; isVector: boolean }>();
  readonly #facts = new Facts();
  #region = makeRegion(null, null);
  #lane = 0;

  constructor(options: EmitterOptions) {
    this.writer = options.writer;
    this.#options = options;
  }

  get isVector(): boolean {
    return this.vectorAxis !== null;
  }

  /** Counts how often each node is used, before anything of it is printed. */
  count(roots: readonly Expression[]): void {
    this.#facts.count(roots);
  }

  bindAxis(axis: Axis, local: Local): void {
    this.#axes.set(axis, local);
  }

  bindAccumulator(accumulator: Accumulator, local: Local): void {
    this.#accumulators.set(accumulator, { local, isVector: this.isVector });
  }

  /** Prints a loop: `body` inside a region that changes `changes`; `around` puts the loop around it. */
  loop(changes: readonly Variable[], body: () => Code, around: (body: Code) => Code): Code {
    const region = makeRegion(this.#region, new Set(changes));
    const inner = this.#inside(region, body);
    return [...region.before, around(inner)];
  }

  #inside(region: Region, body: () => Code): Code {
    const outer = this.#region;
    this.#region = region;
    const code = body();
    this.#region = outer;
    return code;
  }

  /** A block whose remembered locals are not to be used after it: code that may not run. */
  branch(body: () => Code): Code {
    return this.#inside(makeRegion(this.#region, null), body);
  }

  /** Whether any of these is an accumulator that is a vector. */
  #haveVector(dependencies: Dependencies): boolean {
    for (const variable of dependencies) if (this.#accumulators.get(variable)?.isVector) return true;
    return false;
  }

  /** Whether what depends on these differs from lane to lane. */
  #areVectorial(dependencies: Dependencies): boolean {
    return dependencies.has(this.vectorAxis as Axis) || this.#haveVector(dependencies);
  }

  // ---- where it is computed

  #place(key: Expression | string, type: ValueType, dependencies: Dependencies, isShared: boolean, build: () => Code): Code {
    const memory = type === 'v128' ? 'vectors' : 'words';
    for (let region: Region | null = this.#region; region; region = region.parent) {
      const local = region[memory].get(key);
      if (local !== undefined) return get(local);
    }
    let out: Region | null = null;
    for (let region: Region = this.#region; region.parent; region = region.parent) {
      if (region.changes) {
        if (meet(dependencies, region.changes)) break;
        out = region;
      } else if (dependencies.has(MEMORY)) break;
    }
    const home = out?.parent ?? this.#region;
    const code = this.#inside(home, build);
    if (!out && !isShared) return code;
    const local = this.writer.local(type);
    home[memory].set(key, local);
    if (!out) return tee(local, code);
    out.before.push(set(local, code));
    return get(local);
  }

  // ---- positions

  /** scale · Σ terms, plus the address of a storage; what the innermost loop does not change is computed in front of it. */
  #sum(terms: readonly Term[], scale: number, storage: Storage | null): Code {
    let loop: Region | null = this.#region;
    while (loop && !loop.changes) loop = loop.parent;
    const isInner = ({ atom }: Term): boolean => {
      const dependencies = this.#facts.ofAtom(atom);
      return !loop || meet(dependencies, loop.changes as Dependencies) || (this.#region !== loop && dependencies.has(MEMORY));
    };
    const inner = terms.filter(isInner);
    const outer = terms.filter((term) => !isInner(term));
    const place = (key: string, of: readonly Term[], build: () => Code): Code => this.#place(key, 'i32', this.#facts.ofPosition({ terms: of }), true, build);
    const parts: Code[] = [];
    if (outer.length > 0) parts.push(place(`${storage ? storage.id : ''}|${scale}${keyOf(outer)}`, outer, () => this.#sum(outer, scale, storage)));
    else if (storage) parts.push(get(this.#options.bases?.get(storage) as Local));
    const direct = (): Code => total(inner.map((term) => multiplied(this.#atom(term), term.coefficient * scale)));
    if (inner.length > 0) {
      const isPlain = inner.length === 1 && inner[0]?.atom.kind === 'axis' && inner[0].coefficient * scale === 1;
      parts.push(isPlain ? direct() : place(`=${scale}${keyOf(inner)}`, inner, direct));
    }
    return total(parts);
  }

  #atom({ atom, key }: Term): Code {
    if (atom.kind === 'axis') return get(this.#axes.get(atom.axis) as Local);
    if (atom.kind === 'value') return this.value(atom.value, false);
    const { of, by } = atom;
    return this.#place(key, 'i32', this.#facts.ofPosition(of), true, () => {
      const power = Math.log2(by);
      if (Number.isInteger(power)) {
        return atom.kind === 'quotient' ? op('i32.shr_s', this.position(of), i32(power)) : op('i32.and', this.position(of), i32(by - 1));
      }
      // unsigned division needs a dividend that is not negative: add a multiple of the divisor, and take it off the quotient
      const lift = Math.ceil(Math.max(0, -rangeOf(of)[0]) / by);
      const dividend = this.position(plus(of, lift * by));
      if (atom.kind === 'remainder') return op('i32.rem_u', dividend, i32(by));
      const quotient = op('i32.div_u', dividend, i32(by));
      return lift > 0 ? op('i32.sub', quotient, i32(lift)) : quotient;
    });
  }

  /** A position as an i32. */
  position({ offset, terms }: Position): Code {
    if (terms.length === 0) return i32(offset);
    const sum = this.#sum(terms, 1, null);
    return offset === 0 ? sum : op('i32.add', sum, i32(offset));
  }

  /** The address of an element: code, and a constant to be added by the instruction. */
  address(storage: Storage, { offset, terms }: Position): { code: Code; offset: number } {
    const code = this.#sum(terms, 4, storage);
    // the instruction adds its constant without wrapping, so the rest must be an address of its own
    const canFold = offset >= 0 && terms.every(({ coefficient, atom }) => coefficient > 0 && (atom.kind === 'axis' || atom.kind === 'value'));
    return canFold ? { code, offset: offset * 4 } : { code: op('i32.add', code, i32(offset * 4)), offset: 0 };
  }

  #bounds(bounds: readonly Bound[]): Code {
    return bounds.map(({ position, low, high }) => op('i32.lt_u', this.position(plus(position, -low)), i32(high - low))).reduce((all, bound) => op('i32.and', all, bound));
  }

  // ---- expressions

  /** Code that pushes four elements along the vector axis, or one. */
  value(expression: Expression, isVector = this.isVector): Code {
    const { kind, type } = expression;
    if (kind === 'literal') {
      const { value } = expression;
      if (!isVector) return literalScalar(type, value);
      const literal = literalVector(type, value);
      return value === 0 ? literal : this.#options.module.constant(literal);
    }
    if (kind === 'parameter') return get(expression.index);
    if (kind === 'accumulator') {
      const { local, isVector: hasLanes } = this.#accumulators.get(expression.accumulator) as { local: Local; isVector: boolean };
      if (hasLanes === isVector) return get(local);
      if (hasLanes) return laneOf(type, local, this.#lane);
    }
    const dependencies = this.#facts.ofExpression(expression);
    const build = (): Code => (isVector && !this.#areVectorial(dependencies) ? splat(type, this.value(expression, false)) : this.#code(expression, isVector));
    // a lane of a vector is not the same in another lane
    if (!isVector && this.#haveVector(dependencies)) return build();
    return this.#place(expression, isVector ? 'v128' : valueType(type), dependencies, this.#facts.isShared(expression), build);
  }

  #code(expression: Expression, isVector: boolean): Code {
    const value = (of: Expression): Code => this.value(of, isVector);
    switch (expression.kind) {
      case 'load':
      case 'index': {
        if (isVector) return this.#vector(expression);
        if (expression.kind === 'index') return this.position(expression.position);
        const { code, offset } = this.address(expression.storage, expression.position);
        return load(valueType(expression.type), code, offset);
      }
      case 'apply':
        return this.#apply(expression, isVector);
      case 'call':
        return callFunction(this.#options.library(expression.name, isVector), ...expression.operands.map(value));
      case 'guard': {
        const { bounds, type } = expression;
        if (isVector && bounds.some(({ position }) => this.#facts.ofPosition(position).has(this.vectorAxis as Axis))) return this.#lanes(expression);
        const condition = this.#bounds(bounds);
        const [inside, outside] = [expression.inside, expression.outside].map((side) => this.branch(() => value(side))) as [Code, Code];
        return choose(isVector ? 'v128' : valueType(type), condition, inside, outside);
      }
      default:
        throw internalError(`${expression.kind} is not computed`);
    }
  }

  #apply({ operation, operands, type }: Expression & { kind: 'apply' }, isVector: boolean): Code {
    const value = (operand: Expression): Code => this.value(operand, isVector);
    const [first, second] = operands as readonly [Expression, Expression];
    const from = operation === 'select' ? second.type : first.type;
    if (!isVector) return scalarOperation(operation, type, from, inOrderOfRunning(operation, operands, value), this.writer);
    if ((operation === 'min' || operation === 'max') && from === 'float32' && second.kind === 'literal' && second.value !== 0) {
      // one instruction of the processor, which gives the first operand where it is not a number
      return op(`f32x4.p${operation}`, value(first), value(second));
    }
    if (isVectorOperation(operation, from)) return vectorOperation(operation, type, from, inOrderOfRunning(operation, operands, value));
    if (operation !== 'divide' && !this.#areVectorial(this.#facts.ofExpression(second))) {
      return vectorOperation(operation, type, from, [value(first), this.value(second, false)]);
    }
    const locals = operands.map((operand) => {
      const local = this.writer.local('v128');
      return { local, code: set(local, value(operand)) };
    });
    const word = valueType(from);
    const lane = (i: number): Code => scalarOperation(operation, type, from, locals.map(({ local }) => extractLane(word, get(local), i)), this.writer);
    const result = [1, 2, 3].reduce<Code>((vector, i) => replaceLane(word, vector, i, lane(i)), splat(type, lane(0)));
    return [...locals.map(({ code }) => code), result];
  }

  /** The coefficient of the vector axis; null where it is inside a quotient, a remainder or a computed value. */
  #strideOf({ terms }: Position): number | null {
    let stride = 0;
    for (const { atom, coefficient } of terms) {
      if (atom.kind === 'axis') stride += atom.axis === this.vectorAxis ? coefficient : 0;
      else if (this.#areVectorial(this.#facts.ofAtom(atom))) return null;
    }
    return stride;
  }

  /** Four elements of a storage, or four positions. */
  #vector(expression: Expression & { kind: 'load' | 'index' }): Code {
    const { kind, position } = expression;
    const stride = this.#strideOf(position);
    if (stride === null) return this.#lanes(expression);
    if (kind === 'index') return op('i32x4.add', op('i32x4.splat', this.position(position)), lanesOf([0, stride, 2 * stride, 3 * stride], 'i32'));
    const { storage, type } = expression;
    const { code, offset } = this.address(storage, stride < 0 ? plus(position, 3 * stride) : position);
    const asMask = (words: Code): Code => (type === 'bool' ? op('i32x4.ne', words, literalVector('int32', 0)) : words);
    if (stride === 1) return asMask(load('v128', code, offset));
    const start = this.writer.local('i32');
    const lane = (i: number): number => offset + 4 * Math.abs(stride) * (stride < 0 ? 3 - i : i);
    const gathered = [1, 2, 3].reduce<Code>((vector, i) => loadLane(get(start), vector, i, lane(i)), load('splat', get(start), lane(0)));
    // lanes are nested: the innermost address is read last, all are the same local
    return asMask([set(start, code), gathered]);
  }

  /** A vector computed lane by lane. */
  #lanes(expression: Expression): Code {
    const axis = this.vectorAxis as Axis;
    const word = valueType(expression.type);
    const vector = this.writer.local('v128');
    const outer = this.#lane;
    const code = [0, 1, 2, 3].map((i) => {
      const { expression: shifted } = mapExpression((a) => (a === axis ? plus(along(a), i) : along(a)), { keepAccumulators: true });
      const element = shifted(expression);
      this.count([element]);
      this.#lane = i;
      const value = this.branch(() => this.value(element, false));
      const signed = expression.type === 'bool' ? op('i32.sub', i32(0), value) : value;
      return set(vector, i === 0 ? op(`${word}x4.splat`, signed) : replaceLane(word, get(vector), i, signed));
    });
    this.#lane = outer;
    return [...code, get(vector)];
  }
}

/** A lane of a vector as a scalar. */
export function laneOf(type: ScalarType, vector: Local, lane: number): Code {
  const word = extractLane(valueType(type), get(vector), lane);
  return type === 'bool' ? op('i32.and', word, i32(1)) : word;
}

const keyOf = (terms: readonly Term[]): string => terms.map(({ coefficient, key }) => `+${coefficient}${key}`).join('');

const total = (parts: readonly Code[]): Code => (parts.length === 0 ? i32(0) : parts.reduce((sum, part) => op('i32.add', sum, part)));

function multiplied(value: Code, factor: number): Code {
  if (factor === 1) return value;
  const power = Math.log2(factor);
  return Number.isInteger(power) ? op('i32.shl', value, i32(power)) : op('i32.mul', value, i32(factor));
}

/** Prints operands in the order in which the instruction evaluates them: `select` takes its condition last. */
function inOrderOfRunning(operation: string, operands: readonly Expression[], print: (operand: Expression) => Code): Code[] {
  if (operation !== 'select') return operands.map(print);
  const [a, b] = operands.slice(1).map(print) as [Code, Code];
  return [print(operands[0] as Expression), a, b];
}
