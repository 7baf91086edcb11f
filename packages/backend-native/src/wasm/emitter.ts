/**
 * Prints scalar expressions as instructions, one element at a time or four (a *vector* along one axis). Shared nodes get locals, and what a
 * loop does not change is computed in front of it: V8 does not move it there itself.
 *
 * Regions nest: a loop is a region with a place in front of it (`before`); a branch is a region from which loads may not leave, since they may
 * be out of range outside. A node is computed in the outermost region that it does not depend on, and remembered there. Code is made in the
 * order in which it runs, so that a local is set before it is read.
 */
import { internalError } from '@weftjs/graph';
import type { Bound, Expression, Storage } from '../kernel/expression.ts';
import type { Accumulator } from '../kernel/nest.ts';
import { along, plus, rangeOf, type Axis, type Position, type Term } from '../kernel/position.ts';
import { mapExpression } from '../kernel/rewrite.ts';
import { callFunction, choose, extractLane, get, i32, lanesOf, load, loadLane, op, replaceLane, set, tee, type Code, type Local, type ValueType } from './code.ts';
import { Facts, meet, type Dependencies, type Variable } from './facts.ts';
import { isVectorOperation, literalScalar, literalVector, scalarOperation, splat, valueType, vectorOperation } from './operations.ts';
import type { FunctionWriter, ModuleWriter } from './module.ts';

/** Index of the library function of a name, scalar or vector. */
export type LibraryIndex = (name: string, isVector: boolean) => number;

interface Region {
  readonly parent: Region | null;
  /** Loops: what each turn changes. Branches: null. */
  readonly changes: ReadonlySet<Variable> | null;
  readonly before: Code[];
  readonly scalars: Map<Expression, Local>;
  readonly vectors: Map<Expression, Local>;
  readonly positions: Map<string, Local>;
}

const makeRegion = (parent: Region | null, changes: ReadonlySet<Variable> | null): Region => ({
  parent, changes, before: [], scalars: new Map(), vectors: new Map(), positions: new Map(),
});

type Memory = 'scalars' | 'vectors' | 'positions';
export interface EmitterOptions {
  readonly module: ModuleWriter;
  readonly writer: FunctionWriter;
  readonly library: LibraryIndex;
  /** Locals that hold the addresses of storages. */
  readonly bases?: ReadonlyMap<Storage, Local>;
  /** Library functions: the type of the parameters; they are the first locals. */
  readonly isVectorFunction?: boolean;
}

export class Emitter {
  readonly writer: FunctionWriter;
  /** The axis along which a vector's lanes lie, while vectors are printed. */
  vectorAxis: Axis | null = null;
  readonly #options: EmitterOptions;
  readonly #axes = new Map<Axis, Local>();
  readonly #accumulators = new Map<Accumulator, { local: Local; isVector: boolean }>();
  readonly #facts = new Facts();
  #region = makeRegion(null, null);
  #lane = 0;

  constructor(options: EmitterOptions) {
    this.writer = options.writer;
    this.#options = options;
  }

  /** Counts how often each node is used, before anything of it is printed. */
  count(roots: readonly Expression[]): void {
    this.#facts.count(roots);
  }

  bindAxis(axis: Axis, local: Local): void {
    this.#axes.set(axis, local);
  }

  bindAccumulator(accumulator: Accumulator, local: Local, isVector: boolean): void {
    this.#accumulators.set(accumulator, { local, isVector });
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

  #isVectorial(expression: Expression): boolean {
    if (this.#options.isVectorFunction) return this.#facts.usesParameter(expression);
    return this.#isVectorDependent(this.#facts.ofExpression(expression));
  }

  /** Whether a set holds the vector axis or an accumulator that is a vector. */
  #isVectorDependent(dependencies: Dependencies): boolean {
    for (const variable of dependencies) if (variable === this.vectorAxis || this.#accumulators.get(variable as Accumulator)?.isVector) return true;
    return false;
  }

  // ---- where it is computed

  #place(
    memory: Memory, key: Expression | string, dependencies: Dependencies, staysInBranch: boolean, type: ValueType, isShared: boolean, build: () => Code,
  ): Code {
    for (let region: Region | null = this.#region; region; region = region.parent) {
      const local = (region[memory] as Map<unknown, Local>).get(key);
      if (local !== undefined) return get(local);
    }
    let out: Region | null = null;
    for (let region: Region = this.#region; region.parent; region = region.parent) {
      if (region.changes) {
        if (meet(dependencies, region.changes)) break;
        out = region;
      } else if (staysInBranch) break;
    }
    if (out) {
      const home = out.parent as Region;
      const code = this.#inside(home, build);
      const local = this.writer.local(type);
      out.before.push(set(local, code));
      (home[memory] as Map<unknown, Local>).set(key, local);
      return get(local);
    }
    const code = build();
    if (!isShared) return code;
    const local = this.writer.local(type);
    (this.#region[memory] as Map<unknown, Local>).set(key, local);
    return tee(local, code);
  }

  #placeExpression(memory: 'scalars' | 'vectors', expression: Expression, type: ValueType, build: () => Code): Code {
    const loads = !this.#options.isVectorFunction && this.#facts.hasLoad(expression);
    return this.#place(memory, expression, this.#facts.ofExpression(expression), loads, type, this.#facts.isShared(expression), build);
  }

  // ---- positions

  #innermostLoop(): Region | null {
    let region: Region | null = this.#region;
    while (region && !region.changes) region = region.parent;
    return region;
  }

  /** scale · Σ terms, plus the address of a storage; what the innermost loop does not change is computed in front of it. */
  #sum(terms: readonly Term[], scale: number, storage: Storage | null): Code {
    const loop = this.#innermostLoop();
    const isLocal = (term: Term): boolean =>
      !loop || meet(this.#facts.ofAtom(term.atom), loop.changes as Dependencies) || (this.#region !== loop && this.#facts.readsMemory(term.atom));
    const inner = terms.filter(isLocal);
    const outer = terms.filter((term) => !isLocal(term));
    const parts: Code[] = [];
    if (outer.length > 0) {
      const key = `${storage ? storage.id : ''}|${scale}${keyOf(outer)}`;
      parts.push(this.#place('positions', key, this.#facts.ofPosition({ terms: outer }), false, 'i32', true, () => this.#sum(outer, scale, storage)));
    } else if (storage) parts.push(get(this.#options.bases?.get(storage) as Local));
    const direct = (): Code => {
      const products = inner.map((term) => multiplied(this.#atom(term), term.coefficient * scale));
      return products.length === 0 ? i32(0) : products.reduce((sum, product) => op('i32.add', sum, product));
    };
    if (inner.length > 0) {
      const isPlain = inner.length === 1 && inner[0]?.atom.kind === 'axis' && inner[0].coefficient * scale === 1;
      const reads = inner.some(({ atom }) => this.#facts.readsMemory(atom));
      parts.push(isPlain ? direct() : this.#place('positions', `=${scale}${keyOf(inner)}`, this.#facts.ofPosition({ terms: inner }), reads, 'i32', true, direct));
    }
    return parts.length === 0 ? i32(0) : parts.reduce((sum, part) => op('i32.add', sum, part));
  }

  #atom({ atom, key }: Term): Code {
    if (atom.kind === 'axis') return get(this.#axes.get(atom.axis) as Local);
    if (atom.kind === 'value') return this.scalar(atom.value);
    const { of, by } = atom;
    return this.#place('positions', key, this.#facts.ofPosition(of), this.#facts.readsMemory(atom), 'i32', true, () => {
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

  #bound({ position, low, high }: Bound): Code {
    const moved = this.position(plus(position, -low));
    return op('i32.lt_u', moved, i32(high - low));
  }

  #bounds(bounds: readonly Bound[]): Code {
    return bounds.map((bound) => this.#bound(bound)).reduce((all, bound) => op('i32.and', all, bound));
  }

  // ---- expressions

  /** Code that pushes one element. */
  scalar(expression: Expression): Code {
    switch (expression.kind) {
      case 'literal':
        return literalScalar(expression.type, expression.value);
      case 'parameter':
        return get(expression.index);
      case 'accumulator': {
        const { local, isVector } = this.#accumulators.get(expression.accumulator) as { local: Local; isVector: boolean };
        if (!isVector) return get(local);
        const lane = extractLane(valueType(expression.type), get(local), this.#lane);
        return expression.type === 'bool' ? op('i32.and', lane, i32(1)) : lane;
      }
      default: {
        // a lane of a vector is not the same in another lane
        if (!this.#options.isVectorFunction && this.#hasVectorAccumulator(expression)) return this.#scalarCode(expression);
        return this.#placeExpression('scalars', expression, valueType(expression.type), () => this.#scalarCode(expression));
      }
    }
  }

  #hasVectorAccumulator(expression: Expression): boolean {
    for (const variable of this.#facts.ofExpression(expression)) if (this.#accumulators.get(variable as Accumulator)?.isVector) return true;
    return false;
  }

  #scalarCode(expression: Expression): Code {
    switch (expression.kind) {
      case 'load': {
        const { code, offset } = this.address(expression.storage, expression.position);
        return load(valueType(expression.type), code, offset);
      }
      case 'index':
        return this.position(expression.position);
      case 'apply': {
        const operands = inOrderOfRunning(expression.operation, expression.operands, (operand) => this.scalar(operand));
        const from = expression.operands[expression.operation === 'select' ? 1 : 0]?.type ?? expression.type;
        return scalarOperation(expression.operation, expression.type, from, operands, this.writer);
      }
      case 'call':
        return callFunction(this.#options.library(expression.name, false), ...expression.operands.map((operand) => this.scalar(operand)));
      case 'guard': {
        const condition = this.#bounds(expression.bounds);
        const [inside, outside] = [expression.inside, expression.outside].map((side) => this.branch(() => this.scalar(side))) as [Code, Code];
        return choose(valueType(expression.type), condition, inside, outside);
      }
      default:
        throw internalError(`${expression.kind} is not computed`);
    }
  }

  #literal(type: Expression['type'], value: number): Code {
    const literal = literalVector(type, value);
    return value === 0 ? literal : this.#options.module.constant(literal);
  }

  /** Code that pushes four elements along the vector axis. */
  vector(expression: Expression): Code {
    if (expression.kind === 'literal') return this.#literal(expression.type, expression.value);
    if (expression.kind === 'parameter') return get(expression.index);
    if (expression.kind === 'accumulator') {
      const { local, isVector } = this.#accumulators.get(expression.accumulator) as { local: Local; isVector: boolean };
      if (isVector) return get(local);
    }
    const isVectorial = this.#isVectorial(expression);
    return this.#placeExpression('vectors', expression, 'v128', () =>
      isVectorial ? this.#vectorCode(expression) : splat(expression.type, this.scalar(expression)),
    );
  }

  #vectorCode(expression: Expression): Code {
    switch (expression.kind) {
      case 'load':
        return this.#vectorLoad(expression.storage, expression.position) ?? this.#lanes(expression);
      case 'index': {
        const step = this.#strideOf(expression.position);
        if (step === null) return this.#lanes(expression);
        return op('i32x4.add', op('i32x4.splat', this.position(expression.position)), lanesOf([0, step, 2 * step, 3 * step], 'i32'));
      }
      case 'apply':
        return this.#vectorApply(expression);
      case 'call':
        return callFunction(this.#options.library(expression.name, true), ...expression.operands.map((operand) => this.vector(operand)));
      case 'guard': {
        const varies = expression.bounds.some(({ position }) => this.#facts.ofPosition(position).has(this.vectorAxis as Axis));
        if (varies) return this.#lanes(expression);
        const condition = this.#bounds(expression.bounds);
        const [inside, outside] = [expression.inside, expression.outside].map((side) => this.branch(() => this.vector(side))) as [Code, Code];
        return choose('v128', condition, inside, outside);
      }
      default:
        throw internalError(`${expression.kind} is not computed`);
    }
  }

  #vectorApply({ operation, operands, type }: Expression & { kind: 'apply' }): Code {
    const from = operands[operation === 'select' ? 1 : 0]?.type ?? type;
    const isShift = operation === 'shiftLeft' || operation === 'shiftRight';
    const [first, second] = operands as readonly [Expression, Expression];
    if (isShift && !this.#isVectorial(second)) {
      const shifted = this.vector(first);
      return vectorOperation(operation, type, from, [shifted, this.scalar(second)]);
    }
    if ((operation === 'min' || operation === 'max') && from === 'float32' && second.kind === 'literal' && second.value !== 0) {
      // one instruction of the processor, which gives the first operand where it is not a number
      return op(operation === 'min' ? 'f32x4.pmin' : 'f32x4.pmax', this.vector(first), this.vector(second));
    }
    if (isVectorOperation(operation, from)) {
      return vectorOperation(operation, type, from, inOrderOfRunning(operation, operands, (operand) => this.vector(operand)));
    }
    const locals = operands.map((operand) => {
      const local = this.writer.local('v128');
      return { local, code: set(local, this.vector(operand)) };
    });
    const word = valueType(from);
    const lane = (i: number): Code =>
      scalarOperation(operation, type, from, locals.map(({ local }) => extractLane(word, get(local), i)), this.writer);
    const result = [1, 2, 3].reduce<Code>((vector, i) => replaceLane(word, vector, i, lane(i)), splat(type, lane(0)));
    return [...locals.map(({ code }) => code), result];
  }

  /** The coefficient of the vector axis; null where it is inside a quotient, a remainder or a computed value. */
  #strideOf({ terms }: Position): number | null {
    let stride = 0;
    for (const { atom, coefficient } of terms) {
      if (atom.kind === 'axis') stride += atom.axis === this.vectorAxis ? coefficient : 0;
      else if (this.#isVectorDependent(this.#facts.ofAtom(atom))) return null;
    }
    return stride;
  }

  #vectorLoad(storage: Storage, position: Position): Code | null {
    const stride = this.#strideOf(position);
    if (stride === null) return null;
    const asMask = (words: Code): Code => (storage.type === 'bool' ? op('i32x4.ne', words, literalVector('int32', 0)) : words);
    if (stride === 1) {
      const { code, offset } = this.address(storage, position);
      return asMask(load('v128', code, offset));
    }
    const { code, offset } = this.address(storage, stride < 0 ? plus(position, 3 * stride) : position);
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
    const code: Code[] = [];
    const outer = this.#lane;
    for (let i = 0; i < 4; i++) {
      const { expression: shifted } = mapExpression((a) => (a === axis ? plus(along(a), i) : along(a)), { keepAccumulators: true });
      const element = shifted(expression);
      this.count([element]);
      this.#lane = i;
      const value = this.branch(() => this.scalar(element));
      const signed = expression.type === 'bool' ? op('i32.sub', i32(0), value) : value;
      code.push(set(vector, i === 0 ? op(word === 'f32' ? 'f32x4.splat' : 'i32x4.splat', signed) : replaceLane(word, get(vector), i, signed)));
    }
    this.#lane = outer;
    return [...code, get(vector)];
  }
}

const keyOf = (terms: readonly Term[]): string => terms.map(({ coefficient, key }) => `+${coefficient}${key}`).join('');

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
